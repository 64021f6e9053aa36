"""Alarms of sensors from an EPCIS file to the list of alerts: acted on, taken back, taken over, proved and replayed."""

import json
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from jobs import alerts, backtest, findings, import_epcis, replay
from jobs.capture_questions import WarehouseQuestions
from pipeline.domain.unit_key import parse
from pipeline.proof.verify import Ledger, verify
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.logged_ledger import environment_of
from tests.sinks import WAIT_SECONDS, Running, a_ledger, wait_until
from tests.unit.epcis.events import (
    DOCK,
    FIRST,
    FIRST_KEY,
    PALLET,
    PALLET_KEY,
    SECOND,
    SHOP,
    Object,
    a_document,
    an_event,
)
from tests.worker.running import running

PARTITIONS = 2
LOST, LOST_KEY = "urn:epc:id:sgtin:0614141.107346.77", "gtin:10614141073464/77"
PLACE = "unit:sgln:0012345111112400"
REPORT = {"type": "Temperature", "value": 26.5, "uom": "CEL", "exception": "ALARM_CONDITION"}
WRONG: Object = {"errorDeclaration": {"declarationTime": "2026-11-25T00:00:00Z", "reason": "incorrect_data"}}


def an_alarm(number: int, **fields: Any) -> Object:  # noqa: ANN401  JSON
    sensed = {"sensorElementList": [{"sensorReport": [REPORT]}], "readPoint": {"id": DOCK}}
    return an_event(eventID=f"urn:x:{number}", bizStep="sensor_reporting", **{**sensed, **fields})


ON_PALLET = an_alarm(1, type="AggregationEvent", parentID=PALLET, childEPCs=[FIRST, SECOND])
ON_FIRST = an_alarm(2, epcList=[FIRST, SECOND])
AT_PLACE = an_alarm(3)
ON_FIRST_AGAIN = an_alarm(4, epcList=[FIRST])


class Lived:
    """A ledger, the verbs on it, and what they answered while it lived."""

    def __init__(self, settings: Settings, warehouse: Warehouse, folder: Path) -> None:
        self.settings, self.warehouse, self.folder = settings, warehouse, folder
        self.opened: list[Any] = []
        self.acted: list[str] = []
        self.stated: list[Any] = []
        """By the scheduled questions, at each turn."""

    def run(self, app: typer.Typer, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=environment_of(self.settings))

    def capture(self, *events: Object) -> None:
        file = self.folder / "events.jsonld"
        file.write_bytes(orjson.dumps(a_document(*events)))
        result = self.run(import_epcis.app, str(file), "--wait", "--timeout", str(WAIT_SECONDS))
        assert result.exit_code == 0, result.output

    def alerts(self, *words: str) -> list[Any]:
        return list(json.loads(self.run(alerts.app, "list", "--json", *words).stdout))

    def ask(self) -> None:
        """Asks the scheduled questions once."""
        result = self.run(findings.app, "--once", "--json")
        assert result.exit_code == 0, result.output
        self.stated.append(json.loads(result.stdout))

    def act(self, verb: str, subject: str, *words: str) -> str:
        """Returns what came of an act on the alert of a subject."""
        (alert,) = self.alerts("--status", "all", "--subject", subject)
        result = self.run(alerts.app, verb, alert["id"], "--author", "ada", "--reason", "seen to", "--json", *words)
        (done,) = json.loads(result.stdout)
        return f"{done['result']} {done['reason']}".strip()


@pytest.fixture(scope="module")
def lived(
    kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lived]:
    """Returns a ledger whose alarms were acted on; one worker died, and the next had nothing but the log."""
    name, folder, server = f"t{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("home"), embedded_clickhouse
    with connect(server.url, user=server.user, password=server.password) as outside:
        outside.command(f"CREATE DATABASE {name}")
    with connect(server.url, user=server.user, password=server.password, database=name) as warehouse:
        settings = a_ledger(kafka_bootstrap, f"{name}-", warehouse, server, PARTITIONS)
        lived = Lived(settings.model_copy(update={"home": folder, "session_timeout_seconds": 6}), warehouse, folder)
        sinks = Running(settings, warehouse)
        sinks.start()
        try:
            live(lived)
            yield lived
        finally:
            sinks.stop_all()
            warehouse.command(f"DROP DATABASE {name} SYNC")


def live(lived: Lived) -> None:
    with running(lived.settings) as worker:
        lived.capture(ON_PALLET, ON_FIRST, AT_PLACE)
        lived.capture(ON_PALLET, ON_FIRST, AT_PLACE)
        lived.opened = lived.alerts()
        lived.acted = [lived.act("ack", PLACE), lived.act("ack", PLACE), lived.act("close", f"unit:{FIRST_KEY}")]
        lived.acted += [
            lived.act("assign", PLACE, "--to", "bob"),
            lived.act("assign", f"unit:{FIRST_KEY}", "--to", "x"),
        ]
        worker.kill()
    shutil.rmtree(lived.settings.store_folder)
    with running(lived.settings) as worker:
        lived.capture(ON_PALLET | WRONG, ON_FIRST, AT_PLACE, ON_FIRST_AGAIN)
        lived.capture(ON_PALLET)
        be_overdue(lived)
        assert worker.stop() == 0


