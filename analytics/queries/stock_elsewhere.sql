-- The units that are not on hand, by where they are instead: what a report of stock leaves out.
-- Grain: one row per whereabouts but ON_HAND.
-- Denominator: units of items with an applied scan (v_stock).
-- Late data: as v_stock.
SELECT
    whereabouts,
    toInt64(count()) AS units
FROM v_stock
WHERE whereabouts != 'ON_HAND'
GROUP BY whereabouts
ORDER BY whereabouts ASC
