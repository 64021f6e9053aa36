-- The scans that the ledger derived itself, as they were last decided: a container's moves told to what is in it first of all.
-- Grain: one row per step, outcome, reason and whether a container had them derived, the most frequent first.
-- Denominator: none, counts.
-- Labels: what was forwarded from a retired label (17th digit of the id 4 or more) is no container's.
-- Late data: by newest decision; one taken back, because its container's scan was, counts as RETRACTED.
SELECT
    step,
    outcome,
    reason,
    container IS NOT NULL AND substring(scan_id, 17, 1) < '4' AS is_of_container,
    toInt64(count()) AS scans
FROM v_unit_events
WHERE origin = 'DERIVED' AND reason != 'BAD_ORIGIN'
GROUP BY step, outcome, reason, is_of_container
ORDER BY scans DESC, step ASC, outcome ASC, reason ASC, is_of_container ASC
