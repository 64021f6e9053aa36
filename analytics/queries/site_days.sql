-- Scans of one site by day and outcome, in a time.
-- Grain: one row per day (UTC, of received_at) and outcome.
-- Denominator: scans of the site received in ({since_ms}, {now_ms}], derived ones left out.
-- Late data: by received_at and as first decided.
SELECT
    toDate(received_at, 'UTC') AS day,
    toString(outcome) AS outcome,
    toInt64(count()) AS scans
FROM unit_events
WHERE
    site = {site:String}
    AND received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
    AND origin != 'DERIVED'
GROUP BY day, outcome
ORDER BY day ASC, outcome ASC
