-- What became of every delivery of an alert to somebody, change by change, written by notify.
-- Grain: one row per delivery and change (n), when read with FINAL. The newest n of a delivery is how it stands.
-- Late data: rows come within a second, or when ClickHouse is back; the outbox of notify keeps them until then.
CREATE TABLE IF NOT EXISTS deliveries -- noqa: PRS
(
    id String COMMENT 'hash(alert id, opening, event, route, recipient): the same at every attempt',
    n UInt32 COMMENT 'the change of this delivery, from 1',
    alert String COMMENT 'the alert; of a summary the first that it stands for',
    opening UInt32 COMMENT 'opening of the alert',
    event LowCardinality(String) COMMENT 'opened, escalated, retracted, closed, reopened; summary: many at once',
    kind LowCardinality(String) COMMENT 'kind of the alert',
    severity LowCardinality(String) COMMENT 'info, warning, critical',
    subject String COMMENT 'what the alert is about; of a summary empty',
    site LowCardinality(String) COMMENT 'site of the alert, if it has one',
    route LowCardinality(String) COMMENT 'route of the routes file',
    recipient LowCardinality(String) COMMENT 'its name in the routes file; addresses and secrets are nowhere but there',
    state LowCardinality(String) COMMENT 'after the change: PENDING, DEFERRED, HELD, WAITING, DELIVERED, FAILED, CANCELLED, SUMMARISED',
    outcome LowCardinality(String) COMMENT 'of the change: a state, QUEUED, RETRY (an attempt failed, another follows), RETRIED (by a person)',
    attempts UInt32 COMMENT 'attempts so far',
    code UInt16 COMMENT 'HTTP status of the last attempt, 0 where there was none',
    detail String COMMENT 'what the receiver said, or why it said nothing',
    due_at DateTime64(3, 'UTC') COMMENT 'when it is, or was, to be sent',
    received_at DateTime64(3, 'UTC') COMMENT 'the broker''s append time of what caused it',
    changed_at DateTime64(3, 'UTC') COMMENT 'when the change was, by the clock of notify'
)
ENGINE = ReplacingMergeTree
ORDER BY (id, n)
COMMENT 'every change of every delivery of an alert';
