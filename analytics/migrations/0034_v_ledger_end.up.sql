-- Up to when the ledger knows: the latest scan that counts.
-- Grain: one row; data_end is NULL where the ledger holds no scan that counts.
-- Denominator: ACCEPTED, FLAGGED and REPEATED scans; never the clock.
-- Late data: newest decisions; p95_delay_seconds is the delay (received_at - event_time) that 95 % of these scans kept.
CREATE VIEW IF NOT EXISTS v_ledger_end AS
SELECT
    toInt64(count()) AS scans,
    maxOrNull(event_time) AS data_end,
    quantileExactOrNull(0.95) (dateDiff('second', event_time, received_at)) AS p95_delay_seconds
FROM v_unit_events
WHERE outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED');

ALTER TABLE v_ledger_end -- noqa: PRS
COMMENT COLUMN scans 'ACCEPTED, FLAGGED and REPEATED scans',
COMMENT COLUMN data_end 'event_time of the latest of them; NULL where there is none',
COMMENT COLUMN p95_delay_seconds 'seconds from event_time to received_at that 95 % of them kept within',
MODIFY COMMENT 'Up to when the ledger knows';
