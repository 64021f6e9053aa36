-- Until when silences of sites have ended: what began before that holds no more, unless it is found.
-- Grain: one row per site that has sent something after `since_ms`: the time of its last scan; derived scans are none of a
--   site's.
-- Denominator: none, a list. A site that never sent again is in no row, however long ago that was, or whatever was removed.
-- Late data: counted by received_at, so a scan that comes late ends the silence when it comes.
SELECT
    concat('site:', site) AS subject,
    toUnixTimestamp64Milli(max(received_at)) AS until_ms
FROM unit_events
WHERE
    origin != 'DERIVED' AND received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
GROUP BY site
ORDER BY subject ASC
