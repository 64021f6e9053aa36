-- The keys of units that no scan was of, only that something was built into them.
-- Grain: one row per unit named.
-- Denominator: products that an INSTALL names.
-- Late data: does not matter, these are names.
SELECT DISTINCT
    cityHash64(assumeNotNull(other_unit)) AS unit,
    assumeNotNull(other_unit) AS unit_key
FROM unit_events
WHERE step = 'INSTALL' AND other_unit IS NOT NULL AND cityHash64(assumeNotNull(other_unit)) IN {units:Array(UInt64)};
