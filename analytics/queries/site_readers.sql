-- The readers of one site with what came in from each in a time.
-- Grain: one row per reader, '' for scans that name none; the most rejected first.
-- Denominator: scans of the site received in ({since_ms}, {now_ms}], derived ones left out.
-- Late data: by received_at and as first decided.
SELECT
    coalesce(toString(reader), '') AS reader,
    max(received_at) AS last_at,
    toInt64(count()) AS scans,
    toInt64(countIf(outcome = 'REJECTED')) AS rejected,
    toInt64(countIf(outcome = 'REPEATED')) AS repeated
FROM unit_events
WHERE
    site = {site:String}
    AND received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
    AND origin != 'DERIVED'
GROUP BY reader
ORDER BY rejected DESC, scans DESC, reader ASC
LIMIT {most:UInt32}
