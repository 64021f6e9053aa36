"""verify where the topic of verdicts has expired: what is gone is not compared, what is left is, and nothing fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from pipeline.broker import sweep
from pipeline.broker.clients import admin_client, consumer
from pipeline.broker.topics import Topics
from pipeline.proof import refold, verdicts
from pipeline.proof.report import Report
from pipeline.proof.verdicts import check_verdicts
from pipeline.proof.verify import Ledger, verify
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import wait_for
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_worker import LedgerWorker
from tests.oracle.arrivals import a_scan, arrived
from tests.sinks import WAIT_SECONDS, Running, a_ledger

SCANS = 200
_TO_ITS_END = -1


class Expiring:
    """A ledger of one partition with nothing but scans, and verify on it."""

    def __init__(self, settings: Settings, warehouse: Warehouse) -> None:
        self.settings, self.warehouse = settings, warehouse

    def verified(self) -> Report:
        return verify(Ledger(self.settings, self.warehouse, WAIT_SECONDS))

    def expire(self, offset: int) -> None:
        """Delete the verdicts before an offset."""
        client = admin_client(self.settings)
        place = TopicPartition(Topics.load(self.settings.topic_prefix).name("verdicts"), 0, offset)
        (deleted,) = client.delete_records([place]).values()
        deleted.result()

    def change(self, ordinal: int) -> None:
        """Change what decides nothing in a row."""
        self.warehouse.command("CREATE TABLE changed AS unit_events")
        self.warehouse.command(
            f"INSERT INTO changed SELECT * REPLACE ('somebody' AS operator) FROM unit_events WHERE ordinal = {ordinal}"
        )
        self.warehouse.command(f"DELETE FROM unit_events WHERE ordinal = {ordinal}")
        self.warehouse.command("INSERT INTO unit_events SELECT * FROM changed")
        self.warehouse.command("DROP TABLE changed")


@pytest.fixture
def ledger(kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Expiring]:
    with embedded_clickhouse.databases.migrated() as (name, warehouse):
        settings = a_ledger(kafka_bootstrap, f"{name}-", warehouse, embedded_clickhouse, partitions=1)
        worker = LedgerWorker(settings)
        worker.process(
            [arrived(a_scan(scan_id=f"scan-{n}", serial=f"S{n}")) for n in range(1, SCANS + 1)], batch_records=10
        )
        sinks = Running(settings, warehouse)
        sinks.start()
        try:
            wait_for(warehouse, {0: worker.target}, timeout_seconds=WAIT_SECONDS)
        finally:
            sinks.stop_all()
        yield Expiring(settings, warehouse)


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have little fetched ahead and few ordinals folded at once, so that there is always more to read."""

    def reader(settings: Settings, group: str | None = None, **conf: Any) -> Consumer:  # noqa: ANN401
        few = {"queued.min.messages": 1, "queued.max.messages.kbytes": 1, "fetch.message.max.bytes": 2000}
        return consumer(settings, group, **(conf | few))

    monkeypatch.setattr(sweep, "consumer", reader)
    monkeypatch.setattr(sweep, "_CHUNK", 10)
    monkeypatch.setattr(refold, "_ORDINALS_AT_ONCE", 20)
    monkeypatch.setattr(verdicts, "_ORDINALS_AT_ONCE", 20)


def during_the_fold(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Have something happen when the verdicts up to ordinal 20 have been compared."""
    check = verdicts.WrittenVerdicts.check

    def checked(self: verdicts.WrittenVerdicts, report: Report, span: Span, stored: list[bytes]) -> None:
        check(self, report, span, stored)
        if span.to == 20:
            happens()

    monkeypatch.setattr(verdicts.WrittenVerdicts, "check", checked)


def compared_streams(report: Report) -> int:
    return report.results["streams"].compared


def test_verdicts_that_have_all_expired_are_not_compared(ledger: Expiring) -> None:
    before = compared_streams(ledger.verified())
    ledger.expire(_TO_ITS_END)
    report = ledger.verified()
    assert report.is_ok, report.rows()
    assert before - compared_streams(report) == SCANS


def test_verdicts_that_are_left_are_compared(ledger: Expiring) -> None:
    ledger.expire(100)
    assert ledger.verified().is_ok
    ledger.change(5)
    assert ledger.verified().is_ok
    ledger.change(SCANS - 5)
    report = ledger.verified()
    assert {check for check, result in report.results.items() if result.problems} == {"streams"}
    assert report.results["streams"].problems == 1


@pytest.mark.usefixtures("in_small_pieces")
def test_verdicts_that_expire_meanwhile_are_not_compared_and_those_behind_them_are(
    ledger: Expiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.change(SCANS - 5)
    before = compared_streams(ledger.verified())
    during_the_fold(monkeypatch, lambda: ledger.expire(150))
    report = ledger.verified()
    assert {check for check, result in report.results.items() if result.problems} == {"streams"}
    assert report.results["streams"].problems == 1
    assert f" {SCANS - 5} differs" in report.results["streams"].examples[0]
    assert 50 < before - compared_streams(report) < 150


@pytest.mark.usefixtures("in_small_pieces")
def test_verdicts_that_all_expire_meanwhile_are_no_fault(ledger: Expiring, monkeypatch: pytest.MonkeyPatch) -> None:
    during_the_fold(monkeypatch, lambda: ledger.expire(_TO_ITS_END))
    assert ledger.verified().is_ok


@pytest.mark.usefixtures("in_small_pieces")
def test_verdicts_that_were_removed_on_record_are_let_go_of_as_they_are_read(
    ledger: Expiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, most, report = verdicts._places_until, 0, Report()

    def counted(bodies: list[bytes], ordinal: int) -> int:
        nonlocal most
        most = max(most, len(bodies))
        return place(bodies, ordinal)

    monkeypatch.setattr(verdicts, "_places_until", counted)
    check_verdicts(ledger.settings, ledger.warehouse, report, 0, SCANS, removed=SCANS - 10)
    assert (report.is_ok, compared_streams(report)) == (True, 10)
    assert most <= 30
