-- Up to when the ledger knows: what every statistic of time names beside its numbers.
-- Grain: one row; data_end is null where the ledger holds no scan that counts.
-- Denominator: scans, that is ACCEPTED, FLAGGED and REPEATED ones by newest decision, up to {as_of}; never the clock.
-- Late data: p95_delay_seconds is the delay (received_at - event_time) that 95 % of those scans kept within; what is
--   younger than that before data_end may not be complete.
-- The same as over `v_unit_events`, found faster: a revision matters here only where a scan that counted does not
--   any more, or the other way round. Units with one of the former are special, their scans are looked at one by one; so are
--   the few scans that did not count at first. Of all others no place in the log is read, nor their unit where none is special.
-- Which units are special is worked out once: a revision that comes meanwhile must not have one counted twice, or not at all.
WITH ( -- noqa: ST03
    SELECT groupUniqArray((item, serial, unit_id))
    FROM (
        SELECT
            any(item) AS item,
            any(serial) AS serial,
            any(unit_id) AS unit_id
        FROM unit_revisions
        GROUP BY `partition`, ordinal
        HAVING argMax(outcome, sequence) NOT IN ('ACCEPTED', 'FLAGGED', 'REPEATED')
    ) AS taken_back
) AS special,

newest AS (
    SELECT
        `partition`,
        ordinal,
        argMax(outcome, sequence) AS newest_outcome
    FROM unit_revisions
    GROUP BY `partition`, ordinal
),

scanned AS (
    SELECT
        count() AS scans,
        maxOrNull(event_time) AS latest,
        quantileExactOrNullState(0.95) (dateDiff('second', event_time, received_at)) AS delays
    FROM unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND event_time <= {as_of:DateTime64(3, 'UTC')}
        AND (empty(special) OR unit_id NOT IN (SELECT tupleElement(arrayJoin(special), 3)))
    UNION ALL
    SELECT
        count() AS scans,
        maxOrNull(event_time) AS latest,
        quantileExactOrNullState(0.95) (dateDiff('second', event_time, received_at)) AS delays
    FROM unit_events
    LEFT ANY JOIN newest USING (`partition`, ordinal)
    WHERE
        event_time <= {as_of:DateTime64(3, 'UTC')}
        AND (item, serial) IN (SELECT arrayJoin(arrayMap(unit -> (unit.1, unit.2), special)))
        AND if(coalesce(newest_outcome, '') = '', outcome, newest_outcome) IN ('ACCEPTED', 'FLAGGED', 'REPEATED')
    UNION ALL
    SELECT
        count() AS scans,
        maxOrNull(event_time) AS latest,
        quantileExactOrNullState(0.95) (dateDiff('second', event_time, received_at)) AS delays
    FROM unit_events
    WHERE
        outcome NOT IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND event_time <= {as_of:DateTime64(3, 'UTC')}
        AND unit_id NOT IN (SELECT tupleElement(arrayJoin(special), 3))
        AND (`partition`, ordinal) IN ( -- noqa
            SELECT
                `partition`,
                ordinal
            FROM newest
            WHERE newest_outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED')
        )
)

SELECT
    toInt64(sum(scans)) AS scans,
    maxOrNull(latest) AS data_end,
    quantileExactOrNullMerge(0.95) (delays) AS p95_delay_seconds
FROM scanned