def be_overdue(lived: Lived) -> None:
    """Have a unit on its way for too long, until it arrives."""
    long_ago: Object = {"eventTime": f"{datetime.now(UTC) - timedelta(days=20):%Y-%m-%dT%H:%M:%SZ}", "epcList": [LOST]}
    lived.capture(
        an_event(action="ADD", bizStep="commissioning", readPoint={"id": DOCK}, **long_ago),
        an_event(bizStep="shipping", readPoint={"id": DOCK}, **long_ago),
    )
    lived.ask()
    wait_until(lambda: bool(lived.alerts("--kind", "overdue-transit")))
    lived.ask()
    arrived = f"{datetime.now(UTC) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
    lived.capture(an_event(bizStep="receiving", readPoint={"id": SHOP}, epcList=[LOST], eventTime=arrived))
    lived.ask()
    wait_until(lambda: not lived.alerts("--kind", "overdue-transit"))


def test_an_event_with_an_alarm_opens_one_alert_however_often_it_is_captured(lived: Lived) -> None:
    found = {alert["subject"]: (alert["kind"], alert["count"], alert["site"]) for alert in lived.opened}
    alike = ("SENSOR_ALARM", 1, "gln:0012345111112")
    assert found == dict.fromkeys((f"unit:{PALLET_KEY}", f"unit:{FIRST_KEY}", PLACE), alike)


def test_acts_on_alerts_of_findings_apply_once(lived: Lived) -> None:
    assert lived.acted == ["APPLIED", "STALE status", "APPLIED", "APPLIED", "STALE status"]


def test_an_alert_shows_who_looks_after_it(lived: Lived) -> None:
    (alert,) = lived.alerts("--status", "acknowledged", "--subject", PLACE)
    assert (alert["assignee"], alert["assigned_by"]) == ("bob", "ada")


def test_a_new_owner_knows_what_was_opened_closed_and_acknowledged(lived: Lived) -> None:
    alarms = lived.alerts("--status", "all", "--kind", "sensor-alarm")
    assert {(alert["subject"], alert["opening"]): alert["status"] for alert in alarms} == {
        (f"unit:{PALLET_KEY}", 1): "RETRACTED",
        (f"unit:{FIRST_KEY}", 1): "CLOSED",
        (f"unit:{FIRST_KEY}", 2): "OPEN",
        (PLACE, 1): "ACKNOWLEDGED",
    }


def test_a_unit_that_is_overdue_has_an_alert_until_it_arrives(lived: Lived) -> None:
    subject = f"unit:{LOST_KEY}"
    assert [[(one["subject"], one["holds"]) for one in turn] for turn in lived.stated] == [
        [(subject, True)], [], [(subject, False)],
    ]  # fmt: skip
    (alert,) = lived.alerts("--status", "all", "--kind", "overdue-transit")
    assert (alert["subject"], alert["status"], alert["count"]) == (subject, "RETRACTED", 0)


def test_a_unit_s_page_has_the_open_alerts_of_findings_of_it(lived: Lived) -> None:
    questions = WarehouseQuestions(lived.settings)
    (alert,) = questions.alerts(parse(FIRST_KEY))
    assert (alert["kind"], alert["opening"], alert["unit_key"]) == ("SENSOR_ALARM", 2, FIRST_KEY)
    assert questions.alerts(parse(PALLET_KEY)) == []


def test_the_view_of_findings_has_the_evidence(lived: Lived) -> None:
    rows = lived.warehouse.query_rows(
        "SELECT evidence, holds, result FROM v_findings WHERE window_name = 'urn:x:1' ORDER BY ordinal"
    )
    assert [(holds, result) for _, holds, result in rows] == [
        (True, "APPLIED"), (True, "STALE"), (False, "APPLIED"), (True, "STALE"),
    ]  # fmt: skip
    told = json.loads(rows[0][0])
    assert (told["event"], told["reports"][0]["type"], told["reports"][0]["value"]) == ("urn:x:1", "Temperature", 26.5)


def test_the_proof_finds_nothing_wrong_and_a_replay_no_difference(lived: Lived) -> None:
    report = verify(Ledger(lived.settings, lived.warehouse, WAIT_SECONDS))
    assert [result.examples for result in report.results.values()] == [[]] * 6
    result = lived.run(replay.app, "--into", f"side_{uuid.uuid4().hex[:12]}", "--json")
    assert json.loads(result.stdout)["ok"], result.output


def test_a_backtest_with_the_rules_in_force_changes_no_alert(lived: Lived) -> None:
    result = lived.run(backtest.app, "--json")
    assert json.loads(result.stdout)["alerts"] == [], result.output
