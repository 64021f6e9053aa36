-- Hours in which a site, or one of its readers, had far more scans rejected than in the days before.
-- Grain: one row per site or reader and whole hour of the last 24; the window is the hour, named by the reader. Of a site
--   with more than `most_readers` such readers in an hour one row, of the site, which names as many of them, those with
--   most rejected scans first.
-- Denominator: all scans of the site or reader in the hour; usual: those of `days` up to 24 hours before that hour, if they
--   are `least_scans` or more. So what is usual belongs to the hour, and does not move with the time of asking.
-- Late data: counted by received_at and as first decided, so an hour that is over does not change.
WITH
fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC') AS now_at,

toStartOfHour(now_at) - INTERVAL 24 HOUR AS begins,

-- a month of a ledger may be tens of millions of scans: only of the few sites that had so many rejected they are counted,
-- by columns as they are kept, before anything is made of them
suspected_sites AS (
    SELECT DISTINCT site
    FROM (
        SELECT
            site,
            intDiv(toUnixTimestamp64Milli(received_at), 3600000) AS hour
        FROM unit_events
        WHERE
            origin != 'DERIVED' AND outcome = 'REJECTED'
            AND received_at < toStartOfHour(now_at) AND received_at >= begins
        GROUP BY site, hour
        HAVING count() >= {least_rejected:UInt64}
    ) AS site_hours
),

counted AS (
    SELECT
        site,
        reader,
        intDiv(toUnixTimestamp64Milli(received_at), 3600000) AS hour,
        countIf(outcome = 'REJECTED') AS rejected,
        count() AS scans
    FROM unit_events
    WHERE
        origin != 'DERIVED' AND received_at < toStartOfHour(now_at)
        AND received_at >= begins - INTERVAL 24 HOUR - toIntervalDay({days:UInt32})
        AND site IN (SELECT suspected_sites.site FROM suspected_sites)
    GROUP BY site, reader, hour
),

hourly AS (
    SELECT
        site,
        reader_name,
        hour * 3600 AS at,
        sum(counted.rejected) AS rejected,
        sum(counted.scans) AS scans
    FROM counted
    ARRAY JOIN arrayDistinct(['', coalesce(toString(reader), '')]) AS reader_name
    GROUP BY site, reader_name, at
),

-- of a reader that had so many rejected the site had, too
suspected AS (
    SELECT
        site,
        reader_name,
        groupArray((at, rejected, scans)) AS hours
    FROM hourly
    GROUP BY site, reader_name
    HAVING countIf(at >= toInt64(toUnixTimestamp(begins)) AND rejected >= {least_rejected:UInt64}) > 0
),

judged AS (
    SELECT
        site,
        reader_name,
        one.1 AS at,
        one.2 AS rejected,
        one.3 AS scans,
        arrayFilter(before -> before.1 >= at - 86400 * ({days:UInt32} + 1) AND before.1 < at - 86400, hours) AS days_before,
        arraySum(before -> before.3, days_before) AS scans_before,
        (arraySum(before -> before.2, days_before) + 1) / (scans_before + 20) AS share,
        scans_before >= {least_scans:UInt64}
        AND rejected > {times:Float64} * share * scans
        AND rejected > share * scans + {sigmas:Float64} * sqrt(share * (1 - share) * scans) AS is_surge
    FROM suspected
    ARRAY JOIN arrayFilter(
        hour -> hour.1 >= toInt64(toUnixTimestamp(begins)) AND hour.2 >= {least_rejected:UInt64}, hours
    ) AS one
),

by_hour AS (
    SELECT
        site,
        at,
        groupArrayIf((reader_name, rejected, scans, share), reader_name = '') AS whole,
        groupArrayIf((reader_name, rejected, scans, share), reader_name = '' AND is_surge) AS site_surge,
        arraySort(
            one -> (-toInt64(one.2), one.1), groupArrayIf((reader_name, rejected, scans, share), reader_name != '' AND is_surge)
        ) AS readers,
        length(readers) > {most_readers:UInt32} AS is_many
    FROM judged
    GROUP BY site, at
)

SELECT
    concat('site:', site) AS subject,
    at * 1000 AS window_from,
    CAST(window_from + 3600000 AS Nullable(Int64)) AS window_to,
    found.1 AS window_name,
    toString(site) AS site_name,
    toJSONString(mapConcat(
        map(
            'reader', found.1,
            'rejected', toString(found.2),
            'scans', toString(found.3),
            'usual_share', toString(round(found.4, 4))
        ),
        if(is_many, map(
            'readers_that_surge', toString(length(readers)),
            'most_rejected', arrayStringConcat(arrayMap(
                one -> concat(one.1, ': ', toString(one.2), ' of ', toString(one.3)), arraySlice(readers, 1, {most_readers:UInt32})
            ), ', ')
        ), map())
    )) AS evidence
FROM by_hour
ARRAY JOIN if(is_many, whole, arrayConcat(site_surge, readers)) AS found
ORDER BY subject ASC, window_from ASC, window_name ASC
