-- Failures per unit-year of observation, by any of item, site, lot and month.
-- Grain: one row per group named in `by` (any of item, site, lot, month); a single row where `by` is empty, none where nothing was seen.
-- Denominator: unit_days, the sum over units of the days from the first to the last scan whose newest decision is
--   ACCEPTED, FLAGGED, REPEATED or REJECTED SEEN_AFTER_END, both days counted, UTC; a VOID is no sighting.
-- Period: scans after the day {until} are ignored, days before {since} not counted; who has no day left is in no count.
-- Numerator: FAIL scans whose newest decision applied them (ACCEPTED or FLAGGED), on those days.
-- Cohort: a unit belongs to the site, the lot and the month of its first such scan by event_time; ties by arrival.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by event_time and newest decision, so a late scan or a correction moves a unit's days, its cohort and its
--   failures wherever they belong; a scan taken back or beyond the tail is in no count.
WITH units AS (
    SELECT
        item,
        serial,
        toDate(min(event_time), 'UTC') AS first_day,
        toDate(max(event_time), 'UTC') AS last_day,
        argMin((site, coalesce(lot, '')), (event_time, ordinal)) AS cohort,
        countIf(
            step = 'FAIL' AND outcome IN ('ACCEPTED', 'FLAGGED') AND toDate(event_time, 'UTC') >= {since:Date}
        ) AS failed
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
        AND toDate(event_time, 'UTC') <= {until:Date}
    GROUP BY item, serial
    HAVING last_day >= {since:Date}
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), cohort.1, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), cohort.2, '') AS by_lot,
    if(has({by:Array(String)}, 'month'), formatDateTime(first_day, '%Y-%m'), '') AS by_month,
    toInt64(count()) AS units,
    toInt64(sum(last_day - greatest(first_day, {since:Date}) + 1)) AS unit_days,
    toInt64(sum(failed)) AS failures
FROM units
GROUP BY by_item, by_site, by_lot, by_month
ORDER BY by_item, by_site, by_lot, by_month
