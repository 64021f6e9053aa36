-- Up to when the ledger knows: what every statistic of time names beside its numbers.
-- Grain: one row; data_end is null where the ledger holds no scan that counts.
-- Denominator: scans, that is ACCEPTED, FLAGGED and REPEATED ones by newest decision, up to {as_of}; never the clock.
-- Late data: p95_delay_seconds is the delay (received_at - event_time) that 95 % of those scans kept within; what is
--   younger than that before data_end may not be complete.
SELECT
    toInt64(count()) AS scans,
    maxOrNull(event_time) AS data_end,
    quantileExactOrNull(0.95) (dateDiff('second', event_time, received_at)) AS p95_delay_seconds
FROM v_unit_events
WHERE outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND event_time <= {as_of:DateTime64(3, 'UTC')}
