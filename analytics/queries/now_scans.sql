-- How many scans came in lately, by what was made of them: in slices of `slice_ms` since `fine_ms`, in one slice (0) before.
-- Grain: one row per slice and outcome.
-- Denominator: none, counts of scans received after `since_ms` and up to `now_ms`; those of containers' members are none of
--   a site's and left out.
-- Late data: by received_at and as first decided: what came in is what is shown; later decisions are the unit's page's.
SELECT
    if(
        toUnixTimestamp64Milli(received_at) > {fine_ms:Int64},
        intDiv(toUnixTimestamp64Milli(received_at) - 1, {slice_ms:Int64}) * {slice_ms:Int64},
        0
    ) AS slice,
    outcome,
    toInt64(count()) AS scans
FROM unit_events
WHERE
    received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
    AND origin != 'DERIVED'
GROUP BY slice, outcome
ORDER BY slice ASC, outcome ASC
