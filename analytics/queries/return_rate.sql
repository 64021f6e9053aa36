-- Returns per unit sold, by any of item, site, lot and month.
-- Grain: one row per group named in `by` (any of item, site, lot, month); a single row where `by` is empty, none where nothing was sold.
-- Denominator: units with an applied SELL or DISPENSE (ACCEPTED or FLAGGED), each once however often it was sold.
-- Numerator: those of them with an applied RETURN after their first sale, each once however often it came back; what a
-- business sent back unsold is no return.
-- Cohort: the site, the lot and the month of the unit's first counted scan (as in failure_rate_observed) by event_time.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by newest decision: a sale or a return taken back is in neither count, a late one is in both.
WITH units AS (
    SELECT
        item,
        serial,
        min(event_time) AS first_seen,
        argMin((site, coalesce(lot, '')), (event_time, ordinal)) AS cohort,
        countIf(step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS sales,
        minIf(event_time, step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS first_sale,
        countIf(step = 'RETURN' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS came_back,
        maxIf(event_time, step = 'RETURN' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS last_return
    FROM v_life_events
    WHERE (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
    GROUP BY item, serial
    HAVING sales > 0
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), cohort.1, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), cohort.2, '') AS by_lot,
    if(has({by:Array(String)}, 'month'), formatDateTime(first_seen, '%Y-%m', 'UTC'), '') AS by_month,
    toInt64(count()) AS units,
    toInt64(countIf(came_back > 0 AND last_return >= first_sale)) AS returns
FROM units
GROUP BY by_item, by_site, by_lot, by_month
ORDER BY by_item, by_site, by_lot, by_month
