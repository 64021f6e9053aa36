-- The names of items and lots of units, by their numbers.
-- Grain: one row per item and lot.
-- Denominator: none, a look-up.
-- Late data: as unit_state.
SELECT
    cityHash64(item, coalesce(lot, '')) AS cell,
    item,
    coalesce(lot, '') AS lot
FROM unit_state
GROUP BY item, lot;
