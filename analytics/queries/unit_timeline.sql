-- What was seen of one unit, with what the ledger first made of each scan and what it makes of it now.
-- Grain: one row per scan of the unit, repeated and rejected ones included, at most {most}, the newest.
-- Denominator: none, a list.
-- Late data: in the order of event_time, of one time what ends a life last, as the ledger has it, so a late scan stands
--   where it belongs; where it changed earlier decisions, first_outcome and first_reason differ from outcome and reason,
--   and revised_at says when that became known.
-- Stands on: unit_known
SELECT
    event_time,
    step,
    site,
    first_outcome,
    first_reason,
    outcome,
    reason,
    state_before,
    state_after,
    destination,
    location,
    reader,
    document,
    lot,
    scan_lot,
    origin,
    corrects,
    scan_id,
    previous_site,
    previous_event_time,
    capture_time,
    received_at,
    revised_at,
    sequence,
    `partition`,
    ordinal
FROM unit_known
ORDER BY event_time ASC, step IN ('FAIL', 'RETIRE', 'DESTROY') ASC, ordinal ASC
