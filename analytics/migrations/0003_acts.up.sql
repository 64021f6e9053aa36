-- What was done with each record that is no scan: reference data, what people did to alerts.
-- Grain: one row per record of `internal`; identity (partition, ordinal). Append-only.
CREATE TABLE IF NOT EXISTS acts -- noqa: PRS
(
    `partition` UInt32 COMMENT 'its partition',
    ordinal UInt64 COMMENT 'its ordinal',
    n UInt32 COMMENT 'always 0: one act a record',
    topic LowCardinality(String) COMMENT 'input topic of the record',
    `offset` UInt64 COMMENT 'its offset',
    received_at DateTime64(3, 'UTC') COMMENT 'the broker''s append time',
    id String COMMENT 'id of the internal record; the copies on several partitions share it',
    kind LowCardinality(String) COMMENT 'kind of the internal record: SITES, LIFECYCLE, ALERT_…',
    subject String COMMENT 'what it is about: a reference name, an alert''s unit',
    result LowCardinality(String) COMMENT 'APPLIED, STALE, REFUSED',
    reason String COMMENT 'why it was not applied; else empty',
    author LowCardinality(String) COMMENT 'who sent it',
    content String COMMENT 'the record''s content, so that a replay needs nothing else',
    base Int64 COMMENT 'reference version it was made against; -1 where it does not matter',
    reference_version UInt64 COMMENT 'version of the reference data after it',
    rules_version LowCardinality(String) COMMENT 'hash of the code that acted',
    INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (`partition`, ordinal)
COMMENT 'What was done with each record that is no scan';
