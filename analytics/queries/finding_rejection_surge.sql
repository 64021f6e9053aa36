-- Hours in which a site, or one of its readers, had far more scans rejected than in the days before.
-- Grain: one row per site or reader and whole hour of the last 24; the window is the hour, named by the reader.
-- Denominator: all scans of the site or reader in the hour; usual: those of `days` before the 24 hours, if they are
--   `least_scans` or more.
-- Late data: counted by received_at and as first decided, so an hour that is over does not change.
WITH
fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC') AS now_at,

toStartOfHour(now_at) - INTERVAL 24 HOUR AS begins,

hourly AS (
    SELECT
        site,
        reader_name,
        toStartOfHour(received_at) AS hour,
        countIf(outcome = 'REJECTED') AS rejected,
        count() AS scans
    FROM unit_events
    ARRAY JOIN arrayDistinct(['', coalesce(toString(reader), '')]) AS reader_name
    WHERE
        origin != 'DERIVED' AND received_at < toStartOfHour(now_at)
        AND received_at >= begins - toIntervalDay({days:UInt32})
    GROUP BY site, reader_name, hour
),

usual AS (
    SELECT
        site,
        reader_name,
        (sum(rejected) + 1) / (sum(scans) + 20) AS share
    FROM hourly
    WHERE hour < begins
    GROUP BY site, reader_name
    HAVING sum(scans) >= {least_scans:UInt64}
)

SELECT
    concat('site:', site) AS subject,
    toInt64(toUnixTimestamp(hour)) * 1000 AS window_from,
    CAST(window_from + 3600000 AS Nullable(Int64)) AS window_to,
    reader_name AS window_name,
    toString(site) AS site_name,
    toJSONString(map(
        'reader', reader_name,
        'rejected', toString(rejected),
        'scans', toString(scans),
        'usual_share', toString(round(share, 4))
    )) AS evidence
FROM hourly
INNER JOIN usual USING (site, reader_name)
WHERE
    hour >= begins AND rejected >= {least_rejected:UInt64}
    AND rejected > {times:Float64} * share * scans
    AND rejected > share * scans + {sigmas:Float64} * sqrt(share * (1 - share) * scans)
ORDER BY subject ASC, window_from ASC, window_name ASC
