"""replay on a real ledger: nothing differs, from the topics as from ClickHouse; each planted fault is named."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from typer.testing import CliRunner, Result

from jobs.replay import app
from pipeline.broker.admin import watermarks
from pipeline.broker.clients import admin_client
from pipeline.broker.topics import Topics
from pipeline.errors import SettingsWrong
from pipeline.ledger.outputs import Sent
from pipeline.ledger.where import where_of
from pipeline.proof.told import Told
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import ROOT, EmbeddedClickHouse
from tests.logged_ledger import Logged, a_copy, a_logged_ledger, environment_of
from tests.sinks import wait_until

Plant = Callable[[Warehouse], None]


@pytest.fixture(scope="module")
def whole(kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Logged]:
    with a_logged_ledger(kafka_bootstrap, embedded_clickhouse) as ledger:
        yield ledger


@pytest.fixture
def into(whole: Logged) -> Iterator[str]:
    """Returns a name for side tables, which are gone after the test."""
    name = f"side_{uuid.uuid4().hex[:12]}"
    yield name
    whole.warehouse.command(f"DROP DATABASE IF EXISTS {name} SYNC")


def run(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(app, list(words), env=environment_of(settings))


def told(settings: Settings, into: str, *words: str) -> Any:  # noqa: ANN401  JSON
    result = run(settings, "--into", into, "--json", *words)
    assert result.exit_code == int(not json.loads(result.stdout)["ok"]), result.output
    return json.loads(result.stdout)


def databases(warehouse: Warehouse) -> set[str]:
    return {str(name) for (name,) in warehouse.query_rows("SELECT name FROM system.databases")}


def test_a_sound_ledger_is_replayed_row_for_row_and_the_side_tables_are_dropped(whole: Logged, into: str) -> None:
    found = told(whole.settings, into)
    assert found["ok"], found
    assert (found["from_log"], found["from_clickhouse"], found["carried"]) == (whole.worker.ordinal, 0, 0)
    compared = {row["table"]: row["compared"] for row in found["tables"]}
    assert compared.pop("internal") >= 4 * 12  # each on the pallet tells it, and is told twice that it moves
    for table, rows in compared.items():
        ((count,),) = whole.warehouse.query_rows(f"SELECT count() FROM {table}{' FINAL' * (table == 'unit_state')}")
        assert rows == count > 0, table
    assert {row["differences"] + row["listed"] for row in found["tables"]} == {0}
    assert into not in databases(whole.warehouse)


def change_a_decision(warehouse: Warehouse) -> None:
    change_a_row(warehouse, "'RETRACTED' AS reason")


def change_a_scan(warehouse: Warehouse) -> None:
    change_a_row(warehouse, "'somebody' AS operator")


def change_a_row(warehouse: Warehouse, change: str) -> None:
    warehouse.command("CREATE TABLE changed AS unit_events")
    warehouse.command(f"INSERT INTO changed SELECT * REPLACE ({change}) FROM unit_events WHERE ordinal = 17")
    warehouse.command("DELETE FROM unit_events WHERE ordinal = 17")
    warehouse.command("INSERT INTO unit_events SELECT * FROM changed")
    warehouse.command("DROP TABLE changed")


def drop_a_row(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM unit_events WHERE ordinal = 17")


def double_a_row(warehouse: Warehouse) -> None:
    warehouse.command("INSERT INTO unit_events SELECT * FROM unit_events WHERE ordinal = 17")


def invent_an_alert(warehouse: Warehouse) -> None:
    warehouse.command("INSERT INTO alerts SELECT * REPLACE (ordinal + 1 AS ordinal, 99 AS n) FROM alerts LIMIT 1")


def drop_a_unit(warehouse: Warehouse) -> None:
    warehouse.command("DELETE FROM unit_state WHERE unit_key = (SELECT min(unit_key) FROM unit_state)")


@pytest.mark.parametrize(
    ("plant", "what", "columns"),
    [
        (change_a_decision, ("unit_events", 17, "different"), "reason RETRACTED → "),
        pytest.param(
            change_a_scan, ("unit_events", 17, "different"), "operator somebody → null", marks=pytest.mark.slow
        ),
        (drop_a_row, ("unit_events", 17, "missing"), ""),
        pytest.param(double_a_row, ("unit_events", 17, "twice"), "", marks=pytest.mark.slow),
        (invent_an_alert, ("alerts", None, "unexpected"), ""),
        (drop_a_unit, ("unit_state", None, "missing"), ""),
    ],
)
def test_a_planted_fault_is_the_only_difference(
    whole: Logged,
    embedded_clickhouse: EmbeddedClickHouse,
    into: str,
    plant: Plant,
    what: tuple[str, int | None, str],
    columns: str,
) -> None:
    with a_copy(whole, embedded_clickhouse) as ledger:
        plant(ledger.warehouse)
        found = told(ledger.settings, into)
    (difference,) = found["differences"]
    table, ordinal, kind = what
    assert (difference["table"], difference["partition"], difference["what"]) == (table, 0, kind)
    assert ordinal in (None, difference["ordinal"])
    assert difference["columns"].startswith(columns)
    assert found["problems"] == []
    assert not found["ok"]


def test_what_other_code_decided_is_listed_and_no_failure(
    whole: Logged, embedded_clickhouse: EmbeddedClickHouse, into: str
) -> None:
    with a_copy(whole, embedded_clickhouse) as ledger:
        change_a_row(ledger.warehouse, "'older' AS rules_version, 'RETRACTED' AS reason")
        found = told(ledger.settings, into)
    assert found["ok"]
    (events,) = [row for row in found["tables"] if row["table"] == "unit_events"]
    assert (events["differences"], events["listed"]) == (0, 1)


def test_what_one_unit_told_another_and_the_log_does_not_hold_is_found(whole: Logged) -> None:
    told, lost = Told(), Sent()
    lost.add(b"sku:ACME/PUMP/1", b"told and lost")
    told.add(lost, where_of(whole.settings, 0, 1), ordinal=17)
    missing = told.missing(whole.settings, 1)
    assert missing is not None
    assert [(one.table, one.ordinal, one.what) for one in missing] == [("internal", 17, "missing")]


def test_side_tables_are_kept_when_asked_and_replaced_when_asked(whole: Logged, into: str) -> None:
    assert told(whole.settings, into, "--keep")["kept"]
    assert whole.warehouse.query_rows(f"SELECT count() FROM {into}.v_unit_events") == whole.warehouse.query_rows(
        "SELECT count() FROM v_unit_events"
    )
    again = run(whole.settings, "--into", into).exception
    assert isinstance(again, SettingsWrong)
    assert "--replace" in str(again)
    assert told(whole.settings, into, "--replace")["ok"]
    assert into not in databases(whole.warehouse)


@pytest.mark.parametrize("name", ["default", "no-name", "ein satz", "größer", "x; DROP DATABASE default"])
def test_a_database_that_no_replay_made_is_never_touched(whole: Logged, name: str) -> None:
    refused = run(whole.settings, "--into", name, "--replace").exception
    assert isinstance(refused, SettingsWrong)


def test_the_ledgers_own_database_is_never_touched(whole: Logged) -> None:
    refused = run(whole.settings, "--into", whole.settings.clickhouse_database, "--replace").exception
    assert isinstance(refused, SettingsWrong)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_replay_leaves_nothing_behind(whole: Logged, into: str, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "jobs", "replay", "--into", into, "--timeout", "60"]
    environment = os.environ | environment_of(whole.settings)
    replay = subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_interruptions,  # noqa: PLW1509  it touches no lock
    )
    wait_until(lambda: into in databases(whole.warehouse))
    replay.send_signal(number)
    _, said = replay.communicate(timeout=60)
    assert (replay.returncode, b"Traceback" in said) == (130, False), said
    assert into not in databases(whole.warehouse)


def _hear_interruptions() -> None:
    """Undoes what a shell does to a job in the background, which the tests may be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_what_the_topics_have_let_go_is_replayed_from_clickhouse(
    kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse, into: str
) -> None:
    with a_logged_ledger(kafka_bootstrap, embedded_clickhouse) as ledger:
        for topic, offset in (("scans", 200), ("internal", 10)):
            _expire(ledger.settings, topic, offset)
        found = told(ledger.settings, into)
        assert found["ok"], found
        assert (found["from_clickhouse"], found["carried"]) == (210, 0)
        assert found["from_log"] == ledger.worker.ordinal - 210
        _expire(ledger.settings, "scans", watermarks(ledger.settings, _name(ledger.settings, "scans"))[0].high)
        later = told(ledger.settings, into)
        assert later["ok"], later
        assert later["carried"] == 2


def _name(settings: Settings, topic: str) -> str:
    return Topics.load(settings.topic_prefix).name(topic)


def _expire(settings: Settings, topic: str, offset: int) -> None:
    name, client = _name(settings, topic), admin_client(settings)  # kept: without it nobody would hear the answer
    for future in client.delete_records([TopicPartition(name, 0, offset)]).values():
        future.result(30)
    wait_until(lambda: watermarks(settings, name)[0].low == offset)
