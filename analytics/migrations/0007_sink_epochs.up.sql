-- Who may write a partition: the greatest (epoch, owner) of a partition, nobody else.
-- Grain: one row per epoch started. Every insert of the sink is guarded by it.
CREATE TABLE IF NOT EXISTS sink_epochs
(
    `partition` UInt32 COMMENT 'partition of all streams',
    epoch UInt64 COMMENT 'greatest so far + 1 at every take-over, error or doubt',
    owner String COMMENT 'uuid of the sink that started it',
    started_at DateTime64(3, 'UTC') COMMENT 'by its clock, for people'
)
ENGINE = MergeTree
ORDER BY (`partition`, epoch, owner)
COMMENT 'Who may write a partition';
