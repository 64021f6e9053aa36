-- What lies wholly before a time: by partition the last ordinal received before it, and the rows in the tables of scans and
-- revisions.
-- Grain: one row per partition with such a record.
-- Denominator: none, a look-up.
-- Late data: by received_at, never by event_time.
WITH received AS (
    SELECT
        `partition`,
        ordinal,
        TRUE AS is_scan
    FROM unit_events
    WHERE received_at < fromUnixTimestamp64Milli({before_ms:Int64}, 'UTC')
    UNION ALL
    SELECT
        `partition`,
        ordinal,
        FALSE AS is_scan
    FROM acts
    WHERE received_at < fromUnixTimestamp64Milli({before_ms:Int64}, 'UTC')
    UNION ALL
    SELECT
        `partition`,
        ordinal,
        FALSE AS is_scan
    FROM dead_letters
    WHERE received_at < fromUnixTimestamp64Milli({before_ms:Int64}, 'UTC')
)

SELECT
    `partition`,
    max(ordinal) AS last_ordinal,
    countIf(is_scan) AS scans
FROM received
GROUP BY `partition`
HAVING scans > 0
ORDER BY `partition`;
