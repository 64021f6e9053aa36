"""The sink on the real broker and the real warehouse: every row once, in its table, and marks that prove it."""

from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition

from pipeline import metrics
from pipeline.broker.clients import admin_client
from pipeline.errors import SinkBehind, WarehouseDown
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import Target, read_marks, wait_for
from tests.fake_worker import BAD_BYTES, NOON, FakeWorker, a_scan, an_internal
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.sinks import WAIT_SECONDS, Running, a_ledger, ordinals, some_scans, wait, wait_until

_LONGEST_MONTH_MS = 31 * 24 * 3600 * 1000


@pytest.fixture
def settings(
    kafka_bootstrap: str, topic_prefix: str, warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse
) -> Settings:
    return a_ledger(kafka_bootstrap, topic_prefix, warehouse, embedded_clickhouse)


@pytest.fixture
def running(settings: Settings, warehouse: Warehouse) -> Iterator[Running]:
    sinks = Running(settings, warehouse)
    yield sinks
    sinks.stop_all()


def test_every_stream_arrives_in_its_table(settings: Settings, warehouse: Warehouse, running: Running) -> None:
    fake = FakeWorker(settings, 0)
    fake.process([*some_scans(20), an_internal(), BAD_BYTES], [fake.alert(), fake.alert(1, event="ACKNOWLEDGED")])
    fake.process(some_scans(1, start=20), [fake.revision(1), fake.revision(2, 1)])
    running.start()
    wait(warehouse, fake)
    assert ordinals(warehouse) == list(range(1, 24))
    assert warehouse.query_rows("SELECT count(), uniqExact(caused_by, n) FROM unit_revisions") == [(2, 2)]
    assert warehouse.query_rows("SELECT status, count FROM v_alerts") == [("OPEN", 1)]
    assert warehouse.query_rows("SELECT count(), sum(applied) FROM v_unit_current") == [(7, 21)]
    assert warehouse.query_rows("SELECT key, value, size FROM dead_letters") == [("k", BAD_BYTES.decode(), 16)]


def test_a_scan_arrives_with_every_field(settings: Settings, warehouse: Warehouse, running: Running) -> None:
    fake = FakeWorker(settings, 0)
    texts = ["destination", "location", "reader", "operator", "document", "container", "other_unit", "lot"]
    texts += ["condition", "corrects", "source", "receipt"]
    whole = a_scan(**{name: f"the {name} ☃" for name in texts}, expiry=-2_000_000_000, step="SELL")
    fake.process([whole, a_scan(serial="", event_time=2**61), a_scan(event_time=-(2**61))])
    running.start()
    wait(warehouse, fake)
    renamed = {"lot": "scan_lot"}
    columns = ", ".join(renamed.get(name, name) for name in texts)
    (row,) = warehouse.query_rows(
        f"SELECT {columns}, expiry_days, step, origin, toUnixTimestamp64Milli(event_time), attributes, site"
        " FROM unit_events WHERE ordinal = 1"
    )
    assert row[:-6] == tuple(whole[name] for name in texts)
    assert row[-6:-2] == (-2_000_000_000, "SELL", "DEVICE", NOON)
    assert warehouse.query_rows("SELECT toUnixTimestamp64Milli(event_time) FROM unit_events ORDER BY ordinal") == [
        (NOON,),
        (2**61,),
        (-(2**61),),
    ]
    assert warehouse.query_rows("SELECT expiry, count() FROM v_unit_events GROUP BY expiry") == [(None, 3)]


def test_scans_of_150_months_are_one_part_of_the_table(
    settings: Settings, warehouse: Warehouse, running: Running
) -> None:
    fake = FakeWorker(settings, 0)
    fake.process([a_scan(scan_id=f"month-{n}", event_time=NOON - n * _LONGEST_MONTH_MS) for n in range(150)])
    running.start()
    wait(warehouse, fake)
    assert ordinals(warehouse) == list(range(1, 151))
    assert warehouse.query_rows("SELECT uniqExact(toYYYYMM(event_time)), uniqExact(_part) FROM unit_events") == [
        (150, 1)
    ]
    of_months = "ENGINE = MergeTree PARTITION BY toYYYYMM(event_time) ORDER BY ordinal"
    warehouse.command(f"CREATE TABLE by_event_time AS unit_events {of_months}")
    with pytest.raises(WarehouseDown, match="Too many partitions"):
        warehouse.command("INSERT INTO by_event_time SELECT * FROM unit_events")


def test_marks_prove_each_stream_by_its_own_positions(
    settings: Settings, warehouse: Warehouse, running: Running
) -> None:
    fake = FakeWorker(settings, 1)
    fake.process([*some_scans(3), an_internal()])
    running.start()
    wait(warehouse, fake)
    marks = read_marks(warehouse)
    assert {(mark.ordinal, mark.scans_next, mark.internal_next) for mark in marks.values()} == {(4, 3, 1)}
    assert len(marks) == 6


