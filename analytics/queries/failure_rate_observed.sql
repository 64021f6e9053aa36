-- Failures per unit-year of observation, by any of item, site, lot and month.
-- Grain: one row per group named in `by` (any of item, site, lot, month); a single row where `by` is empty, none where nothing was seen.
-- Denominator: unit_days, the sum over units of the days from the first to the last scan whose newest decision is
--   ACCEPTED, FLAGGED, REPEATED or REJECTED SEEN_AFTER_END, both days counted, UTC; a VOID is no sighting.
-- Period: days before {since} are not counted; a unit that has no day left is in no count.
-- Numerator: FAIL scans whose newest decision applied them (ACCEPTED or FLAGGED), on those days.
-- Cohort: a unit belongs to the site, the lot and the month of its first such scan by event_time; ties by arrival.
-- Also by supplier and configuration (the attribute that an applied scan of the unit stated first), month-sold and
--   month-made (of its first applied SELL or DISPENSE, and COMMISSION); empty where the unit has none.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by event_time and newest decision, so a late scan or a correction moves a unit's days, its cohort and its
--   failures wherever they belong; a scan taken back or beyond the tail is in no count; scans after
--   {data_end} are ignored.
WITH units AS (
    SELECT
        item,
        serial,
        toDate(min(event_time), 'UTC') AS first_day,
        toDate(max(event_time), 'UTC') AS last_day,
        argMin((site, coalesce(lot, '')), (event_time, ordinal)) AS cohort,
        argMinIf(
            if(has({by:Array(String)}, 'supplier'), attributes.value[indexOf(attributes.name, 'supplier')], ''),
            (event_time, ordinal),
            has({by:Array(String)}, 'supplier') AND outcome IN ('ACCEPTED', 'FLAGGED')
            AND attributes.value[indexOf(attributes.name, 'supplier')] != ''
        ) AS supplier,
        argMinIf(
            if(has({by:Array(String)}, 'configuration'), attributes.value[indexOf(attributes.name, 'configuration')], ''),
            (event_time, ordinal),
            has({by:Array(String)}, 'configuration') AND outcome IN ('ACCEPTED', 'FLAGGED')
            AND attributes.value[indexOf(attributes.name, 'configuration')] != ''
        ) AS configuration,
        minOrNullIf(event_time, step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS first_sold,
        minOrNullIf(event_time, step = 'COMMISSION' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS first_made,
        countIf(
            step = 'FAIL' AND outcome IN ('ACCEPTED', 'FLAGGED') AND toDate(event_time, 'UTC') >= {since:Date}
        ) AS failed
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial
    HAVING last_day >= {since:Date}
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), cohort.1, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), cohort.2, '') AS by_lot,
    if(has({by:Array(String)}, 'month'), formatDateTime(first_day, '%Y-%m'), '') AS by_month,
    if(has({by:Array(String)}, 'supplier'), supplier, '') AS by_supplier,
    if(has({by:Array(String)}, 'configuration'), configuration, '') AS by_configuration,
    if(
        has({by:Array(String)}, 'month-sold') AND first_sold IS NOT NULL, formatDateTime(assumeNotNull(first_sold), '%Y-%m', 'UTC'), ''
    ) AS by_month_sold,
    if(
        has({by:Array(String)}, 'month-made') AND first_made IS NOT NULL, formatDateTime(assumeNotNull(first_made), '%Y-%m', 'UTC'), ''
    ) AS by_month_made,
    toInt64(count()) AS units,
    toInt64(sum(last_day - greatest(first_day, {since:Date}) + 1)) AS unit_days,
    toInt64(sum(failed)) AS failures
FROM units
GROUP BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
ORDER BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
