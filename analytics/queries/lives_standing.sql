-- The lives of units as they stand now, the same rows as `lives` but for the site, found faster: most units have no more to
-- tell than a sale or a COMMISSION, and unit_state knows when. Not as of a past day, not from the first sight.
-- Stands on: unit_lives
-- Grain: as `lives`; age, endings and what is left out too.
-- Denominator: as `lives`.
-- Late data: as `lives`.
-- Special units are worked out from their scans, by `unit_lives`: those with a scan applied at first of {event}, RETIRE,
--   DESTROY, REPLACE or RELABEL; that are named by a RELABEL; that were sold or commissioned more than once, or out of order,
--   which unit_state does not show; that have a revised scan; where they are observed, that were read twice. They are told
--   by their number, as in `unit_lives`. Every other unit has come under observation at its origin at the latest, and is
--   followed until {data_end} or its last applied scan.
WITH ( -- noqa: ST03
    SELECT groupUniqArray(unit_id)
    FROM (
        SELECT unit_id
        FROM unit_events
        WHERE
            (
                outcome IN ('ACCEPTED', 'FLAGGED')
                AND (
                    step IN ('RETIRE', 'DESTROY', 'REPLACE', 'RELABEL', {event:String})
                    OR (
                        step IN ('SELL', 'DISPENSE', 'COMMISSION')
                        AND (step = 'COMMISSION') = ({origin:String} = 'commissioned')
                    )
                    OR (step = 'COMMISSION' AND state_before NOT IN ('NONE', ''))
                )
            )
            OR (outcome = 'REPEATED' AND {exposure:String} = 'observed')
        GROUP BY unit_id
        HAVING
            count() > 1
            OR max(step NOT IN ('SELL', 'DISPENSE', 'COMMISSION'))
            OR max(outcome = 'REPEATED')
            OR max(step = 'COMMISSION' AND state_before NOT IN ('NONE', ''))
            OR max(reason IN ('ILLEGAL_TRANSITION', 'RETURN_NOT_SOLD'))
        UNION ALL
        SELECT unit_id
        FROM unit_revisions
        UNION ALL
        SELECT cityHash64(assumeNotNull(other_unit)) AS unit_id
        FROM unit_events
        WHERE step = 'RELABEL' AND other_unit IS NOT NULL
    ) AS units
) AS special,

plain AS (
    SELECT
        if(has({by:Array(String)}, 'item'), item, '') AS plain_item,
        if(has({by:Array(String)}, 'lot'), lot, NULL) AS plain_lot,
        toDate32(if({origin:String} = 'commissioned', commissioned_at, sold_at), 'UTC') AS origin_date,
        if(has({by:Array(String)}, 'month'), toStartOfMonth(origin_date), NULL) AS origin_month,
        toDate32(
            if({exposure:String} = 'observed', assumeNotNull(last_event_time), {data_end:DateTime64(3, 'UTC')}), 'UTC'
        ) AS last_date,
        toInt32(last_date) - toInt32(origin_date) + 1 AS gone
    FROM unit_state FINAL
    WHERE applied > 0 AND unit_id NOT IN (SELECT arrayJoin(special))
),

told AS (
    SELECT
        plain_item AS by_item,
        coalesce(plain_lot, '') AS by_lot,
        if(origin_month IS NULL, '', formatDateTime(origin_month, '%Y-%m', 'UTC')) AS by_month,
        0 AS entry,
        coalesce(gone, 0) AS exit,
        multiIf(gone IS NULL, 'UNKNOWN_AGE', gone <= 0, 'NEVER_AT_RISK', 'CENSORED') AS ending,
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
