-- Retired labels, each with the unit it was retired for, as numbers.
-- Grain: one row per retired label.
-- Denominator: none, a look-up.
-- Late data: as unit_state, so a RELABEL that was taken back makes no row.
SELECT
    unit_id AS label,
    cityHash64(assumeNotNull(alias_of)) AS unit
FROM unit_state FINAL
WHERE alias_of IS NOT NULL;
