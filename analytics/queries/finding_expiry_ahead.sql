-- Units on hand at a site that expire within `days`, or have expired.
-- Stands on: findings_standing
-- Grain: one row per site, item and day of expiry with `least_units` units or more, at most `most` of them, those that
--   stand as stated first, then the earliest; the window is the `days` before that day, named by the item, so it is the
--   same at every time of asking.
-- Denominator: none, a list. Units in one of `states`; a retired label is no unit of its own.
-- Late data: units that have left, or whose expiry was corrected, are counted no more.
SELECT
    concat('site:', site) AS subject,
    toInt64(toInt32(expiry) - toInt32({days:UInt32})) * 86400000 AS window_from,
    CAST(toInt64(toInt32(expiry)) * 86400000 AS Nullable(Int64)) AS window_to,
    toString(item) AS window_name,
    toString(assumeNotNull(site)) AS site_name,
    toJSONString(map(
        'item', toString(item),
        'expiry', toString(expiry),
        'units', toString(count()),
        'lots', arrayStringConcat(arraySlice(arraySort(groupUniqArray(toString(coalesce(lot, '')))), 1, 10), ', ')
    )) AS evidence
FROM v_unit_current
WHERE
    has({states:Array(String)}, toString(state)) AND alias_of IS NULL AND site != '' AND expiry IS NOT NULL
    AND expiry <= addDays(toDate32(fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')), {days:UInt32})
    AND toInt32(expiry) >= toInt32({days:UInt32})
GROUP BY site, item, expiry
HAVING count() >= {least_units:UInt64}
ORDER BY
    (subject, window_from, window_name) IN (
        SELECT
            stated.subject,
            stated.begins,
            stated.window_name
        FROM findings_standing AS stated
        WHERE stated.holds
    ) DESC,
    expiry ASC,
    subject ASC,
    window_name ASC
LIMIT {most:UInt32}
