-- Failures per unit-year in service, by any of item, site, lot and month.
-- Grain: one row per group named in `by` (any of item, site, lot, month), also of units that are all left out; a single
--   row where `by` is empty.
-- Denominator: unit_days, the sum over units of the days from the first applied SELL or DISPENSE (where there is none:
--   COMMISSION) to the first applied FAIL, RETIRE, DESTROY or REPLACE after it, else to the data's end; both days counted,
--   UTC. A unit neither sold nor commissioned is not counted: unknown_age says how many.
-- The data's end is {data_end}; where that is 2299-01-01, the greatest event_time of an ACCEPTED, FLAGGED or REPEATED scan.
-- Period: days before {since} are not counted; a unit that has no day left is in no count.
-- Numerator: applied FAIL scans within that time: a failure before the sale, or after the end, has no exposure here;
--   failures_outside says how many.
-- Cohort: the site, the lot and the month of the unit's first counted scan (as in failure_rate_observed) by event_time.
-- Also by supplier and configuration (the attribute that an applied scan of the unit stated first), month-sold and
--   month-made (of its first applied SELL or DISPENSE, and COMMISSION); empty where the unit has none.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by event_time and newest decision; the end of the ledger moves with the newest scan of any unit.
--   Scans after {data_end} are ignored.
WITH ledger AS (
    SELECT max(event_time) AS latest
    FROM v_life_events
    WHERE outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND event_time <= {data_end:DateTime64(3, 'UTC')}
),

units AS (
    SELECT
        item,
        min(event_time) AS first_seen,
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
        countIf(step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS sales,
        countIf(step = 'COMMISSION' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS commissions,
        minIf(event_time, step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS sold,
        minIf(event_time, step = 'COMMISSION' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS commissioned,
        groupArrayIf(
            event_time, step IN ('FAIL', 'RETIRE', 'DESTROY', 'REPLACE') AND outcome IN ('ACCEPTED', 'FLAGGED')
        ) AS ends,
        groupArrayIf(event_time, step = 'FAIL' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS failed
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial
),

spans AS (
    SELECT
        item,
        first_seen,
        cohort,
        supplier,
        configuration,
        first_sold,
        first_made,
        sales + commissions > 0 AS has_origin,
        if(sales > 0, sold, commissioned) AS started,
        arrayFilter(moment -> moment >= started, ends) AS ends_after,
        if(
            {data_end:DateTime64(3, 'UTC')} < toDateTime64('2299-01-01 00:00:00', 3, 'UTC'),
            {data_end:DateTime64(3, 'UTC')}, (SELECT assumeNotNull(latest) FROM ledger)
        ) AS data_ended,
        if(empty(ends_after), data_ended, arrayMin(ends_after)) AS ended,
        has_origin AND toDate(ended, 'UTC') >= {since:Date} AS is_counted,
        arrayCount(moment -> toDate(moment, 'UTC') >= {since:Date}, failed) AS failures_since,
        if(
            is_counted,
            arrayCount(moment -> moment >= started AND moment <= ended AND toDate(moment, 'UTC') >= {since:Date}, failed), 0
        ) AS failures_within
    FROM units
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), cohort.1, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), cohort.2, '') AS by_lot,
    if(has({by:Array(String)}, 'month'), formatDateTime(first_seen, '%Y-%m', 'UTC'), '') AS by_month,
    if(has({by:Array(String)}, 'supplier'), supplier, '') AS by_supplier,
    if(has({by:Array(String)}, 'configuration'), configuration, '') AS by_configuration,
    if(
        has({by:Array(String)}, 'month-sold') AND first_sold IS NOT NULL, formatDateTime(assumeNotNull(first_sold), '%Y-%m', 'UTC'), ''
    ) AS by_month_sold,
    if(
        has({by:Array(String)}, 'month-made') AND first_made IS NOT NULL, formatDateTime(assumeNotNull(first_made), '%Y-%m', 'UTC'), ''
    ) AS by_month_made,
    toInt64(countIf(is_counted)) AS units,
    toInt64(coalesce(sumIf(toDate(ended, 'UTC') - greatest(toDate(started, 'UTC'), {since:Date}) + 1, is_counted), 0)) AS unit_days,
    toInt64(sum(failures_within)) AS failures,
    toInt64(countIf(NOT has_origin)) AS unknown_age,
    toInt64(sum(failures_since - failures_within)) AS failures_outside
FROM spans
GROUP BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
ORDER BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
