-- The scans of one capture request with what became of each, a page of them.
-- Grain: one row per scan of the request that a worker has decided, at most `most`, in the order of the request; a scan
--   that was sent several times is one, shown by the copy that was decided last, unless that was only told to be the same.
-- Denominator: none, a list.
-- Late data: as decided newest, so a scan that a later one took back is shown as rejected.
WITH scans AS (
    SELECT
        toUInt32OrZero(substringIndex(assumeNotNull(receipt), '/', -1)) AS place,
        scan_id,
        unit_key,
        item,
        serial,
        step,
        event_time,
        site,
        reader,
        document,
        outcome,
        reason,
        state_before,
        state_after,
        previous_site,
        previous_event_time,
        sold_at,
        `partition`,
        ordinal
    FROM v_unit_events
    WHERE
        substringIndex(receipt, '/', 1) = {receipt:String}
        AND received_at BETWEEN {since:DateTime64(3, 'UTC')} AND {until:DateTime64(3, 'UTC')}
        AND receipt > {after:String}
    ORDER BY receipt ASC, reason = 'REDELIVERED' ASC, ordinal DESC
    LIMIT 1 BY receipt
)

SELECT *
FROM scans
ORDER BY place ASC
LIMIT {most:UInt32}
