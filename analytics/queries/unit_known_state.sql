-- What one unit was taken for at a time: state, place, lot and milestones after the last scan that had taken effect by then.
-- Grain: one row, none where no scan received up to {known} had taken effect by what was known then.
-- Denominator: the scans of `unit_events_known`, the last in their order.
-- Late data: a scan or a revision that was received later changes nothing here.
-- Stands on: unit_events_known
SELECT
    state_after AS state,
    site,
    event_time AS last_event_time,
    commissioned_at,
    shipped_at,
    sold_at,
    returned_at,
    failed_at,
    lot
FROM unit_events_known
ORDER BY place DESC
LIMIT 1
