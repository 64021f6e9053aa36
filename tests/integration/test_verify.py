"""verify on a real ledger: nothing to find, then each planted fault found, and what is missing repaired."""

import json
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner

from jobs.verify import app
from pipeline.proof.report import Report
from pipeline.proof.verify import Ledger, verify
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import wait_for
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_worker import LedgerWorker
from tests.oracle.arrivals import RECEIVED_AT, a_scan, arrived
from tests.oracle.generate import seeded_history
from tests.sinks import WAIT_SECONDS, Running, a_ledger

ALL_STREAMS = ("unit_events", "unit_revisions", "acts", "alerts", "dead_letters", "unit_state")


RECORDS = 504  # two histories, each with a load of sites, and two that are no scans


class Verified:
    """A ledger with a history in ClickHouse, and verify on it."""

    def __init__(self, settings: Settings, warehouse: Warehouse, worker: LedgerWorker) -> None:
        self.settings, self.warehouse, self.worker = settings, warehouse, worker

    def __call__(self, *, with_repair: bool = False, timeout: float = WAIT_SECONDS) -> Report:
        return verify(Ledger(self.settings, self.warehouse, timeout), with_repair=with_repair)


@pytest.fixture(scope="module")
def whole(kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Verified]:
    """A history on Kafka and in a database that no test touches."""
    with embedded_clickhouse.databases.migrated() as (name, warehouse):
        settings = a_ledger(kafka_bootstrap, f"{name}-", warehouse, embedded_clickhouse, partitions=1)
        worker = LedgerWorker(settings)
        worker.process(seeded_history(7, 400))
        worker.process_bytes([b"", b"no scan"], RECEIVED_AT)
        worker.process(seeded_history(8, 100))
        sinks = Running(settings, warehouse)
        sinks.start()
        try:
            wait_for(warehouse, {0: worker.target}, timeout_seconds=WAIT_SECONDS)
        finally:
            sinks.stop_all()
        yield Verified(settings, warehouse, worker)


@pytest.fixture(scope="module")
def repaired(whole: Verified, embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Verified]:
    """A copy for tests that leave it as it was, because they repair it."""
    with embedded_clickhouse.databases.migrated() as (name, warehouse):
        yield a_copy(whole, name, warehouse)


@pytest.fixture
def ledger(whole: Verified, embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Verified]:
    """A copy of one's own, to plant faults in."""
    with embedded_clickhouse.databases.migrated() as (name, warehouse):
        yield a_copy(whole, name, warehouse)


def a_copy(whole: Verified, name: str, warehouse: Warehouse) -> Verified:
    for table in (*ALL_STREAMS, "sink_marks", "sink_epochs"):
        warehouse.command(f"INSERT INTO {table} SELECT * FROM {whole.settings.clickhouse_database}.{table}")
    settings = whole.settings.model_copy(update={"clickhouse_database": name})
    return Verified(settings, warehouse, whole.worker)


def test_what_arrives_while_it_runs_is_no_fault(kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse) -> None:
    with embedded_clickhouse.databases.migrated() as (name, warehouse):
        settings = a_ledger(kafka_bootstrap, f"{name}-", warehouse, embedded_clickhouse, partitions=1)
        worker, sinks = LedgerWorker(settings), Running(settings, warehouse)
        worker.process(seeded_history(7, 100))
        sinks.start()
        arriving = seeded_history(8, 50)

        def more(said: str) -> None:
            assert said == "partition 1 of 1"  # what the inputs hold has been read by now
            worker.process(arriving)

        try:
            report = verify(Ledger(settings, warehouse, WAIT_SECONDS, more))
        finally:
            sinks.stop_all()
        assert report.is_ok, report.rows()
        assert report.results["ordinals"].compared == 150 + 2  # each history comes with a load of sites


def problems(report: Report) -> set[str]:
    return {check for check, result in report.results.items() if result.problems}


def test_a_ledger_that_is_right_passes_every_check(whole: Verified) -> None:
    report = whole()
    assert [result.examples for result in report.results.values()] == [[]] * 6
    assert report.is_ok
    assert report.results["ordinals"].compared == whole.worker.ordinal == RECORDS
    assert report.results["offsets"].compared == RECORDS
    for table in ALL_STREAMS:
        assert whole.warehouse.query_rows(f"SELECT count() > 0 FROM {table}") == [(True,)], table


def change_a_row(warehouse: Warehouse, change: str) -> None:
    warehouse.command("CREATE TABLE changed AS unit_events")
    warehouse.command(f"INSERT INTO changed SELECT * REPLACE ({change}) FROM unit_events WHERE ordinal = 17")
    warehouse.command("DELETE FROM unit_events WHERE ordinal = 17")
    warehouse.command("INSERT INTO unit_events SELECT * FROM changed")
    warehouse.command("DROP TABLE changed")


