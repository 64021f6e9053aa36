-- Units by their numbers: key, item, serial, lot. An empty list of numbers: every unit.
-- Grain: one row per unit.
-- Denominator: units with a scan that left a fact.
-- Late data: as unit_state.
SELECT
    unit_id AS unit,
    unit_key,
    item,
    serial,
    coalesce(lot, '') AS lot
FROM unit_state FINAL
WHERE empty({units:Array(UInt64)}) OR unit_id IN {units:Array(UInt64)};
