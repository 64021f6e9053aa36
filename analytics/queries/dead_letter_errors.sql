-- How many dead letters there are by why they could not be read.
-- Grain: one row per error.
-- Denominator: none, counts of all dead letters.
-- Late data: a dead letter never changes.
SELECT
    error,
    toInt64(count()) AS letters,
    max(received_at) AS newest
FROM dead_letters
GROUP BY error
ORDER BY letters DESC, error ASC