Plant = Callable[[Warehouse], None]


def drop_a_row(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM unit_events WHERE ordinal = 17")


def drop_the_last_row(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM unit_events WHERE ordinal = (SELECT max(ordinal) FROM unit_events)")


def double_a_row(warehouse: Warehouse) -> None:
    warehouse.command("INSERT INTO unit_events SELECT * FROM unit_events WHERE ordinal = 17")


def skip_an_offset(warehouse: Warehouse) -> None:
    change_a_row(warehouse, "offset + 100000 AS offset")


def change_a_state(warehouse: Warehouse) -> None:
    warehouse.command(
        "INSERT INTO unit_state SELECT * REPLACE (concat(fold, 'x') AS fold) FROM unit_state FINAL"
        " ORDER BY unit_key LIMIT 1"
    )


def drop_a_unit(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM unit_state WHERE unit_key = (SELECT min(unit_key) FROM unit_state)")


def drop_a_revision(warehouse: Warehouse) -> None:
    first = "(SELECT min((caused_by, n)) FROM unit_revisions)"
    warehouse.command(f"DELETE FROM unit_revisions WHERE (caused_by, n) = {first}")


def drop_an_alert(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM alerts WHERE ordinal = (SELECT max(ordinal) FROM alerts)")


def drop_an_act(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM acts WHERE ordinal = (SELECT max(ordinal) FROM acts)")


def change_a_decision(warehouse: Warehouse) -> None:
    change_a_row(warehouse, "'RETRACTED' AS reason")


def change_what_decides_nothing(warehouse: Warehouse) -> None:
    change_a_row(warehouse, "'somebody else' AS operator")


@pytest.mark.parametrize(
    ("plant", "found_by"),
    [
        (drop_a_row, {"ordinals", "offsets", "streams", "fold"}),
        (drop_the_last_row, {"ordinals", "offsets", "streams", "fold"}),
        (change_a_state, {"units"}),
        (drop_a_unit, {"units"}),
        (drop_a_revision, {"streams", "fold"}),
        (drop_an_alert, {"streams", "fold"}),
        (drop_an_act, {"ordinals", "offsets", "streams", "fold"}),
    ],
)
def test_what_is_missing_is_found_and_repaired(repaired: Verified, plant: Plant, found_by: set[str]) -> None:
    plant(repaired.warehouse)
    assert problems(repaired()) == found_by
    mended = repaired(with_repair=True)
    assert mended.is_ok
    assert mended.repaired == 1


@pytest.mark.parametrize(
    ("plant", "found_by"),
    [
        (double_a_row, {"ordinals", "offsets", "streams", "fold"}),
        (skip_an_offset, {"offsets", "streams"}),
        (change_a_decision, {"streams", "fold"}),
        (change_what_decides_nothing, {"streams"}),
    ],
)
def test_what_is_there_and_wrong_is_found(ledger: Verified, plant: Plant, found_by: set[str]) -> None:
    plant(ledger.warehouse)
    assert problems(ledger()) == found_by


def test_what_other_rules_decided_is_listed_and_no_failure(whole: Verified, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ledger.ledger", "ledger.internal", "ledger.rare", "ledger.heirs", "proof.refold"):
        monkeypatch.setattr(f"pipeline.{module}.RULES_VERSION", "newer")
    report = whole()
    assert report.is_ok
    assert report.results["fold"].listed > 0


def test_the_verb_exits_0_or_1_and_speaks_json(repaired: Verified, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = repaired.settings
    for name, value in {
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "SCANLEDGER_TOPIC_PREFIX": settings.topic_prefix,
        "CLICKHOUSE_URL": settings.clickhouse_url,
        "CLICKHOUSE_USER": settings.clickhouse_user,
        "CLICKHOUSE_PASSWORD": settings.clickhouse_password.get_secret_value(),
        "CLICKHOUSE_DATABASE": settings.clickhouse_database,
    }.items():
        monkeypatch.setenv(name, value)
    right = CliRunner().invoke(app, ["--format", "json"])
    assert right.exit_code == 0, right.output
    assert json.loads(right.stdout)["ok"] is True
    drop_a_row(repaired.warehouse)
    wrong = CliRunner().invoke(app, ["--format", "csv"])
    assert wrong.exit_code == 1
    assert wrong.stdout.startswith("check,proves,compared,problems,listed\nsink,")
    assert "17" in wrong.stderr
    mended = CliRunner().invoke(app, ["--json", "--repair"])
    assert json.loads(mended.stdout)["repaired"] == 1


def test_a_record_that_nobody_accounted_for_is_found(whole: Verified) -> None:
    whole.worker.send_only(arrived(a_scan()))
    report = whole(timeout=0.5)
    assert problems(report) == {"sink"}
    assert "1 records of partition 0" in str(report.rows()[0]["examples"])
