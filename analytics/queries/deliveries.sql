-- Deliveries of alerts by route and state, and what the newest failure was.
-- Grain: one row per route and state.
-- Denominator: none, counts of all deliveries; `put_off` are those that waited on purpose, for the end of quiet hours, for
--   the time of an escalation or of a summary: they are not in `p99_latency_ms`.
-- Late data: the newest state of a delivery holds; latency_ms as in v_deliveries.
WITH told AS (
    SELECT
        any(changes.route) AS route,
        argMax(changes.state, n) AS state,
        argMax(changes.detail, n) AS detail,
        argMax(changes.changed_at, n) AS last_changed_at,
        dateDiff('millisecond', any(changes.received_at), last_changed_at) AS latency_ms,
        argMin(changes.due_at, n) > argMin(changes.changed_at, n) OR any(changes.event) IN ('escalated', 'summary') AS is_put_off
    FROM deliveries AS changes
    GROUP BY changes.id
)

SELECT
    route,
    state,
    toInt64(count()) AS deliveries,
    toInt64(countIf(is_put_off)) AS put_off,
    max(last_changed_at) AS newest,
    argMax(told.detail, last_changed_at) AS detail,
    quantileOrNullIf(0.99) (latency_ms, told.state = 'DELIVERED' AND NOT is_put_off) AS p99_latency_ms
FROM told
GROUP BY route, state
ORDER BY route ASC, state ASC
