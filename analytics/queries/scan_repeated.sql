-- What is now held of the scan that a repeated one repeats.
-- Grain: one row, none where that scan has not been written yet.
-- Denominator: none, a look-up.
-- Late data: as decided newest; the earlier scan of the unit that is nearest in time among those it may repeat.
WITH earlier AS (
    SELECT
        scan_id,
        step,
        event_time,
        site,
        outcome,
        reason,
        state_after,
        sold_at,
        `partition`,
        ordinal
    FROM unit_events
    WHERE
        item = {item:String} AND serial = {serial:String}
        AND `partition` = {owner:UInt32} AND ordinal < {before:UInt64}
        AND step = {step:String} AND site = {site:String} AND outcome != 'REPEATED'
        AND ({reason:String} != 'REDELIVERED' OR scan_id = {scan_id:String})
        AND ({reason:String} NOT IN ('DOUBLE_SCAN', 'BURST') OR reader = {reader:String})
        AND ({reason:String} != 'RECOUNTED' OR document = {document:String})
    ORDER BY abs(toUnixTimestamp64Milli(event_time) - {event_ms:Int64}) ASC, ordinal DESC
    LIMIT 1
),

newest AS (
    SELECT
        `partition`,
        ordinal,
        outcome AS new_outcome,
        reason AS new_reason,
        state_after AS new_state_after,
        sold_at AS new_sold_at,
        caused_by
    FROM unit_revisions
    WHERE
        (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM earlier
        )
    ORDER BY sequence DESC
    LIMIT 1
)

SELECT
    scan_id,
    step,
    event_time,
    site,
    if(caused_by > 0, new_outcome, outcome) AS outcome,
    if(caused_by > 0, new_reason, reason) AS reason,
    if(caused_by > 0, new_state_after, state_after) AS state_after,
    if(caused_by > 0, new_sold_at, sold_at) AS sold_at
FROM earlier
LEFT ANY JOIN newest USING (`partition`, ordinal)
