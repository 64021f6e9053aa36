-- When each site sent its last scan, and how many since `lately_ms`.
-- Grain: one row per site that sent anything after `since_ms`; scans of containers' members are none of a site's.
-- Denominator: none, a list.
-- Late data: by received_at, so a scan that comes late counts when it comes.
SELECT
    toString(site) AS site,
    max(received_at) AS last_at,
    toInt64(countIf(received_at > fromUnixTimestamp64Milli({lately_ms:Int64}, 'UTC'))) AS lately,
    toInt64(countIf(
        received_at > fromUnixTimestamp64Milli({lately_ms:Int64}, 'UTC') AND outcome = 'REJECTED'
    )) AS rejected_lately
FROM unit_events
WHERE
    received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
    AND origin != 'DERIVED'
GROUP BY site
ORDER BY site ASC
