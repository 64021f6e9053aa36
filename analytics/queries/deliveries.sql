-- Deliveries of alerts by route and state, and what the newest failure was.
-- Grain: one row per route and state.
-- Denominator: none, counts of all deliveries; `put_off` are those that waited on purpose, for the end of quiet hours, for
--   the time of an escalation or of a summary: they are not in `p99_latency_ms`.
-- Late data: the newest state of a delivery holds.
WITH first_changes AS (
    SELECT
        id,
        argMin(due_at, n) > argMin(changed_at, n) OR any(event) IN ('escalated', 'summary') AS is_put_off
    FROM deliveries
    GROUP BY id
)

SELECT
    route,
    state,
    toInt64(count()) AS deliveries,
    toInt64(countIf(is_put_off)) AS put_off,
    max(last_changed_at) AS newest,
    argMax(detail, last_changed_at) AS detail,
    quantileOrNullIf(0.99) (latency_ms, NOT is_put_off) AS p99_latency_ms
FROM v_deliveries
LEFT ANY JOIN first_changes USING (id)
GROUP BY route, state
ORDER BY route ASC, state ASC
