-- Returns within some days of the sale, per unit sold that long ago, by any of item, site, lot and month.
-- Grain: one row per group named in `by` (any of item, site, lot, month) and number of days in {days}; none where nothing was sold.
-- Denominator: units with an applied SELL or DISPENSE (ACCEPTED or FLAGGED) on a day at least so many days before the day
--   of {data_end}, counted from the first one; each once.
-- Numerator: those of them with an applied RETURN on or after the sale and at most so many days after it, UTC days.
-- Cohort: the site and the lot of the unit's first counted scan (as in failure_rate_observed), the month of its first sale.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by newest decision; scans after {data_end} are ignored.
WITH units AS (
    SELECT
        item,
        serial,
        argMin((site, coalesce(lot, '')), (event_time, ordinal)) AS cohort,
        countIf(step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS sales,
        minIf(event_time, step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS sold,
        groupArrayIf(event_time, step = 'RETURN' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS came_back
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial
    HAVING sales > 0
),

sales AS (
    SELECT
        item,
        cohort,
        sold,
        toDate(sold, 'UTC') AS sold_on,
        arrayMap(moment -> toDate(moment, 'UTC') - sold_on, arrayFilter(moment -> moment >= sold, came_back)) AS ages
    FROM units
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), cohort.1, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), cohort.2, '') AS by_lot,
    if(has({by:Array(String)}, 'month'), formatDateTime(sold, '%Y-%m', 'UTC'), '') AS by_month,
    toInt64(within) AS days,
    toInt64(count()) AS units,
    toInt64(countIf(arrayExists(age -> age <= within, ages))) AS returns
FROM sales
ARRAY JOIN {days:Array(UInt32)} AS within
WHERE sold_on + within <= toDate({data_end:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY by_item, by_site, by_lot, by_month, days
ORDER BY by_item, by_site, by_lot, by_month, days
