-- The lives of units as statistics of time take them: when each came under observation, when it left and how, how often.
-- Grain: one row per group (any of item, site, lot, month in `by`), entry, exit, ending and ages of the event; `units`
--   says how many units it stands for. Units that are left out have the ending UNKNOWN_AGE or NEVER_AT_RISK.
-- Age: whole days, UTC, from {origin}: the first sale (sold), the COMMISSION (commissioned), the first applied scan
--   (first-seen). At risk on (entry, exit]: entry = day of the first applied scan - origin day, 0 if not later; exit =
--   last day - origin day + 1. The last day is that of the first applied {event} (ending EVENT), else of the first RETIRE,
--   DESTROY or REPLACE (COMPETING) or RELABEL to another unit (CENSORED), else {data_end} (exposure in-service) or the last
--   scan that counts (observed), CENSORED. With {every}, the {event} ends nothing and `ages` holds each, else its first.
-- Left out: UNKNOWN_AGE, a unit without the chosen origin, which is never given age 0; an {event} before the origin; a
--   unit of which no scan was applied.
-- Cohort: the site of the first scan that counts, the unit's lot, the month of the origin.
-- Denominator: the sum of `units` over the endings but those left out.
-- Late data: by newest decision; scans after {data_end} are ignored, whoever they concern.
WITH counted AS (
    SELECT
        item,
        serial,
        step,
        site,
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
),

units AS (
    SELECT
        item,
        argMin(site, (event_time, ordinal)) AS first_site,
        argMax(coalesce(lot, ''), ordinal) AS last_lot,
        minOrNullIf(event_time, is_applied) AS seen,
        max(event_time) AS last_scan,
        multiIf(
            {origin:String} = 'first-seen', seen,
            {origin:String} = 'commissioned', minOrNullIf(event_time, step = 'COMMISSION' AND is_applied),
            minOrNullIf(event_time, step IN ('SELL', 'DISPENSE') AND is_applied)
        ) AS scanned,
        multiIf(
            {origin:String} = 'first-seen', NULL,
            {origin:String} = 'commissioned', minOrNullIf(commissioned_at, is_applied),
            minOrNullIf(sold_at, is_applied)
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
        first_site,
        last_lot,
        started,
        arrayFilter(moment -> moment >= assumeNotNull(started), happened) AS happened_after,
        arrayFirstOrNull(moment -> moment.1 >= assumeNotNull(started), ends) AS ended,
        if({exposure:String} = 'observed', last_scan, {data_end:DateTime64(3, 'UTC')}) AS watched_until,
        {every:Bool} OR empty(happened_after) AS goes_on,
        multiIf(NOT goes_on, happened_after[1], ended IS NOT NULL, ended.1, watched_until) AS last_moment,
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
)

SELECT
    if(has({by:Array(String)}, 'item'), item, '') AS by_item,
    if(has({by:Array(String)}, 'site'), first_site, '') AS by_site,
    if(has({by:Array(String)}, 'lot'), last_lot, '') AS by_lot,
    if(has({by:Array(String)}, 'month') AND started IS NOT NULL, formatDateTime(started, '%Y-%m', 'UTC'), '') AS by_month,
    if(how = 'UNKNOWN_AGE', 0, entered) AS entry,
    if(how = 'UNKNOWN_AGE', 0, gone) AS exit,
    how AS ending,
    if(how = 'UNKNOWN_AGE', [], arrayMap(moment -> toInt32(toDate32(moment, 'UTC')) - origin_day + 1, counted_moments)) AS ages,
    toInt64(count()) AS units
FROM spans
GROUP BY by_item, by_site, by_lot, by_month, entry, exit, ending, ages
ORDER BY by_item, by_site, by_lot, by_month, entry, exit, ending, ages
