-- The lives of units in service, the same rows as `lives` with exposure in-service and origin sold or commissioned, found
-- faster: most units have only a sale or a COMMISSION, and unit_state knows when. Not by site, and not as of a past day.
-- Grain: as `lives`; age, endings and what is left out too.
-- Denominator: as `lives`.
-- Late data: as `lives`.
-- Special units are worked out from their scans as in `lives`: those with a scan applied at first of {event}, RETIRE,
--   DESTROY, REPLACE or RELABEL; those that go on under a new label, sold or commissioned more than once, or revised. Every
--   other unit has come under observation at its origin at the latest, and is in service until {data_end}.
WITH special AS (
    SELECT
        item,
        serial
    FROM unit_events
    WHERE step IN ('RETIRE', 'DESTROY', 'REPLACE', 'RELABEL', {event:String}) AND outcome IN ('ACCEPTED', 'FLAGGED')
    UNION DISTINCT
    SELECT
        item,
        serial
    FROM unit_revisions
    UNION DISTINCT
    SELECT
        item,
        serial
    FROM unit_state FINAL
    WHERE unit_key IN (SELECT unit_key FROM v_labels)
    UNION DISTINCT
    SELECT
        item,
        serial
    FROM unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED')
        AND step IN ('SELL', 'DISPENSE', 'COMMISSION') AND (step = 'COMMISSION') = ({origin:String} = 'commissioned')
    GROUP BY item, serial
    HAVING count() > 1
),

plain AS (
    SELECT
        item,
        coalesce(lot, '') AS last_lot,
        if({origin:String} = 'commissioned', commissioned_at, sold_at) AS started,
        toInt32(toDate32({data_end:DateTime64(3, 'UTC')}, 'UTC')) - toInt32(toDate32(assumeNotNull(started), 'UTC')) + 1 AS gone
    FROM unit_state FINAL
    WHERE applied > 0 AND (item, serial) NOT IN (SELECT
        item,
        serial
    FROM special)
),

counted AS (
    SELECT
        item,
        serial,
        step,
        lot,
        event_time,
        ordinal,
        sold_at,
        commissioned_at,
        outcome IN ('ACCEPTED', 'FLAGGED') AS is_applied,
        step = 'RELABEL' AND other_unit IS NOT NULL AND other_unit != unit_key AS is_relabelled
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND step != 'VOID' AND reason != 'RETIRED_LABEL'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
        AND (item, serial) IN (SELECT
            item,
            serial
        FROM special)
),

units AS (
    SELECT
        item,
        argMax(coalesce(lot, ''), ordinal) AS last_lot,
        minOrNullIf(event_time, is_applied) AS seen,
        if(
            {origin:String} = 'commissioned',
            minOrNullIf(event_time, step = 'COMMISSION' AND is_applied),
            minOrNullIf(event_time, step IN ('SELL', 'DISPENSE') AND is_applied)
        ) AS scanned,
        if(
            {origin:String} = 'commissioned', minOrNullIf(commissioned_at, is_applied), minOrNullIf(sold_at, is_applied)
        ) AS known,
        if(scanned IS NULL OR known IS NULL, coalesce(scanned, known), least(scanned, known)) AS started,
        arraySort(groupArrayIf(event_time, step = {event:String} AND is_applied)) AS happened,
        arraySort(groupArrayIf(
            (event_time, if(is_relabelled, 'CENSORED', 'COMPETING')),
            is_applied AND (step IN ('RETIRE', 'DESTROY', 'REPLACE') OR is_relabelled)
        )) AS ends
    FROM counted
    GROUP BY item, serial
    HAVING countIf(is_applied) > 0
),

spans AS (
    SELECT
        item,
        last_lot,
        started,
        arrayFilter(moment -> moment >= assumeNotNull(started), happened) AS happened_after,
        arrayFirstOrNull(moment -> moment.1 >= assumeNotNull(started), ends) AS ended,
        {every:Bool} OR empty(happened_after) AS goes_on,
        multiIf(NOT goes_on, happened_after[1], ended IS NOT NULL, ended.1, {data_end:DateTime64(3, 'UTC')}) AS last_moment,
        arrayFilter(
            moment -> toDate32(moment, 'UTC') <= toDate32(assumeNotNull(last_moment), 'UTC'),
            if({every:Bool}, happened_after, arraySlice(happened_after, 1, 1))
        ) AS counted_moments,
        toInt32(toDate32(assumeNotNull(started), 'UTC')) AS origin_day,
        greatest(toInt32(toDate32(assumeNotNull(seen), 'UTC')) - origin_day, 0) AS entered,
        toInt32(toDate32(assumeNotNull(last_moment), 'UTC')) - origin_day + 1 AS gone,
        multiIf(
            started IS NULL, 'UNKNOWN_AGE', gone <= entered, 'NEVER_AT_RISK', NOT goes_on, 'EVENT',
            ended IS NOT NULL, ended.2, 'CENSORED'
        ) AS how
    FROM units
),

lives AS (
    SELECT
        item,
        last_lot,
        started,
        entered,
        gone,
        how,
        arrayMap(moment -> toInt32(toDate32(moment, 'UTC')) - origin_day + 1, counted_moments) AS happened_at
    FROM spans
    UNION ALL
    SELECT
        item,
        last_lot,
        started,
        0 AS entered,
        gone,
        multiIf(started IS NULL, 'UNKNOWN_AGE', gone <= 0, 'NEVER_AT_RISK', 'CENSORED') AS how,
        [] AS happened_at
    FROM plain
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'lot'), last_lot, '') AS by_lot,
    if(has({by:Array(String)}, 'month') AND started IS NOT NULL, formatDateTime(started, '%Y-%m', 'UTC'), '') AS by_month,
    if(how = 'UNKNOWN_AGE', 0, entered) AS entry,
    if(how = 'UNKNOWN_AGE', 0, gone) AS exit,
    how AS ending,
    if(how = 'UNKNOWN_AGE', [], happened_at) AS ages,
    toInt64(count()) AS units
FROM lives
GROUP BY by_item, by_lot, by_month, entry, exit, ending, ages
ORDER BY by_item, by_lot, by_month, entry, exit, ending, ages
