-- The modes in force: how strictly each rule is enforced, as loaded last.
-- Grain: one row per table of modes that is in force in some partition: one, unless a load is on its way.
-- Denominator: partitions that have accounted a load of modes; in the others every rule has its default.
-- Late data: by arrival; a load refused (another came in between, unsound content) changes nothing.
SELECT
    content,
    author,
    version,
    max(loaded_at) AS received_at,
    toInt64(count()) AS partitions
FROM (
    SELECT
        `partition`,
        argMax(content, ordinal) AS content,
        argMax(author, ordinal) AS author,
        toInt64(argMax(reference_version, ordinal)) AS version,
        argMax(acts.received_at, ordinal) AS loaded_at
    FROM acts
    WHERE kind = 'MODES' AND result = 'APPLIED'
    GROUP BY `partition`
) AS newest
GROUP BY content, author, version
ORDER BY version DESC, author ASC, content ASC
