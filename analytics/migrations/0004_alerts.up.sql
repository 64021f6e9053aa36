-- Changes of alerts' status; evidence that arrives while an alert is open is counted in unit_state, not here.
-- Grain: one row per change; identity (partition, ordinal, n). Append-only; v_alerts has the newest of each id.
CREATE TABLE IF NOT EXISTS alerts -- noqa: PRS
(
    `partition` UInt32 COMMENT 'of the causing record',
    ordinal UInt64 COMMENT 'of the causing record',
    n UInt32 COMMENT 'position among the alerts of that record, from 0',
    id String COMMENT 'hash(subject, kind, opening), 32 hex digits',
    subject String COMMENT 'unit:KEY',
    kind LowCardinality(String) COMMENT 'reason that raises it',
    opening UInt32 COMMENT 'from 1; new evidence after CLOSED or RETRACTED starts the next',
    status LowCardinality(String) COMMENT 'after the change: OPEN, ACKNOWLEDGED, CLOSED, RETRACTED',
    event LowCardinality(String) COMMENT 'what happened: OPENED, ACKNOWLEDGED, CLOSED, REOPENED, RETRACTED',
    `count` UInt64 COMMENT 'pieces of evidence counted up to the change',
    site LowCardinality(String) COMMENT 'site of the causing scan; empty for a person''s act',
    event_time Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of the causing scan',
    received_at DateTime64(3, 'UTC') COMMENT 'the broker''s append time of the causing record',
    author LowCardinality(String) COMMENT 'who acted; empty for the fold',
    reason String COMMENT 'the reason given by who acted',
    sequence UInt64 COMMENT 'of the unit''s record after the change',
    rules_version LowCardinality(String) COMMENT 'hash of the code that decided',
    reference_version UInt64 COMMENT 'version of the reference data in force',
    INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (id, `partition`, ordinal, n)
COMMENT 'Changes of alerts'' status';
