-- How long units on hand have been at their site, in bands of whole days.
-- Grain: one row per item and site with a unit on hand.
-- Denominator: units on hand (v_stock); age: whole days from arrived_at to {data_end}. The bands sum to units.
-- Late data: newest decisions; scans after {data_end} are ignored.
WITH ages AS (
    SELECT
        item,
        site,
        intDiv(dateDiff('second', coalesce(arrived_at, seen_at), {data_end:DateTime64(3, 'UTC')}), 86400) AS days
    FROM v_stock
    WHERE whereabouts = 'ON_HAND'
)

SELECT
    item,
    site,
    toInt64(count()) AS units,
    toInt64(countIf(days <= 30)) AS days_0_30,
    toInt64(countIf(days BETWEEN 31 AND 90)) AS days_31_90,
    toInt64(countIf(days BETWEEN 91 AND 180)) AS days_91_180,
    toInt64(countIf(days BETWEEN 181 AND 365)) AS days_181_365,
    toInt64(countIf(days > 365)) AS days_over_365,
    toInt64(quantileExactLow(0.5) (days)) AS median_days,
    toInt64(max(days)) AS oldest_days
FROM ages
GROUP BY item, site
ORDER BY item ASC, site ASC
