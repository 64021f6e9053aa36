-- How many units of each item are on hand at each site.
-- Grain: one row per item and site with a unit on hand.
-- Denominator: units of items whose state says on hand (v_stock); what is in transit, sold, installed, in service, failed or
--   ended is in no row, nor are units without an item. held, returned and in_repair are parts of units.
-- Late data: newest decisions; scans after the end of the ledger, or the time asked for, are ignored.
SELECT
    item,
    site,
    toInt64(count()) AS units,
    toInt64(countIf(state = 'HELD')) AS held,
    toInt64(countIf(state = 'RETURNED')) AS returned,
    toInt64(countIf(state = 'IN_REPAIR')) AS in_repair
FROM v_stock
WHERE whereabouts = 'ON_HAND'
GROUP BY item, site
ORDER BY item ASC, site ASC
