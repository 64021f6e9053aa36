"""A whole ledger of one partition on the real Kafka and ClickHouse, whose records have the broker's own times."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message

from pipeline.broker.clients import producer
from pipeline.ledger.batch import Batch
from pipeline.ledger.outputs import Outputs
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import wait_for
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_worker import LedgerWorker
from tests.oracle.arrivals import Arrival, a_scan, arrived
from tests.oracle.generate import seeded_history
from tests.sinks import WAIT_SECONDS, Running, a_ledger

TABLES = ("unit_events", "unit_revisions", "acts", "alerts", "dead_letters", "unit_state", "sink_marks", "sink_epochs")


class LoggedWorker(LedgerWorker):
    """Accounts for what it sent at the times the broker gave it: they are the log's, hence the same at a replay.

    What the ledger tells by `internal` is sent there and accounted for too, until nothing more is told.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._told: list[tuple[bytes, bytes]] = []
        self._inputs = producer(settings, **{"linger.ms": 0})

    def process(self, arrivals: Sequence[Arrival], batch_records: int = 50) -> None:
        super().process(arrivals, batch_records)
        while told := self._told:
            self._told = []
            self._account(False, [key for key, _ in told], [value for _, value in told], [])

    def _account(
        self, is_scan: bool, keys: Sequence[bytes | None], values: Sequence[bytes], received_at: Sequence[int]
    ) -> None:
        name, logged = self.topics.name("scans" if is_scan else "internal"), list[tuple[int, int]]()
        for key, value in zip(keys, values, strict=True):
            self._inputs.produce(name, value, key or b"", 0, on_delivery=lambda _, one: logged.append(_place_of(one)))
        assert self._inputs.flush(WAIT_SECONDS) == 0
        offsets, times = (np.array([one[place] for one in logged], np.int64) for place in (0, 1))
        batch = Batch([key or b"" for key in keys], list(values), offsets, times)
        ledger, memory = self.ledger, self._memory
        self._write(ledger.take_scans(batch, memory.load) if is_scan else ledger.take_internal(batch, memory))

    def _write(self, outputs: Outputs) -> None:
        super()._write(outputs)
        self._told += zip(outputs.internal.keys, outputs.internal.values, strict=True)


def _place_of(record: Message) -> tuple[int, int]:
    """Returns a record's offset and the time at which the broker appended it."""
    kind, appended = record.timestamp()
    assert kind == TIMESTAMP_LOG_APPEND_TIME
    return record.offset() or 0, appended


def lives(pallet: str, count: int = 12) -> list[Arrival]:
    """Returns units made, packed on a pallet, moved with it and sold; one is seen late, one sale is taken back."""
    units = [f"sku:ACME/ON-{pallet[-4:]}-{n % 2}/{n}" for n in range(count)]
    made = [a_scan(unit, "COMMISSION", n, scan_id=f"made {unit}") for n, unit in enumerate(units)]
    packed = [a_scan(unit, "PACK", 60 + n, scan_id=f"packed {unit}", container=pallet) for n, unit in enumerate(units)]
    moved = [a_scan(pallet, "SHIP", 100), a_scan(pallet, "RECEIVE", 400, site="munich")]
    sold = [a_scan(unit, "SELL", 500 + n, scan_id=f"sold {unit}", site="munich") for n, unit in enumerate(units)]
    late = a_scan(units[0], "OBSERVE", 450, scan_id="late", site="munich")
    back = a_scan(units[1], "VOID", 900, scan_id="void", site="munich", corrects=sold[1]["scan_id"])
    return [arrived(scan) for scan in (*made, *packed, *moved, *sold, late, back)]


@dataclass(frozen=True)
class Logged:
    """The ledger, and who made it."""

    settings: Settings
    warehouse: Warehouse
    worker: LedgerWorker


@contextmanager
def a_logged_ledger(bootstrap: str, server: EmbeddedClickHouse) -> Iterator[Logged]:
    """Have late scans, corrections, loads, acts, bad bytes and a pallet on Kafka and in ClickHouse."""
    with server.databases.migrated() as (name, warehouse):
        settings = a_ledger(bootstrap, f"{name}-", warehouse, server, partitions=1)
        worker = LoggedWorker(settings)
        worker.process(seeded_history(7, 400))
        worker.process_bytes([b"", b"no scan"], 0)
        worker.process(lives("sscc:106141412345678908"))
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
    with server.databases.migrated() as (name, warehouse):
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
