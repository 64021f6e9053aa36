-- What was sent instead of dead letters, by whom, and what came of it.
-- Grain: one row per act of re-driving, the newest first, at most {most}; of one dead letter where {ordinal} is not 0.
-- Denominator: none, a list.
-- Late data: acts never change; `outcome` and `reason` are those of the scan as first decided.
SELECT
    received_at,
    author,
    result,
    JSONExtractInt(content, 'partition') AS of_partition,
    JSONExtractUInt(content, 'ordinal') AS of_ordinal,
    JSONExtractString(content, 'scan_id') AS scan_id,
    JSONExtractString(content, 'unit') AS unit_key,
    JSONExtractString(content, 'outcome') AS outcome,
    JSONExtractString(content, 'reason') AS reason
FROM acts
WHERE
    kind = 'REDRIVE'
    AND ({ordinal:UInt64} = 0 OR (of_partition = {of:Int64} AND of_ordinal = {ordinal:UInt64}))
ORDER BY received_at DESC, acts.ordinal DESC
LIMIT {most:UInt32}
