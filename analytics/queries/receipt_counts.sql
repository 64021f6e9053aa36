-- What became of the scans of one capture request, counted.
-- Grain: one row per outcome.
-- Denominator: the scans of the request that a worker has decided; a scan that was sent several times is one, counted by
--   the copy that was decided last, unless that was only told to be the same again.
-- Late data: as decided newest, so a scan that a later one took back is counted as rejected.
WITH scans AS (
    SELECT outcome
    FROM v_unit_events
    WHERE
        substringIndex(receipt, '/', 1) = {receipt:String}
        AND received_at BETWEEN {since:DateTime64(3, 'UTC')} AND {until:DateTime64(3, 'UTC')}
    ORDER BY receipt ASC, reason = 'REDELIVERED' ASC, ordinal DESC
    LIMIT 1 BY receipt
)

SELECT
    outcome,
    count() AS scans
FROM scans
GROUP BY outcome
ORDER BY outcome ASC
