-- Units on hand that nothing has moved for {days} days: no scan that changed their state or site.
-- Grain: one row per item and site with such a unit.
-- Denominator: units: those on hand there (v_stock); dead: those of them last moved {days} whole days or more before {data_end}.
-- Late data: newest decisions; scans after {data_end} are ignored. Being counted or inspected does not bring a unit to life.
WITH idle_units AS (
    SELECT
        item,
        site,
        intDiv(dateDiff('second', coalesce(moved_at, seen_at), {data_end:DateTime64(3, 'UTC')}), 86400) AS idle
    FROM v_stock
    WHERE whereabouts = 'ON_HAND'
)

SELECT
    item,
    site,
    toInt64(count()) AS units,
    toInt64(countIf(idle >= {days:UInt32})) AS dead,
    toInt64(max(idle)) AS longest_idle_days
FROM idle_units
GROUP BY item, site
HAVING dead > 0
ORDER BY dead DESC, item ASC, site ASC
