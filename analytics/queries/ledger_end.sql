-- Up to when the ledger knows: what every statistic of time names beside its numbers.
-- Grain: one row; data_end is null where the ledger holds no scan that counts.
-- Denominator: scans, that is ACCEPTED, FLAGGED and REPEATED ones by newest decision, up to {as_of}; never the clock.
-- Late data: p95_delay_seconds is the delay (received_at - event_time) that 95 % of those scans kept within; what is
--   younger than that before data_end may not be complete.
-- The same as over `v_unit_events`, in two thirds of its time: only scans that were revised are looked up, each by its place, one
--   number for (partition, ordinal); all others together have the place 0.
WITH newest AS (
    SELECT
        ordinal * 65536 + `partition` AS place,
        argMax(outcome, sequence) AS outcome
    FROM unit_revisions
    GROUP BY place
),

scanned AS (
    SELECT
        if(ordinal * 65536 + `partition` IN (SELECT place FROM newest), ordinal * 65536 + `partition`, 0) AS place,
        count() AS scans,
        max(event_time) AS latest,
        quantileExactOrNullState(0.95) (dateDiff('second', event_time, received_at)) AS delays
    FROM unit_events
    WHERE
        event_time <= {as_of:DateTime64(3, 'UTC')}
        AND (place > 0 OR outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED'))
    GROUP BY place
)

SELECT
    toInt64(sum(scans)) AS scans,
    maxOrNull(latest) AS data_end,
    quantileExactOrNullMerge(0.95) (delays) AS p95_delay_seconds
FROM scanned
WHERE
    place = 0
    OR place IN (
        SELECT place
        FROM newest
        WHERE outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED')
    )
