-- The lives of units, those that are alike together.
-- Stands on: unit_lives
-- Grain: one row per group (any of item, site, lot, month in `by`), entry, exit, ending and ages of the {event}; `units`
--   says how many units it stands for. Units that are left out have the ending UNKNOWN_AGE or NEVER_AT_RISK.
-- Age, endings, cohorts, what is left out: as `unit_lives`; a unit without the chosen origin is never given age 0; the
--   month is that of the origin.
-- Denominator: the sum of `units` over the endings but those left out.
-- Late data: as `unit_lives`.
SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), first_site, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), last_lot, '') AS by_lot,
    if(has({by:Array(String)}, 'month') AND started IS NOT NULL, formatDateTime(started, '%Y-%m', 'UTC'), '') AS by_month,
    if(how = 'UNKNOWN_AGE', 0, entered) AS entry,
    if(how = 'UNKNOWN_AGE', 0, gone) AS exit,
    how AS ending,
    if(how = 'UNKNOWN_AGE', [], arrayMap(moment -> toInt32(toDate32(moment, 'UTC')) - origin_day + 1, moments)) AS ages,
    toInt64(count()) AS units
FROM unit_lives
GROUP BY by_item, by_site, by_lot, by_month, entry, exit, ending, ages
ORDER BY by_item, by_site, by_lot, by_month, entry, exit, ending, ages
