-- Every scan with the verdict as first decided; the replay source once the topic `scans` has expired.
-- Grain: one row per record of `scans` that could be decoded; identity (partition, ordinal). Append-only.
-- Late data: a late scan is a row like any other, placed by its event_time; what it changed is in unit_revisions.
-- Months are those of received_at: by event_time one import of 150 months would be refused as too many partitions.
-- One statement a file; `noqa: PRS` because sqlfluff knows no INDEX in a table.
CREATE TABLE IF NOT EXISTS unit_events -- noqa: PRS
(
    scan_id String COMMENT 'chosen by the sender, unique per reading; a redelivery repeats it',
    item LowCardinality(String) COMMENT 'class of the unit, scheme:part[/part], encoded; empty where the scheme has no class',
    serial String COMMENT 'serial within the item, encoded; scheme:part where item is empty',
    step LowCardinality(String) COMMENT 'business step (CBV)',
    event_time DateTime64(3, 'UTC') COMMENT 'when it was seen, the site''s claim; stored as sent, sensible or not',
    capture_time DateTime64(3, 'UTC') COMMENT 'when it was first recorded, the site''s claim',
    site LowCardinality(String) COMMENT 'where it was seen',
    destination LowCardinality(Nullable(String)) COMMENT 'the site a shipment goes to',
    location LowCardinality(Nullable(String)) COMMENT 'place within the site',
    reader LowCardinality(Nullable(String)) COMMENT 'the device that read it',
    `operator` LowCardinality(Nullable(String)) COMMENT 'who held the device, a pseudonym',
    document Nullable(String) COMMENT 'asn:…, order:…, rma:…, count:…',
    container Nullable(String) COMMENT 'unit key of the container',
    other_unit Nullable(String) COMMENT 'unit key of the counterpart of INSTALL, REPLACE, RELABEL',
    scan_lot LowCardinality(Nullable(String)) COMMENT 'lot as this scan states it; the unit''s is lot',
    expiry_days Nullable(Int32) COMMENT 'expiry date in days since 1970-01-01, as sent; a Date32 would refuse some',
    `condition` LowCardinality(Nullable(String)) COMMENT 'disposition (CBV)',
    origin LowCardinality(String) COMMENT 'how the scan came to be: DEVICE, IMPORT, DERIVED, CORRECTION',
    corrects Nullable(String) COMMENT 'scan_id of an earlier scan of the same unit that this one takes back',
    `source` LowCardinality(Nullable(String)) COMMENT 'the system that sent it',
    receipt Nullable(String) COMMENT 'the capture request it came in',
    attributes Array(Tuple(name String, value String)) COMMENT 'anything else, as name and value',
    outcome LowCardinality(String) COMMENT 'as first decided: ACCEPTED, FLAGGED, REPEATED, REJECTED, UNDECIDED',
    reason LowCardinality(String) COMMENT 'why, as first decided; NONE where nothing is remarkable',
    state_before LowCardinality(String) COMMENT 'state of the unit before the scan; empty where its record was not touched',
    state_after LowCardinality(String) COMMENT 'state of the unit after it',
    sequence UInt64 COMMENT 'rises with every change of the unit''s record; 0 where it was not touched',
    previous_site LowCardinality(Nullable(String)) COMMENT 'site of the last applied scan before this one',
    previous_event_time Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of the last applied scan before this one',
    commissioned_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of the unit''s COMMISSION, as known after this scan',
    shipped_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest SHIP',
    sold_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest SELL or DISPENSE',
    returned_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest RETURN',
    failed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'event_time of its latest FAIL',
    lot LowCardinality(Nullable(String)) COMMENT 'lot of the unit after this scan',
    rules_version LowCardinality(String) COMMENT 'hash of the code that decided',
    reference_version UInt64 COMMENT 'version of the reference data in force',
    received_at DateTime64(3, 'UTC') COMMENT 'the broker''s append time of the scan',
    topic LowCardinality(String) COMMENT 'input topic of the record',
    `partition` UInt32 COMMENT 'its partition',
    `offset` UInt64 COMMENT 'its offset',
    ordinal UInt64 COMMENT 'running count of the partition over every record of both inputs, from 1',
    INDEX by_ordinal ordinal TYPE minmax GRANULARITY 1,
    INDEX by_partition `partition` TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (item, serial, event_time)
COMMENT 'Every scan with the verdict as first decided';
