-- What was sent instead of dead letters, by whom, what came of it, and what the ledger makes of that scan by now.
-- Grain: one row per act of re-driving, the newest first; {subjects} name the dead letters, as dead-letter:partition/ordinal.
-- Denominator: none, a list.
-- Late data: acts never change; `outcome` and `reason` are those of the scan as first decided, `stands` and `stands_why`
--   as decided by now, of the scan under that scan_id which was not REDELIVERED and not SCAN_ID_REUSED: empty where
--   ClickHouse has none (yet).
WITH
sent AS (
    SELECT
        received_at,
        acts.ordinal AS noted_at,
        author,
        result,
        JSONExtractInt(content, 'partition') AS of_partition,
        JSONExtractUInt(content, 'ordinal') AS of_ordinal,
        JSONExtractString(content, 'scan_id') AS scan_id,
        JSONExtractString(content, 'unit') AS unit_key,
        arrayStringConcat(arrayPopBack(splitByChar('/', unit_key)), '/') AS item,
        arrayElement(splitByChar('/', unit_key), -1) AS serial,
        JSONExtractString(content, 'outcome') AS outcome,
        JSONExtractString(content, 'reason') AS reason
    FROM acts
    WHERE kind = 'REDRIVE' AND subject IN {subjects:Array(String)}
),

seen AS (
    SELECT
        `partition`,
        ordinal,
        item,
        serial,
        scan_id,
        site,
        coalesce(corrects, '') AS corrects,
        unit_events.outcome AS first_outcome,
        unit_events.reason AS first_reason
    FROM unit_events
    WHERE
        (item, serial) IN (SELECT (item, serial) FROM sent)
        AND scan_id IN (SELECT scan_id FROM sent)
        AND unit_events.reason NOT IN ('REDELIVERED', 'SCAN_ID_REUSED')
),

newest AS (
    SELECT
        `partition`,
        ordinal,
        argMax(unit_revisions.outcome, sequence) AS new_outcome,
        argMax(unit_revisions.reason, sequence) AS new_reason,
        true AS is_revised
    FROM unit_revisions
    WHERE (`partition`, ordinal) IN (SELECT (`partition`, ordinal) FROM seen)
    GROUP BY `partition`, ordinal
),

standing AS (
    SELECT
        item,
        serial,
        scan_id,
        argMax(toString(if(is_revised, new_outcome, first_outcome)), ordinal) AS stands,
        argMax(toString(if(is_revised, new_reason, first_reason)), ordinal) AS stands_why,
        argMax(toString(site), ordinal) AS site,
        argMax(corrects, ordinal) AS corrects
    FROM seen
    LEFT ANY JOIN newest USING (`partition`, ordinal)
    GROUP BY item, serial, scan_id
)

SELECT
    received_at,
    author,
    result,
    of_partition,
    of_ordinal,
    scan_id,
    unit_key,
    outcome,
    reason,
    stands,
    stands_why,
    site,
    corrects
FROM sent
LEFT ANY JOIN standing USING (item, serial, scan_id)
ORDER BY received_at DESC, noted_at DESC
