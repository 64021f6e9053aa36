-- How far each stream of each partition has come: everything up to `ordinal` is in its table and was counted.
-- Grain: one row per partition and stream when read with FINAL; the highest ordinal holds.
CREATE TABLE IF NOT EXISTS sink_marks
(
    `partition` UInt32 COMMENT 'partition of the stream',
    stream LowCardinality(String) COMMENT 'key of the topic in schemas/topics.toml',
    ordinal UInt64 COMMENT 'last ordinal confirmed',
    scans_next UInt64 COMMENT 'every offset of `scans` below is accounted for in this stream',
    internal_next UInt64 COMMENT 'every offset of `internal` below is accounted for in this stream',
    stream_next UInt64 COMMENT 'offset of the stream''s own topic to go on from',
    epoch UInt64 COMMENT 'epoch it was written in',
    written_at DateTime64(3, 'UTC') COMMENT 'by the sink''s clock, for people'
)
ENGINE = ReplacingMergeTree(ordinal)
ORDER BY (`partition`, stream)
COMMENT 'How far each stream of each partition has come';
