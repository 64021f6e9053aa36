-- The scans that are remarkable, each with its reason: what a simulation's truth is compared with.
-- Grain: one row per scan whose reason is not NONE.
-- Denominator: none, a list.
-- Late data: by newest decision, so a scan that a later one disproved has the reason it has now.
SELECT
    scan_id,
    reason
FROM v_unit_events
WHERE reason != 'NONE'
ORDER BY `partition` ASC, ordinal ASC
