-- Records that could not be read, or outputs that could not be written, newest first.
-- Grain: one row per dead letter, at most `most` of them after `skip`.
-- Denominator: none, a list.
-- Late data: by the broker's append time; a dead letter never changes.
SELECT
    `partition`,
    ordinal,
    n,
    received_at,
    error,
    detail,
    topic,
    offset,
    size
FROM dead_letters
WHERE {error:String} IN ('', error)
ORDER BY received_at DESC, `partition` DESC, ordinal DESC, n DESC
LIMIT {most:UInt32} OFFSET {skip:UInt32}
