-- The units on a recall's list, as numbers and keys.
-- Grain: one row per unit.
-- Denominator: units affected when it was started; with those that had joined when it was closed.
-- Late data: does not matter, a list is not changed.
SELECT
    cityHash64(unit_key) AS unit,
    unit_key,
    item,
    serial,
    lot,
    has_joined
FROM recall_units FINAL
WHERE recall = {recall:String}
ORDER BY has_joined ASC, item ASC, serial ASC;
