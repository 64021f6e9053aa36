-- Records that could not be read, or outputs that could not be written, with their origin.
-- Grain: one row per such record; identity (partition, ordinal, n). Append-only.
CREATE TABLE IF NOT EXISTS dead_letters -- noqa: PRS
(
    `partition` UInt32 COMMENT 'of the record',
    ordinal UInt64 COMMENT 'of the record',
    n UInt32 COMMENT '0 for an input record; from 1 for an output that the broker refused',
    topic LowCardinality(String) COMMENT 'input topic',
    `offset` UInt64 COMMENT 'its offset',
    received_at DateTime64(3, 'UTC') COMMENT 'the broker''s append time',
    error LowCardinality(String) COMMENT 'a word: UNDECODABLE, TRUNCATED, BAD_UTF8, UNKNOWN_SCHEMA, GAP, …',
    detail String COMMENT 'where and why, for people',
    `key` Nullable(String) COMMENT 'bytes as received',
    `value` Nullable(String) COMMENT 'bytes as received, at most 64 KiB of them',
    size UInt64 COMMENT 'bytes of the whole value',
    sha256 String COMMENT 'of the whole value, hex',
    INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (`partition`, ordinal, n)
COMMENT 'Records that could not be read, with their origin';
