-- How many records could not be read lately, by why.
-- Grain: one row per error.
-- Denominator: none, counts of dead letters received after `since_ms`.
-- Late data: by received_at; a dead letter stays one.
SELECT
    error,
    toInt64(count()) AS records,
    max(received_at) AS last_at
FROM dead_letters
WHERE received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
GROUP BY error
ORDER BY records DESC, error ASC