def test_what_was_aborted_is_not_written(settings: Settings, warehouse: Warehouse, running: Running) -> None:
    fake = FakeWorker(settings, 0)
    fake.process(some_scans(5))
    fake.abort(some_scans(4))
    fake.process(some_scans(5, start=5))
    running.start()
    wait(warehouse, fake)
    assert ordinals(warehouse) == list(range(1, 11))


def test_a_range_read_again_changes_nothing(settings: Settings, warehouse: Warehouse, running: Running) -> None:
    fake = FakeWorker(settings, 0)
    fake.process([*some_scans(10), an_internal(), BAD_BYTES], [fake.revision(1), fake.alert()])
    running.start()
    wait(warehouse, fake)
    running.stop()
    tables = ("unit_events", "unit_revisions", "acts", "alerts", "dead_letters")
    counts = [warehouse.query_rows(f"SELECT count() FROM {table}") for table in tables]
    warehouse.command("TRUNCATE TABLE sink_marks")
    running.start()
    wait(warehouse, fake)
    assert [warehouse.query_rows(f"SELECT count() FROM {table}") for table in tables] == counts


def test_rows_missing_above_the_mark_are_written_and_only_they(
    settings: Settings, warehouse: Warehouse, running: Running
) -> None:
    fake = FakeWorker(settings, 0)
    fake.process(some_scans(30))
    running.start()
    wait(warehouse, fake)
    running.stop()
    warehouse.command("TRUNCATE TABLE sink_marks")
    warehouse.command("DELETE FROM unit_events WHERE ordinal IN (3, 17)")
    running.start()
    wait(warehouse, fake)
    assert ordinals(warehouse) == list(range(1, 31))


def test_two_sinks_share_the_partitions_and_one_takes_over_from_the_other(
    settings: Settings, warehouse: Warehouse, running: Running
) -> None:
    fakes = [FakeWorker(settings, partition) for partition in (0, 1)]
    first = running.start()
    for fake in fakes:
        fake.process(some_scans(10))
    wait(warehouse, *fakes)
    second = running.start()
    wait_until(lambda: bool(second.health().facts["partitions"]) and len(first.health().facts["partitions"]) == 1)
    for fake in fakes:
        fake.process(some_scans(10, start=10))
    wait(warehouse, *fakes)
    running.stop()
    for fake in fakes:
        fake.process(some_scans(10, start=20))
    wait(warehouse, *fakes)
    for partition in (0, 1):
        assert ordinals(warehouse, partition) == list(range(1, 31))


def test_a_clickhouse_that_is_not_there_makes_it_wait_red_and_then_go_on(
    settings: Settings, warehouse: Warehouse, running: Running
) -> None:
    fake = FakeWorker(settings, 0)
    fake.process(some_scans(10))
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    warehouse.command("RENAME TABLE unit_events TO hidden")
    sink = running.start()
    wait_until(lambda: not sink.health().ok and "unit_events" in str(sink.health().reasons))
    wait_until(lambda: metrics.read("scanledger_sink_lag_seconds", stream="verdicts", partition=0) > 0)
    assert metrics.read("scanledger_sink_lag_records", stream="verdicts", partition=0) >= 10
    warehouse.command("RENAME TABLE hidden TO unit_events")
    wait(warehouse, fake)
    wait_until(lambda: sink.health().ok)
    assert ordinals(warehouse) == list(range(1, 11))


def test_waiting_for_what_does_not_come_says_what_is_missing(settings: Settings, warehouse: Warehouse) -> None:
    with pytest.raises(SinkBehind, match="5 records of partition 1"):
        wait_for(warehouse, {1: Target(scans_last=4)}, timeout_seconds=0)


def test_records_that_expired_unread_turn_it_red_and_it_goes_on(
    settings: Settings, warehouse: Warehouse, running: Running
) -> None:
    fake = FakeWorker(settings, 0)
    fake.process(some_scans(5))
    running.start()
    wait(warehouse, fake)
    running.stop()
    fake.process(some_scans(5, start=5))
    place = TopicPartition(fake.topics.name("verdicts"), 0, 9)
    admin = admin_client(settings)  # a client without a name is gone before its answer
    (deleted,) = admin.delete_records([place]).values()
    deleted.result(WAIT_SECONDS)
    sink = running.start()
    wait(warehouse, fake)
    assert ordinals(warehouse) == [*range(1, 6), *range(8, 11)]
    wait_until(lambda: "verdicts[0]: records had expired" in str(sink.health().reasons))
