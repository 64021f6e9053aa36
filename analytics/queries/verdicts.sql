-- How many scans there are of each outcome and reason.
-- Grain: one row per outcome and reason, the most frequent first.
-- Denominator: none, counts; their sum is every scan that could be read.
-- Late data: by newest decision, so a scan that a later one disproved counts under what it is now.
SELECT
    outcome,
    reason,
    toInt64(count()) AS scans
FROM v_unit_events
GROUP BY outcome, reason
ORDER BY scans DESC, outcome ASC, reason ASC
