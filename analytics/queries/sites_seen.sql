-- Sites with what came in from each in a time: scans, readers, rejections; and when the last scan of all came.
-- Grain: one row per site that sent a scan received by {now_ms} or is in a site table; counts are of ({since_ms}, {now_ms}].
-- Denominator: scans received in that time; those that containers had derived for what is in them are none of a site's.
-- Late data: by received_at and as first decided; a scan that comes late counts when it comes.
SELECT
    site,
    max(is_loaded) = 1 AS is_loaded, -- noqa: RF03
    nullIf(max(last_at), toDateTime64(0, 3, 'UTC')) AS last_at, -- noqa: RF03
    sum(scans) AS scans, -- noqa: RF03
    sum(rejected) AS rejected, -- noqa: RF03
    sum(flagged) AS flagged, -- noqa: RF03
    sum(readers) AS readers, -- noqa: RF03
    max(reason) AS reason -- noqa: RF03
FROM (
    SELECT
        toString(unit_events.site) AS site,
        0 AS is_loaded,
        max(received_at) AS last_at,
        toInt64(count()) AS scans,
        toInt64(countIf(outcome = 'REJECTED')) AS rejected,
        toInt64(countIf(outcome = 'FLAGGED')) AS flagged,
        toInt64(uniqExactIf(reader, reader IS NOT NULL)) AS readers,
        arrayStringConcat(topKIf(1) (toString(unit_events.reason), outcome = 'REJECTED')) AS reason
    FROM unit_events
    WHERE
        received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
        AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
        AND origin != 'DERIVED'
    GROUP BY site
    UNION ALL
    SELECT
        toString(unit_events.site) AS site,
        0 AS is_loaded,
        max(received_at) AS last_at,
        toInt64(0) AS scans,
        toInt64(0) AS rejected,
        toInt64(0) AS flagged,
        toInt64(0) AS readers,
        '' AS reason
    FROM unit_events
    WHERE received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC') AND origin != 'DERIVED'
    GROUP BY site
    UNION ALL
    SELECT DISTINCT
        JSONExtractString(loaded, 'name') AS site,
        1 AS is_loaded,
        toDateTime64(0, 3, 'UTC') AS last_at,
        toInt64(0) AS scans,
        toInt64(0) AS rejected,
        toInt64(0) AS flagged,
        toInt64(0) AS readers,
        '' AS reason
    FROM acts
    ARRAY JOIN JSONExtractArrayRaw(content) AS loaded
    WHERE kind = 'SITES' AND result = 'APPLIED'
) AS known
GROUP BY site
ORDER BY site ASC
