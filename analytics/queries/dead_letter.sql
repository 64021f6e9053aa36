-- One dead letter with its bytes as hexadecimal digits; `key` and `value` are null where the record had none.
-- Grain: one row per (partition, ordinal, n); the first is the record's own.
-- Denominator: none, a look-up.
-- Late data: a dead letter never changes.
SELECT
    `partition`,
    ordinal,
    n,
    received_at,
    error,
    detail,
    topic,
    offset,
    size,
    sha256,
    hex(key) AS key_hex,
    hex(value) AS value_hex
FROM dead_letters
WHERE `partition` = {in_partition:UInt32} AND ordinal = {at_ordinal:UInt64}
ORDER BY n
