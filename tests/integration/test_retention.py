"""Old months taken out on record: accepted, dropped, and what verify, dossiers and statistics say and still find."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from jobs import dossier, rates, replay, retention, survival
from pipeline.errors import RulesWrong
from pipeline.proof.report import Report
from pipeline.proof.verify import Ledger, verify
from pipeline.warehouse.retention import removals
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.sinks import WAIT_SECONDS
from tests.small_ledger import Verbs, small_ledger
from tests.worker.running import running

OLD, NEW = "sku:ACME/BIKE/old", "sku:ACME/BIKE/new"
MONTH = datetime.now(UTC).date().replace(day=1)
LAST_MONTH = MONTH - timedelta(days=1)


@pytest.fixture(scope="module")
def verbs(
    kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Verbs]:
    with small_ledger(kafka_bootstrap, embedded_clickhouse, tmp_path_factory.mktemp("home")) as verbs:
        with running(verbs.settings):
            verbs.scans((OLD, "COMMISSION", 0, "B1", ""), (OLD, "SELL", 10, "", ""))
            made_old(verbs)
            verbs.told["dry"] = verbs.json(retention.app, "accept", "--before", str(MONTH), "--dry-run")
            verbs.told["accepted"] = verbs.json(retention.app, "accept", "--before", str(MONTH), "--author", "ada")
            verbs.scans((OLD, "FAIL", 100, "", ""), (NEW, "COMMISSION", 110, "B2", ""))
        yield verbs


def made_old(verbs: Verbs) -> None:
    """Has the rows so far received a month ago, as far as the table knows."""
    warehouse, old = verbs.warehouse, f"{LAST_MONTH} 12:00:00"
    columns = warehouse.query_rows(
        "SELECT name FROM system.columns"
        " WHERE database = currentDatabase() AND table = 'unit_events' AND name != 'received_at'"
        " AND default_kind != 'MATERIALIZED'"
    )
    names = ", ".join(f"`{name}`" for (name,) in columns)
    warehouse.command("CREATE TABLE young AS unit_events ENGINE = Memory")
    warehouse.command("INSERT INTO young SELECT * FROM unit_events")
    warehouse.command("TRUNCATE TABLE unit_events")
    warehouse.command(
        f"INSERT INTO unit_events ({names}, received_at) SELECT {names}, toDateTime64('{old}', 3) FROM young"
    )


def proved(verbs: Verbs) -> Report:
    return verify(Ledger(verbs.settings, verbs.warehouse, WAIT_SECONDS))


def test_what_is_removed_is_on_record_with_its_last_ordinal_before_it_is_gone(verbs: Verbs) -> None:
    (row,) = verbs.told["accepted"]
    assert (row["last_ordinal"], row["scans"], row["result"]) == (2, 2, "APPLIED")
    assert verbs.told["dry"] == [row | {"result": ""}]
    (removal,) = removals(verbs.warehouse).values()
    assert (removal.last_ordinal, removal.author, removal.before.date()) == (2, "ada", MONTH)
    assert verbs.warehouse.query_rows("SELECT DISTINCT step FROM unit_events ORDER BY step") == [
        ("COMMISSION",),
        ("FAIL",),
    ]


def test_verify_starts_after_it_and_says_so(verbs: Verbs) -> None:
    report = proved(verbs)
    assert report.is_ok, report.rows()
    assert ["accepted by ada" in one.text() for one in report.removed.values()] == [True]
    assert report.results["fold"].listed > 0


def test_a_replay_leaves_out_what_it_cannot_know_and_says_so(verbs: Verbs) -> None:
    database = verbs.settings.clickhouse_database
    result = verbs.run(replay.app, "--into", f"{database}_again", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["ok"], found["from_log"], found["differences"], found["problems"]) == (True, 0, [], [])
    assert ["accepted by ada" in partition for partition in found["removed"]] == [True]
    said = verbs.run(replay.app, "--into", f"{database}_again").stderr
    assert "it is not replayed" in said
    assert "Nothing was replayed" in said
    assert "The replay is the ledger" not in said


def test_verify_finds_what_was_lost_behind_it_and_repair_brings_back_that_alone(verbs: Verbs) -> None:
    verbs.warehouse.command("ALTER TABLE unit_events DELETE WHERE step = 'FAIL'", mutations_sync=2)
    assert proved(verbs).results["ordinals"].problems == 1
    report = verify(Ledger(verbs.settings, verbs.warehouse, WAIT_SECONDS), with_repair=True)
    assert (report.is_ok, report.repaired) == (True, 1)


def test_a_dossier_says_what_is_missing_and_is_sound(verbs: Verbs) -> None:
    file = verbs.folder / "unit.jsonl"
    assert verbs.run(dossier.app, OLD, "--out", str(file)).exit_code == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["line"] for line in lines] == ["unit", "removed", "event", "signature"]
    assert (lines[1]["last_ordinal"], lines[1]["author"], lines[2]["step"]) == (2, "ada", "FAIL")
    key = verbs.run(dossier.app, "key").stdout.strip()
    assert verbs.run(dossier.app, "verify", str(file), "--public-key", key).exit_code == 0


def test_statistics_say_since_when_they_know(verbs: Verbs) -> None:
    assert verbs.json(survival.app)["removed_before"] == str(MONTH)
    assert f"received before {MONTH}" in verbs.run(rates.app, "failure").stderr


def test_only_whole_months_that_are_over_are_removed(verbs: Verbs) -> None:
    assert verbs.json(retention.app, "accept", "--before", str(LAST_MONTH)) == []
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert verbs.run(retention.app, "accept", "--before", str(tomorrow)).exit_code == 2
    assert verbs.run(retention.app, "accept", "--before", "soon").exit_code == 2


def test_rows_that_come_between_the_record_and_the_removal_stop_it(
    verbs: Verbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter(
        [[{"partition": 0, "last_ordinal": 1, "scans": 1}], [{"partition": 0, "last_ordinal": 2, "scans": 2}]]
    )
    monkeypatch.setattr(retention, "ask", lambda *_, **__: next(counts))
    monkeypatch.setattr(retention, "send_act", lambda *_: {0: {"result": "APPLIED", "reason": ""}})
    monkeypatch.setattr(retention, "drop_months", lambda *_: pytest.fail("dropped what nobody accepted"))
    result = verbs.run(retention.app, "accept", "--before", str(MONTH))
    assert isinstance(result.exception, RulesWrong)
