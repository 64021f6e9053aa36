-- The lives of units from the first sight, the same rows as `lives` but for the site, found faster: most units were only seen,
-- and of those the first day and the last are all there is to tell.
-- Stands on: unit_lives
-- Grain: as `lives`; age, endings and what is left out too.
-- Denominator: as `lives`.
-- Late data: as `lives`.
-- Special units are worked out from their scans, by `unit_lives`: those with a scan decided at first that may end or be the
--   {event}, and those that have a revised scan. Units are grouped by their number, as there.
WITH ( -- noqa: ST03
    SELECT groupUniqArray(unit_id)
    FROM (
        SELECT unit_id
        FROM unit_events
        WHERE outcome IN ('ACCEPTED', 'FLAGGED') AND step IN ('RETIRE', 'DESTROY', 'REPLACE', 'RELABEL', {event:String})
        UNION ALL
        SELECT unit_id
        FROM unit_revisions
    ) AS units
) AS special,

plain AS (
    SELECT
        any(if(has({by:Array(String)}, 'item'), item, '')) AS plain_item,
        argMax(
            if(has({by:Array(String)}, 'lot'), coalesce(lot, ''), ''), if(has({by:Array(String)}, 'lot'), ordinal, 0)
        ) AS plain_lot,
        toDate32(minIf(event_time, outcome != 'REPEATED'), 'UTC') AS origin_date,
        if(has({by:Array(String)}, 'month'), toStartOfMonth(origin_date), toDate32('1970-01-01')) AS origin_month,
        toDate32(if({exposure:String} = 'observed', max(event_time), {data_end:DateTime64(3, 'UTC')}), 'UTC') AS last_date,
        toInt32(last_date) - toInt32(origin_date) + 1 AS gone
    FROM unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND step != 'VOID' AND reason != 'RETIRED_LABEL'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
        AND unit_id NOT IN (SELECT arrayJoin(special))
    GROUP BY unit_id
    HAVING max(outcome != 'REPEATED')
),

told AS (
    SELECT
        plain_item AS by_item,
        plain_lot AS by_lot,
        if(has({by:Array(String)}, 'month'), formatDateTime(origin_month, '%Y-%m', 'UTC'), '') AS by_month,
        0 AS entry,
        gone AS exit,
        'CENSORED' AS ending,
        [] AS ages,
        toInt64(count()) AS units
    FROM plain
    GROUP BY plain_item, plain_lot, origin_month, gone
    UNION ALL
    SELECT
        if(has({by:Array(String)}, 'item'), item, '') AS by_item,
        if(has({by:Array(String)}, 'lot'), last_lot, '') AS by_lot,
        if(has({by:Array(String)}, 'month') AND started IS NOT NULL, formatDateTime(started, '%Y-%m', 'UTC'), '') AS by_month,
        if(how = 'UNKNOWN_AGE', 0, entered) AS entry,
        if(how = 'UNKNOWN_AGE', 0, gone) AS exit,
        how AS ending,
        if(how = 'UNKNOWN_AGE', [], arrayMap(moment -> toInt32(toDate32(moment, 'UTC')) - origin_day + 1, moments)) AS ages,
        toInt64(count()) AS units
    FROM unit_lives
    WHERE unit_id IN (SELECT arrayJoin(special))
    GROUP BY by_item, by_lot, by_month, entry, exit, ending, ages
)

SELECT
    by_item,
    by_lot,
    by_month,
    entry,
    exit,
    ending,
    ages,
    sum(units) AS units
FROM told
GROUP BY by_item, by_lot, by_month, entry, exit, ending, ages
ORDER BY by_item, by_lot, by_month, entry, exit, ending, ages
