-- Returns per unit sold, by any of item, site, lot and month.
-- Grain: one row per group named in `by` (any of item, site, lot, month); a single row where `by` is empty, none where nothing was sold.
-- Denominator: units with an applied SELL or DISPENSE (ACCEPTED or FLAGGED), each once however often it was sold; with
--   {within} days, those first sold so long before {data_end}: the others are in sold_later, and in neither count.
-- Numerator: those of them with an applied RETURN after their first sale, within {within} days of it (0: ever),
--   each once however often it came back; what a business sent back unsold is no return.
-- Cohort: the site, the lot and the month of the unit's first counted scan (as in failure_rate_observed) by event_time.
-- Also by supplier and configuration (the attribute that an applied scan of the unit stated first), month-sold and
--   month-made (of its first applied SELL or DISPENSE, and COMMISSION); empty where the unit has none.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by newest decision: a sale or a return taken back is in neither count, a late one is in both; scans after
--   {data_end} are ignored.
WITH units AS (
    SELECT
        item,
        serial,
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
        minIf(event_time, step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS first_sale,
        groupArrayIf(event_time, step = 'RETURN' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS came_back
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial
    HAVING sales > 0
),

aged AS (
    SELECT
        *,
        {within:UInt32} = 0 OR first_sale <= {data_end:DateTime64(3, 'UTC')} - toIntervalDay({within:UInt32}) AS is_old
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
    toInt64(countIf(is_old)) AS units,
    toInt64(countIf(
        is_old AND arrayExists(
            back -> back >= first_sale AND ({within:UInt32} = 0 OR back <= first_sale + toIntervalDay({within:UInt32})), came_back
        )
    )) AS returns,
    toInt64(countIf(NOT is_old)) AS sold_later
FROM aged
GROUP BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
ORDER BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
