-- EPCIS events as they were captured, from the topic `epcis-events`; the newest of one identity replaces the others.
-- Grain: one row per identity and kind when read with FINAL: the event itself, and the declaration that it is wrong.
-- Late data: record_time is the broker's append time of what holds.
CREATE TABLE IF NOT EXISTS epcis_events -- noqa: PRS
(
    identity String COMMENT 'its eventID, else its CBV 2.0 event hash',
    kind LowCardinality(String) COMMENT 'EVENT, or DECLARATION: that the event is wrong',
    event_id Nullable(String) COMMENT 'its eventID',
    hash String COMMENT 'its CBV 2.0 event hash',
    type LowCardinality(String) COMMENT 'ObjectEvent, …; a URI where it is of somebody else''s type',
    action LowCardinality(Nullable(String)) COMMENT 'ADD, OBSERVE, DELETE',
    biz_step LowCardinality(Nullable(String)) COMMENT 'a bare word of CBV, or a URI',
    disposition LowCardinality(Nullable(String)) COMMENT 'a bare word of CBV, or a URI',
    event_time DateTime64(3, 'UTC') COMMENT 'when it happened',
    record_time DateTime64(3, 'UTC') COMMENT 'when it was captured: the broker''s append time',
    read_point Nullable(String) COMMENT 'as a canonical Digital Link where it is a GS1 key',
    biz_location Nullable(String) COMMENT 'likewise',
    epc_fields Array(LowCardinality(String)) COMMENT 'of each of its EPCs: parentID, epcList, childEPCs, inputEPCList, outputEPCList',
    epcs Array(String) COMMENT 'its EPCs as canonical Digital Links, in the order of epc_fields',
    transaction_types Array(LowCardinality(String)) COMMENT 'of each of its business transactions, empty where none is given',
    transactions Array(String) COMMENT 'its business transactions, in the order of transaction_types',
    receipt Nullable(String) COMMENT 'the capture job it came in',
    content String COMMENT 'the event as JSON-LD, with its context',
    `partition` UInt32 COMMENT 'of the topic',
    `offset` UInt64 COMMENT 'in it',
    version UInt64 COMMENT 'rises within a partition: append time in ms, then offset; the highest of one identity and kind holds',
    INDEX by_event_time event_time TYPE minmax GRANULARITY 1,
    INDEX by_record_time record_time TYPE minmax GRANULARITY 1,
    INDEX by_epc epcs TYPE bloom_filter GRANULARITY 1,
    INDEX by_transaction transactions TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (identity, kind)
COMMENT 'EPCIS events as they were captured';
