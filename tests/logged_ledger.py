"""A whole ledger of one partition on the real Kafka and ClickHouse, whose records have the broker's own times."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from pipeline.broker.read import read_partition
from pipeline.ledger.batch import Batch
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.marks import wait_for
from pipeline.warehouse.migrate import up
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_worker import LedgerWorker
from tests.oracle.generate import seeded_history
from tests.sinks import MIGRATIONS, WAIT_SECONDS, Running, a_ledger

TABLES = ("unit_events", "unit_revisions", "acts", "alerts", "dead_letters", "unit_state", "sink_marks", "sink_epochs")


class LoggedWorker(LedgerWorker):
    """Accounts for what it sent as the broker gives it back: the times are the log's, hence the same at a replay."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settings = settings

    def _account(
        self, is_scan: bool, keys: Sequence[bytes | None], values: Sequence[bytes], received_at: Sequence[int]
    ) -> None:
        topic, sender = ("scans" if is_scan else "internal"), self._senders[is_scan]
        sender.send([key or b"" for key in keys], values, 0)
        end = sender.finish()[0] + 1
        records = list(read_partition(self._settings, topic, 0, end - len(values), end))
        numbers = np.array([(record.offset, record.timestamp) for record in records], np.int64)
        batch = Batch([record.key for record in records], list(values), numbers[:, 0], numbers[:, 1])
        take = self.ledger.take_scans if is_scan else self.ledger.take_internal
        self._write(take(batch, lambda names: [self.kept.get(name) for name in names]))


@dataclass(frozen=True)
class Logged:
    """The ledger, and who made it."""

    settings: Settings
    warehouse: Warehouse
    worker: LedgerWorker


@contextmanager
def a_database(server: EmbeddedClickHouse) -> Iterator[tuple[str, Warehouse]]:
    """Have a database of one's own as long as the block runs."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with connect(server.url, user=server.user, password=server.password) as outside:
        outside.command(f"CREATE DATABASE {name}")
    with connect(server.url, user=server.user, password=server.password, database=name) as warehouse:
        yield name, warehouse
        warehouse.command(f"DROP DATABASE {name} SYNC")


@contextmanager
def a_logged_ledger(bootstrap: str, server: EmbeddedClickHouse) -> Iterator[Logged]:
    """Have a history with late scans, corrections, loads, acts and bad bytes, on Kafka and in ClickHouse."""
    with a_database(server) as (name, warehouse):
        settings = a_ledger(bootstrap, f"{name}-", warehouse, server, partitions=1)
        worker = LoggedWorker(settings)
        worker.process(seeded_history(7, 400))
        worker.process_bytes([b"", b"no scan"], 0)
        worker.process(seeded_history(8, 100))
        sinks = Running(settings, warehouse)
        sinks.start()
        try:
            wait_for(warehouse, {0: worker.target}, timeout_seconds=WAIT_SECONDS)
        finally:
            sinks.stop_all()
        yield Logged(settings, warehouse, worker)


@contextmanager
def a_copy(ledger: Logged, server: EmbeddedClickHouse) -> Iterator[Logged]:
    """Have a copy of the tables to plant faults in; the log is the same."""
    with a_database(server) as (name, warehouse):
        up(warehouse, MIGRATIONS, "embedded")
        for table in TABLES:
            warehouse.command(f"INSERT INTO {table} SELECT * FROM {ledger.settings.clickhouse_database}.{table}")
        settings = ledger.settings.model_copy(update={"clickhouse_database": name})
        yield Logged(settings, warehouse, ledger.worker)


def environment_of(settings: Settings) -> dict[str, str]:
    """Returns what a verb must find in its environment to use this ledger."""
    return {
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "SCANLEDGER_TOPIC_PREFIX": settings.topic_prefix,
        "CLICKHOUSE_URL": settings.clickhouse_url,
        "CLICKHOUSE_USER": settings.clickhouse_user,
        "CLICKHOUSE_PASSWORD": settings.clickhouse_password.get_secret_value(),
        "CLICKHOUSE_DATABASE": settings.clickhouse_database,
    }
