-- The labels that were retired for some units directly.
-- Grain: one row per retired label.
-- Denominator: none, a look-up.
-- Late data: as unit_state has it, so a RELABEL that was taken back makes no row.
SELECT unit_key AS label
FROM unit_state FINAL
WHERE
    (item, serial) IN (
        SELECT
            item,
            serial
        FROM unit_state AS candidates
        WHERE alias_of IN (SELECT arrayJoin({units:Array(String)}))
    )
    AND alias_of IN (SELECT arrayJoin({units:Array(String)}))
ORDER BY label
