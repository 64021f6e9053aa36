-- Earlier decisions changed by later knowledge: a late scan, a correction, a taken-back scan.
-- Grain: one row per change of one decision; identity (partition, caused_by, n). Append-only.
-- The row with the highest sequence of one (partition, ordinal) holds; v_unit_events resolves it.
CREATE TABLE IF NOT EXISTS unit_revisions -- noqa: PRS
(
    item LowCardinality(String) COMMENT 'of the unit',
    serial String COMMENT 'of the unit',
    `partition` UInt32 COMMENT 'partition of the verdict revised',
    ordinal UInt64 COMMENT 'ordinal of the verdict revised',
    caused_by UInt64 COMMENT 'ordinal of the record that caused it',
    n UInt32 COMMENT 'position among the revisions of that record, from 0',
    outcome LowCardinality(String) COMMENT 'what the ledger now makes of the scan',
    reason LowCardinality(String) COMMENT 'why; NONE where nothing is remarkable',
    state_before LowCardinality(String) COMMENT 'state of the unit before the scan',
    state_after LowCardinality(String) COMMENT 'state of the unit after it',
    sequence UInt64 COMMENT 'of the unit''s record after the change: the highest holds',
    previous_site LowCardinality(Nullable(String)) COMMENT 'site of the last applied scan before this one',
    previous_event_time Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of the last applied scan before this one',
    commissioned_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of the unit''s COMMISSION, as known after the revised scan',
    shipped_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest SHIP',
    sold_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest SELL or DISPENSE',
    returned_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest RETURN',
    failed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest FAIL',
    rules_version LowCardinality(String) COMMENT 'hash of the code that decided',
    reference_version UInt64 COMMENT 'version of the reference data in force',
    received_at DateTime64(3, 'UTC') COMMENT 'the broker''s append time of the causing record: when this became known',
    INDEX by_caused_by caused_by TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (`partition`, ordinal, sequence)
COMMENT 'Earlier decisions changed by later knowledge';
