-- The records of one capture request that could not be read by the worker: found by the receipt in their bytes.
-- Grain: one row per record.
-- Denominator: none, a list.
-- Late data: none, a dead letter stays one.
SELECT
    toUInt32OrZero(substring(value, position(value, concat({receipt:String}, '/')) + length({receipt:String}) + 1, 5)) AS place,
    error,
    detail,
    topic,
    `partition`,
    offset
FROM dead_letters
WHERE
    received_at BETWEEN {since:DateTime64(3, 'UTC')} AND {until:DateTime64(3, 'UTC')}
    AND position(value, concat({receipt:String}, '/')) > 0
    AND n = 0
ORDER BY place ASC, ordinal ASC
LIMIT 1 BY place
