-- The lives of units by what their scans say of where they came from, those that are alike together: `lives`, split further.
-- Stands on: unit_lives
-- Stands on: unit_cohorts
-- Grain: as `lives`, and by any of supplier, configuration, month-sold and month-made in `by`; empty where none is known.
-- Age, endings, cohorts, what is left out: as `lives`. Further cohorts: as `unit_cohorts`, but a sale or a COMMISSION that is
--   the origin counts also where only verdicts know of it.
-- Denominator: the sum of `units` over the endings but those left out.
-- Late data: as `unit_lives`.
SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), first_site, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), last_lot, '') AS by_lot,
    if(has({by:Array(String)}, 'month') AND started IS NOT NULL, formatDateTime(started, '%Y-%m', 'UTC'), '') AS by_month,
    if(has({by:Array(String)}, 'supplier'), supplier, '') AS by_supplier,
    if(has({by:Array(String)}, 'configuration'), configuration, '') AS by_configuration,
    if(
        has({by:Array(String)}, 'month-sold'),
        arrayMin(arrayMap(
            moment -> formatDateTime(assumeNotNull(moment), '%Y-%m', 'UTC'),
            arrayFilter(moment -> moment IS NOT NULL, [first_sold, if({origin:String} = 'sold', started, NULL)])
        )),
        ''
    ) AS by_month_sold,
    if(
        has({by:Array(String)}, 'month-made'),
        arrayMin(arrayMap(
            moment -> formatDateTime(assumeNotNull(moment), '%Y-%m', 'UTC'),
            arrayFilter(moment -> moment IS NOT NULL, [first_made, if({origin:String} = 'commissioned', started, NULL)])
        )),
        ''
    ) AS by_month_made,
    if(how = 'UNKNOWN_AGE', 0, entered) AS entry,
    if(how = 'UNKNOWN_AGE', 0, gone) AS exit,
    how AS ending,
    if(how = 'UNKNOWN_AGE', [], arrayMap(moment -> toInt32(toDate32(moment, 'UTC')) - origin_day + 1, moments)) AS ages,
    toInt64(count()) AS units
FROM unit_lives
LEFT JOIN unit_cohorts USING (item, serial)
GROUP BY
    by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made, entry, exit, ending, ages
ORDER BY
    by_item, by_site, by_lot, by_month, by_supplier, by_configuration, by_month_sold, by_month_made, entry, exit, ending, ages
