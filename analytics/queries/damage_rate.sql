-- Units ever found damaged per unit, by any of item, site, lot, month, supplier, configuration, month-sold and month-made.
-- Stands on: what_sites_send
-- Grain: one row per group named in `by`, also of units that are all left out; a single row where `by` is empty, none where
--   nothing was applied.
-- Denominator: units with an applied scan (ACCEPTED or FLAGGED) at a site that ever states a condition or a flag, as the report
--   damage has them: elsewhere nobody can say damaged. `unstating` are the other units, `without_item` those without an item.
-- Numerator: those of them with an applied scan whose condition, or the flags it sets, say `damaged`.
-- Cohort: the site where the unit was first seen by an applied scan, of those sites; the lot and the month of its first counted
--   scan (as in failure_rate_observed) by event_time.
-- Also by supplier and configuration (the attribute that an applied scan of the unit stated first), month-sold and
--   month-made (of its first applied SELL or DISPENSE, and COMMISSION); empty where the unit has none.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by newest decision: a scan taken back is in no count, a late one is in all; scans after
--   {data_end} are ignored.
WITH stating AS (
    SELECT site
    FROM what_sites_send
    WHERE states_condition > 0
),

units AS (
    SELECT
        item,
        serial,
        min(event_time) AS first_seen,
        argMin(coalesce(lot, ''), (event_time, ordinal)) AS first_lot,
        argMinIf(
            site, (event_time, ordinal), outcome IN ('ACCEPTED', 'FLAGGED') AND site IN (SELECT stating.site FROM stating)
        ) AS first_site,
        countIf(outcome IN ('ACCEPTED', 'FLAGGED') AND site IN (SELECT stating.site FROM stating)) > 0 AS is_judged,
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
        countIf(outcome IN ('ACCEPTED', 'FLAGGED')) AS applied,
        countIf(
            outcome IN ('ACCEPTED', 'FLAGGED') AND (
                has(splitByChar(' ', coalesce(toString(condition), '')), 'damaged')
                OR has(splitByChar(' ', coalesce(toString(flags_set), '')), 'damaged')
            )
        ) AS broken
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial
    HAVING applied > 0
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), first_site, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), first_lot, '') AS by_lot,
    if(has({by:Array(String)}, 'month'), formatDateTime(first_seen, '%Y-%m', 'UTC'), '') AS by_month,
    if(has({by:Array(String)}, 'supplier'), supplier, '') AS by_supplier,
    if(has({by:Array(String)}, 'configuration'), configuration, '') AS by_configuration,
    if(
        has({by:Array(String)}, 'month-sold') AND first_sold IS NOT NULL, formatDateTime(assumeNotNull(first_sold), '%Y-%m', 'UTC'), ''
    ) AS by_month_sold,
    if(
        has({by:Array(String)}, 'month-made') AND first_made IS NOT NULL, formatDateTime(assumeNotNull(first_made), '%Y-%m', 'UTC'), ''
    ) AS by_month_made,
    toInt64(countIf(item != '' AND is_judged)) AS units,
    toInt64(countIf(item != '' AND broken > 0)) AS damaged,
    toInt64(countIf(item != '' AND NOT is_judged)) AS unstating,
    toInt64(countIf(item = '')) AS without_item
FROM units
GROUP BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
ORDER BY by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made
