-- Deliveries of alerts by route and state, and what the newest failure was.
-- Grain: one row per route and state.
-- Denominator: none, counts of all deliveries.
-- Late data: the newest state of a delivery holds.
SELECT
    route,
    state,
    toInt64(count()) AS deliveries,
    max(last_changed_at) AS newest,
    argMax(detail, last_changed_at) AS detail,
    quantileOrNull(0.99) (latency_ms) AS p99_latency_ms
FROM v_deliveries
GROUP BY route, state
ORDER BY route ASC, state ASC
