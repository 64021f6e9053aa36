"""A sink killed at the worst moments, one asleep past its time, a ClickHouse killed: nothing lost or doubled."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.marks import read_marks
from tests.fake_worker import BAD_BYTES, FakeWorker, Record, an_internal
from tests.fixtures_clickhouse import ROOT, EmbeddedClickHouse, running_clickhouse
from tests.sinks import WAIT_SECONDS, Running, a_ledger, ordinals, some_scans, wait, wait_until

DEATHS = [
    "sink.takeover",
    "sink.between_tables",
    "sink.between_tables:2",
    "sink.between_insert_and_mark",
    "sink.between_mark_and_offset",
]


@pytest.fixture
def settings(
    kafka_bootstrap: str, topic_prefix: str, warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse
) -> Settings:
    return a_ledger(kafka_bootstrap, topic_prefix, warehouse, embedded_clickhouse)


@contextmanager
def sink_process(settings: Settings, fault: str = "") -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "SCANLEDGER_TOPIC_PREFIX": settings.topic_prefix,
        "SCANLEDGER_SESSION_TIMEOUT_SECONDS": str(settings.session_timeout_seconds),
        "CLICKHOUSE_URL": settings.clickhouse_url,
        "CLICKHOUSE_USER": settings.clickhouse_user,
        "CLICKHOUSE_PASSWORD": settings.clickhouse_password.get_secret_value(),
        "CLICKHOUSE_DATABASE": settings.clickhouse_database,
        "SCANLEDGER_FAULT": fault,
    }
    process = subprocess.Popen([sys.executable, "-m", "jobs", "sink"], env=os.environ | environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def process_some(fake: FakeWorker) -> None:
    inputs: list[Record | bytes] = [*some_scans(20, start=fake.ordinal), an_internal(), BAD_BYTES]
    fake.process(inputs, [fake.revision(fake.ordinal + 1), fake.alert(), fake.alert(1)])


def rows(warehouse: Warehouse) -> list[tuple[int, int]]:
    """Return rows and different rows of each table but the units'."""
    identities = {
        "unit_events": "ordinal",
        "unit_revisions": "(caused_by, n)",
        "acts": "ordinal",
        "alerts": "(ordinal, n)",
        "dead_letters": "ordinal",
    }
    return [
        (rows, different)
        for table, identity in identities.items()
        for rows, different in warehouse.query_rows(f"SELECT count(), uniqExact(partition, {identity}) FROM {table}")
    ]


def test_a_sink_killed_anywhere_loses_and_doubles_nothing(settings: Settings, warehouse: Warehouse) -> None:
    fake = FakeWorker(settings, 0)
    for fault in DEATHS:
        process_some(fake)
        with sink_process(settings, fault) as process:
            assert process.wait(WAIT_SECONDS) == -signal.SIGKILL
    process_some(fake)
    with sink_process(settings) as process:
        wait(warehouse, fake)
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0
    assert ordinals(warehouse) == list(range(1, 22 * 6 + 1))
    assert rows(warehouse) == [(120, 120), (6, 6), (6, 6), (12, 12), (6, 6)]


def test_a_sink_asleep_past_its_session_changes_nothing_when_it_wakes(settings: Settings, warehouse: Warehouse) -> None:
    fakes = [FakeWorker(settings, partition) for partition in (0, 1)]
    with sink_process(settings) as sleeper, sink_process(settings):
        for turn in range(4):
            for fake in fakes:
                fake.process(some_scans(20, start=20 * turn))
            if turn == 1:
                wait(warehouse, *fakes)
                sleeper.send_signal(signal.SIGSTOP)
            wait(warehouse, *fakes) if turn > 1 else None
            if turn == 2:
                sleeper.send_signal(signal.SIGCONT)
    for partition in (0, 1):
        assert ordinals(warehouse, partition) == list(range(1, 81))
    epochs = warehouse.query_rows("SELECT partition, max(epoch) FROM sink_epochs GROUP BY partition")
    assert max(epoch for _, epoch in epochs) > 1


def test_a_clickhouse_killed_during_inserts_loses_and_doubles_nothing(
    kafka_bootstrap: str, topic_prefix: str, tmp_path: Path
) -> None:
    with running_clickhouse(tmp_path / "clickhouse") as server:
        warehouse = connect(server.url, user=server.user, password=server.password)
        settings = a_ledger(kafka_bootstrap, topic_prefix, warehouse, server)
        fake, stop = FakeWorker(settings, 0), threading.Event()
        sinks = Running(settings, warehouse)
        sink = sinks.start()
        try:
            feeder = threading.Thread(target=feed, args=(fake, stop))
            feeder.start()
            wait_until(lambda: len(read_marks(warehouse)) > 0)
            server.process.kill()
            wait_until(lambda: not sink.health().ok)
            with running_clickhouse(tmp_path / "clickhouse", server.port):
                stop.set()
                feeder.join()
                wait(warehouse, fake)
                assert ordinals(warehouse) == list(range(1, fake.ordinal + 1))
                sinks.stop_all()
        finally:
            stop.set()
            sinks.stop_all()
            warehouse.close()


def feed(fake: FakeWorker, stop: threading.Event) -> None:
    """Process batches until told to stop."""
    while not stop.is_set():
        fake.process(some_scans(50, start=fake.ordinal))
