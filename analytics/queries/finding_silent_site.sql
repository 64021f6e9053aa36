-- Sites that have sent nothing for longer than is usual: `times` the longest silence in the `days` before the last scan,
-- in whole hours, and at least `least_hours`; derived scans are none of a site's.
-- Grain: one row per silent site; its window begins with the last scan and goes on.
-- Denominator: sites with at least `least_scans` scans in those days; the last scan at most 400 days ago.
-- Late data: counted by received_at, so a scan that comes late ends the silence when it comes.
WITH
fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC') AS now_at,

last_scans AS (
    SELECT
        site,
        max(received_at) AS last_at
    FROM unit_events
    WHERE origin != 'DERIVED' AND received_at <= now_at AND received_at > now_at - INTERVAL 400 DAY
    GROUP BY site
),

activity AS (
    SELECT
        site,
        last_at,
        count() AS scans,
        arraySort(groupUniqArray(toUnixTimestamp(toStartOfHour(received_at)))) AS hours
    FROM unit_events
    INNER JOIN last_scans USING (site)
    WHERE
        origin != 'DERIVED' AND received_at <= last_at
        AND received_at > last_at - toIntervalDay({days:UInt32})
    GROUP BY site, last_at
)

SELECT
    concat('site:', site) AS subject,
    toUnixTimestamp64Milli(last_at) AS window_from,
    CAST(NULL AS Nullable(Int64)) AS window_to,
    '' AS window_name,
    toString(site) AS site_name,
    round(({now_ms:Int64} - window_from) / 3600000, 1) AS silent_hours,
    arrayMax(arrayDifference(hours)) / 3600 AS usual_hours,
    toJSONString(map(
        'last_scan', toString(last_at),
        'silent_hours', toString(silent_hours),
        'longest_silence_before_hours', toString(usual_hours)
    )) AS evidence
FROM activity
WHERE
    scans >= {least_scans:UInt64}
    AND silent_hours > greatest({least_hours:Float64}, {times:Float64} * usual_hours)
ORDER BY subject
