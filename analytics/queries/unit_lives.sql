-- The life of each unit as statistics of time take it: when it came under observation, when it left and how.
-- Grain: one row per unit of which a scan was applied; `how` is UNKNOWN_AGE or NEVER_AT_RISK where it is left out. A unit is
--   its number, unit_id: of two with the same, once in some 370,000 ledgers of 10,000,000 units, one row is made.
-- Age: whole days, UTC, from {origin}: the first sale (sold), the COMMISSION (commissioned), the first applied scan
--   (first-seen). At risk on (entered, gone]: entered = day of the first applied scan - origin day, 0 if not later; gone =
--   last day - origin day + 1. The last day is that of the first applied {event} (how EVENT), else of the first RETIRE,
--   DESTROY or REPLACE (COMPETING) or RELABEL to another unit (CENSORED), else {data_end} (exposure in-service) or the last
--   scan that counts (observed), CENSORED. With {every}, the {event} ends nothing and `moments` holds each, else its first;
--   first_received says when that became known.
-- Cohort: the site of the first scan that counts, the unit's lot, origin_day (days since 1970).
-- Denominator: none; whoever counts says which.
-- Late data: by newest decision; scans after {data_end} are ignored, whoever they concern.
WITH counted AS (
    SELECT
        unit_id,
        item,
        serial,
        step,
        site,
        lot,
        event_time,
        received_at,
        ordinal,
        if({origin:String} = 'commissioned', step = 'COMMISSION', step IN ('SELL', 'DISPENSE')) AS is_origin,
        if({origin:String} = 'commissioned', commissioned_at, sold_at) AS origin_known,
        outcome IN ('ACCEPTED', 'FLAGGED') AS is_applied,
        step = 'RELABEL' AND coalesce(cityHash64(other_unit) != unit_id, FALSE) AS is_relabelled
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND step != 'VOID' AND reason != 'RETIRED_LABEL'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
),

units AS (
    SELECT
        unit_id,
        any(item) AS item,
        any(serial) AS serial,
        argMin(site, (event_time, ordinal)) AS first_site,
        argMax(coalesce(lot, ''), ordinal) AS last_lot,
        minOrNullIf(event_time, is_applied) AS seen,
        max(event_time) AS last_scan,
        if({origin:String} = 'first-seen', seen, minOrNullIf(event_time, is_origin AND is_applied)) AS scanned,
        if({origin:String} = 'first-seen', NULL, minOrNullIf(origin_known, is_applied)) AS known,
        if(scanned IS NULL OR known IS NULL, coalesce(scanned, known), least(scanned, known)) AS started,
        arraySort(groupArrayIf(event_time, step = {event:String} AND is_applied)) AS happened,
        arraySort(groupArrayIf((event_time, received_at), step = {event:String} AND is_applied)) AS happened_received,
        arraySort(groupArrayIf(
            (event_time, if(is_relabelled, 'CENSORED', 'COMPETING')),
            is_applied AND (step IN ('RETIRE', 'DESTROY', 'REPLACE') OR is_relabelled)
        )) AS ends
    FROM counted
    GROUP BY unit_id
    HAVING countIf(is_applied) > 0
)

SELECT
    unit_id,
    item,
    serial,
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
    ) AS moments,
    tupleElement(arrayFirst(moment -> moment.1 >= assumeNotNull(started), happened_received), 2) AS first_received,
    toInt32(toDate32(assumeNotNull(started), 'UTC')) AS origin_day,
    greatest(toInt32(toDate32(assumeNotNull(seen), 'UTC')) - origin_day, 0) AS entered,
    toInt32(toDate32(assumeNotNull(last_moment), 'UTC')) - origin_day + 1 AS gone,
    multiIf(
        started IS NULL, 'UNKNOWN_AGE', gone <= entered, 'NEVER_AT_RISK', NOT goes_on, 'EVENT',
        ended IS NOT NULL, ended.2, 'CENSORED'
    ) AS how
FROM units
