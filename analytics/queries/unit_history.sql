-- The newest part of what was seen of one unit, with what the ledger makes of it now.
-- Grain: one row per scan of the unit, at most `most`, the newest first; those before (before_ms, before_ordinal) only.
-- Denominator: none, a list.
-- Late data: in the order of event_time, so a late scan stands where it belongs.
SELECT
    event_time,
    step,
    site,
    location,
    outcome,
    reason,
    state_before,
    state_after,
    destination,
    reader,
    document,
    container,
    other_unit,
    scan_id,
    receipt,
    received_at,
    revised_at,
    toUnixTimestamp64Milli(event_time) AS event_ms,
    ordinal
FROM v_unit_events
WHERE
    item = {item:String} AND serial = {serial:String}
    AND (toUnixTimestamp64Milli(event_time), ordinal) < ({before_ms:Int64}, {before_ordinal:UInt64})
ORDER BY event_time DESC, ordinal DESC
LIMIT {most:UInt32}
