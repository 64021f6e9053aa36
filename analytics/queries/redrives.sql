-- What was sent instead of dead letters, by whom, what came of it, and what the ledger makes of that scan by now.
-- Grain: one row per sending, the newest first: its act from before it was sent, and the one that says what came of it,
--   joined by `sending` (acts of former versions stand alone); {subjects} name the dead letters, as
--   dead-letter:partition/ordinal. A dead letter's acts stand in its own partition: their ordinals are their order.
-- Denominator: none, a list.
-- Late data: acts never change; `outcome` and `reason` are those of the scan as first decided, empty where nobody has
--   noted them; `stands` and `stands_why` as decided by now, of the scan under that scan_id which was not REDELIVERED
--   and not SCAN_ID_REUSED, of several the newest of those that count, else of those rejected, which may count yet,
--   else of all: empty where ClickHouse has none (yet).
WITH
noted AS (
    SELECT
        received_at,
        acts.ordinal AS noted_at,
        author,
        result,
        if(JSONExtractString(content, 'sending') = '', acts.id, JSONExtractString(content, 'sending')) AS sending,
        JSONExtractInt(content, 'partition') AS of_partition,
        JSONExtractUInt(content, 'ordinal') AS of_ordinal,
        JSONExtractString(content, 'scan_id') AS scan_id,
        JSONExtractString(content, 'unit') AS unit_key,
        JSONExtractString(content, 'digest') AS digest,
        JSONExtractRaw(content, 'told') AS told,
        JSONExtractString(content, 'outcome') AS outcome,
        JSONExtractString(content, 'reason') AS reason
    FROM acts
    WHERE kind = 'REDRIVE' AND subject IN {subjects:Array(String)}
),

sent AS (
    SELECT
        sending,
        scan_id,
        unit_key,
        arrayStringConcat(arrayPopBack(splitByChar('/', unit_key)), '/') AS item,
        arrayElement(splitByChar('/', unit_key), -1) AS serial,
        min(noted_at) AS first_noted_at,
        argMin(noted.received_at, noted_at) AS first_received_at,
        argMin(noted.author, noted_at) AS sent_by,
        argMin(noted.result, noted_at) AS first_result,
        argMin(noted.of_partition, noted_at) AS in_partition,
        argMin(noted.of_ordinal, noted_at) AS at_ordinal,
        argMin(noted.digest, noted_at) AS first_digest,
        argMin(noted.told, noted_at) AS first_told,
        argMax(noted.outcome, noted_at) AS last_outcome,
        argMax(noted.reason, noted_at) AS last_reason
    FROM noted
    GROUP BY sending, scan_id, unit_key
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

judged AS (
    SELECT
        item,
        serial,
        scan_id,
        toString(if(is_revised, new_outcome, first_outcome)) AS decided,
        toString(if(is_revised, new_reason, first_reason)) AS why,
        toString(seen.site) AS at_site,
        seen.corrects AS seen_corrects,
        (decided IN ('ACCEPTED', 'FLAGGED'), decided = 'REJECTED', ordinal) AS place
    FROM seen
    LEFT ANY JOIN newest USING (`partition`, ordinal)
),

standing AS (
    SELECT
        item,
        serial,
        scan_id,
        argMax(decided, place) AS stands,
        argMax(why, place) AS stands_why,
        argMax(at_site, place) AS site,
        argMax(seen_corrects, place) AS corrects
    FROM judged
    GROUP BY item, serial, scan_id
)

SELECT
    sending,
    first_received_at AS received_at,
    sent_by AS author,
    first_result AS result,
    in_partition AS of_partition,
    at_ordinal AS of_ordinal,
    scan_id,
    unit_key,
    first_digest AS digest,
    first_told AS told,
    last_outcome AS outcome,
    last_reason AS reason,
    stands,
    stands_why,
    site,
    corrects
FROM sent
LEFT ANY JOIN standing USING (item, serial, scan_id)
ORDER BY first_noted_at DESC
