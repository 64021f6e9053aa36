-- Every delivery of an alert as it stands now.
-- Grain: one row per delivery.
-- Denominator: deliveries decided; alerts that no route takes have none.
-- Late data: as deliveries. latency_ms is from the broker's append time of what caused it to the answer of its receiver.
CREATE VIEW IF NOT EXISTS v_deliveries AS
SELECT
    id,
    any(changes.alert) AS alert,
    any(changes.opening) AS opening,
    any(changes.event) AS event,
    any(changes.kind) AS kind,
    any(changes.severity) AS severity,
    any(changes.subject) AS subject,
    any(changes.site) AS site,
    any(changes.route) AS route,
    any(changes.recipient) AS recipient,
    argMax(changes.state, n) AS state,
    argMax(changes.attempts, n) AS attempts,
    argMax(changes.code, n) AS code,
    argMax(changes.detail, n) AS detail,
    argMax(changes.due_at, n) AS due_at,
    any(changes.received_at) AS received_at,
    min(changes.changed_at) AS created_at,
    argMax(changes.changed_at, n) AS last_changed_at,
    if(
        argMax(changes.state, n) = 'DELIVERED',
        dateDiff('millisecond', any(changes.received_at), argMax(changes.changed_at, n)),
        NULL
    ) AS latency_ms
FROM deliveries AS changes
GROUP BY id;
