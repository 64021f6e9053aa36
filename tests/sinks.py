"""Sinks for tests: settings of a ledger of one's own, sinks on threads, and what has arrived."""

import threading
import time
from collections.abc import Callable

from pipeline.broker.admin import create_topics
from pipeline.settings import Settings
from pipeline.sink.sink import Sink
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import wait_for
from pipeline.warehouse.migrate import up
from tests.databases import MIGRATIONS
from tests.fake_worker import NOON, FakeWorker, Record, a_scan
from tests.fixtures_clickhouse import EmbeddedClickHouse

WAIT_SECONDS = 120.0


def a_ledger(
    bootstrap: str, prefix: str, warehouse: Warehouse, server: EmbeddedClickHouse, partitions: int = 2
) -> Settings:
    """Create topics and tables of a ledger and return its settings."""
    up(warehouse, MIGRATIONS, "embedded")
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    server.databases.kept_apart.add(database)  # a sink may write after its test
    settings = Settings.model_validate(
        {
            "kafka_bootstrap": bootstrap,
            "topic_prefix": prefix,
            "partitions": partitions,
            "session_timeout_seconds": 2,
            "clickhouse_url": server.url,
            "clickhouse_user": server.user,
            "clickhouse_password": server.password,
            "clickhouse_database": database,
        }
    )
    create_topics(settings)
    return settings


class Running:
    """Sinks on threads of this process."""

    def __init__(self, settings: Settings, warehouse: Warehouse) -> None:
        self._settings, self._warehouse = settings, warehouse
        self._running: list[tuple[threading.Thread, threading.Event]] = []

    def start(self) -> Sink:
        sink, stop = Sink(self._settings, lambda: self._warehouse), threading.Event()
        thread = threading.Thread(target=sink.run, args=(stop,), daemon=True)
        thread.start()
        self._running.append((thread, stop))
        return sink

    def stop(self) -> None:
        """Stop the one started first."""
        thread, stop = self._running.pop(0)
        stop.set()
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()

    def stop_all(self) -> None:
        while self._running:
            self.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not within a minute"
        time.sleep(0.05)


def some_scans(count: int, start: int = 0) -> list[Record]:
    return [a_scan(scan_id=f"scan-{n}", serial=f"S{n % 7}", event_time=NOON + n) for n in range(start, start + count)]


def ordinals(warehouse: Warehouse, partition: int = 0) -> list[int]:
    return [
        row[0]
        for row in warehouse.query_rows(
            "SELECT ordinal FROM (SELECT ordinal, partition FROM unit_events"
            " UNION ALL SELECT ordinal, partition FROM acts UNION ALL SELECT ordinal, partition FROM dead_letters)"
            " WHERE partition = {p:UInt32} ORDER BY ordinal",
            {"p": partition},
        )
    ]


def wait(warehouse: Warehouse, *fakes: FakeWorker) -> None:
    wait_for(warehouse, {fake.partition: fake.target for fake in fakes}, timeout_seconds=WAIT_SECONDS)
