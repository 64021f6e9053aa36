-- The newest part of what was seen of one unit, with what the ledger makes of it now.
-- Grain: one row per scan of the unit, at most {most}, the newest first; those before ({before_ms}, {before_ordinal}) only.
-- Denominator: none, a list.
-- Late data: in the order of event_time, so a late scan stands where it belongs.
-- Stands on: unit_known
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
    event_ms,
    ordinal
FROM unit_known
ORDER BY event_time DESC, ordinal DESC
