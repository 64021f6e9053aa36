-- The moves of units that began with the life of a retired label, as numbers: they are in what the label was in. See
-- recall_moves.sql for the columns.
-- Grain: as v_inherited.
-- Denominator: as v_inherited.
-- Late data: as v_inherited.
SELECT
    cityHash64(unit_key) AS unit,
    cityHash64(parent) AS is_in,
    toInt64(toUnixTimestamp64Milli(since) * 4) AS at,
    ordinal
FROM v_inherited
WHERE parent != '';
