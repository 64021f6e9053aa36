"""The verbs that ask, run on rows made by hand in the embedded ClickHouse."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobs.cli import VERBS
from pipeline.errors import WarehouseRefused
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows

UNIT = "sku:ACME/W-1/A1"
ALERT = "a" * 32


@pytest.fixture
def ledger(
    warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> LedgerRows:
    """Returns a ledger that the verbs find through the environment."""
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    for name, value in {
        "SCANLEDGER_HOME": str(tmp_path),
        "CLICKHOUSE_URL": embedded_clickhouse.url,
        "CLICKHOUSE_USER": embedded_clickhouse.user,
        "CLICKHOUSE_PASSWORD": embedded_clickhouse.password,
        "CLICKHOUSE_ANALYST_USER": embedded_clickhouse.analyst,
        "CLICKHOUSE_ANALYST_PASSWORD": embedded_clickhouse.analyst_password,
        "CLICKHOUSE_DATABASE": str(database),
        "COLUMNS": "300",
    }.items():
        monkeypatch.setenv(name, value)
    return LedgerRows(warehouse)


def run(*arguments: str) -> Result:
    app = importlib.import_module(VERBS[arguments[0]].module).app
    return CliRunner().invoke(app, list(arguments[1:]))


def shown(*arguments: str) -> Any:  # noqa: ANN401  JSON
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def test_rates_are_lists_of_objects_with_the_groups_columns_first(ledger: LedgerRows) -> None:
    ledger.a_scan(UNIT, "COMMISSION", "2024-01-01 10:00:00")
    ledger.a_scan(UNIT, "SELL", "2024-01-02 10:00:00")
    ledger.a_scan(UNIT, "FAIL", "2024-01-10 10:00:00")
    assert shown("rates", "failure", "--by", "item,month") == [
        {
            "item": "sku:ACME/W-1", "month": "2024-01", "units": 1, "unit_days": 10, "failures": 1,
            "afr_percent": 3650.0, "afr_low": 92.41, "afr_high": 20336.4984,
        }
    ]  # fmt: skip
    assert shown("rates", "failure", "--exposure", "in-service")[0]["unit_days"] == 9
    assert shown("rates", "return") == [{"units": 1, "returns": 0, "rate": 0.0, "low": 0.0, "high": 0.793451}]
    assert "afr_percent" in run("rates", "failure", "--by", "item").stdout


def test_the_whole_answer_of_a_rate_is_one_object_unrounded_with_what_stands_beside_it(ledger: LedgerRows) -> None:
    ledger.a_scan(UNIT, "SELL", "2024-01-02 10:00:00", received_at="2024-01-02 10:00:30")
    ledger.a_scan("sku:ACME/W-1/A2", "FAIL", "2024-01-10 10:00:00", received_at="2024-01-10 10:00:30")
    ledger.a_scan("sku:ACME/W-1/A2", "SELL", "2024-01-09 10:00:00", received_at="2024-01-09 10:00:30")
    answer = shown("rates", "failure", "--by", "item", "--exposure", "in-service", "--whole")
    report = shown("report", "damage")
    assert set(report) - set(answer) == {"report", "title", "question", "view", "sql", "options"}
    assert (answer["data_end"], answer["p95_delay_seconds"]) == ("2024-01-10T10:00:00.000+00:00", 30)
    assert (answer["level"], answer["exposure"], answer["by"], answer["n"]) == (0.95, "in-service", ["item"], 1)
    assert "exact Poisson" in answer["method"]
    assert answer["rows"][0]["afr_percent"] == 100 * 365 / 11
    assert [column["name"] for column in answer["columns"]] == list(answer["rows"][0])
    assert set(answer["columns"][0]) == set(report["columns"][0])
    assert json.loads(run("rates", "failure", "--whole", "--format", "json").stdout)["n"] == 1
    nothing = shown("rates", "return", "--as-of", "1999-01-01", "--whole")
    assert (nothing["rows"], nothing["reason"], nothing["data_end"]) == ([], "No unit has been sold.", None)
    said = run("rates", "failure", "--exposure", "in-service").stderr
    assert all(word in said for word in ("method:", "level: 0.95", 'exposure: "in-service"', "data_end:"))


def test_no_rates_are_an_empty_list_or_a_header(ledger: LedgerRows) -> None:
    assert shown("rates", "failure", "--by", "item") == []
    assert run("rates", "return", "--format", "csv").stdout == "units,returns,rate,low,high\n"


def test_a_unit_is_shown_with_its_state_alerts_and_both_decisions(ledger: LedgerRows) -> None:
    sold = ledger.a_scan(UNIT, "SELL", "2024-01-10 10:00:00", "REJECTED", reason="UNKNOWN_UNIT")
    ledger.a_scan(UNIT, "COMMISSION", "2024-01-01 10:00:00", state_after="COMMISSIONED")
    ledger.a_revision(sold, UNIT, "ACCEPTED", "NONE", state_before="COMMISSIONED", state_after="SOLD")
    ledger.a_unit(UNIT, "SOLD", site="Berlin", sold_at="2024-01-10 10:00:00.000")
    ledger.an_alert(ALERT, UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED")
    (unit,) = shown("unit", UNIT)
    assert (unit["state"], unit["site"], unit["sold_at"]) == ("SOLD", "Berlin", "2024-01-10T10:00:00+00:00")
    assert [alert["id"] for alert in unit["alerts"]] == [ALERT]
    assert [(scan["step"], scan["first_reason"], scan["outcome"]) for scan in unit["timeline"]] == [
        ("COMMISSION", "NONE", "ACCEPTED"),
        ("SELL", "UNKNOWN_UNIT", "ACCEPTED"),
    ]
    table = run("unit", UNIT).stdout
    for text in ("Berlin", ALERT, "REJECTED UNKNOWN_UNIT", "COMMISSIONED → SOLD"):
        assert text in table
    assert len(run("unit", UNIT, "--format", "csv").stdout.splitlines()) == 3


def test_an_unknown_unit_is_said_to_be_unknown(ledger: LedgerRows) -> None:
    assert ledger.warehouse.ping()
    result = run("unit", UNIT)
    assert result.exit_code == 1
    assert f"Nothing is known of {UNIT}" in result.stderr


def test_a_unit_with_scans_but_no_state_is_shown(ledger: LedgerRows) -> None:
    ledger.a_scan(UNIT, "SELL", "2024-01-10 10:00:00", "REJECTED", reason="FUTURE_TIME", sequence=0)
    (unit,) = shown("unit", UNIT)
    assert unit["state"] is None
    assert "FUTURE_TIME" in run("unit", UNIT).stdout


def test_alerts_lists_those_that_are_open_unless_asked_otherwise(ledger: LedgerRows) -> None:
    ledger.an_alert(ALERT, UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED")
    ledger.an_alert("b" * 32, UNIT, "SEEN_AFTER_END", "CLOSED", "CLOSED")
    assert [row["id"] for row in shown("alerts")] == [ALERT]
    assert len(shown("alerts", "list", "--status", "all")) == 2
    assert shown("alerts", "list", "--kind", "seen-after-end", "--status", "closed")[0]["unit_key"] == UNIT
    assert shown("alerts", "list", "--unit", "sku:ACME/W-1/other") == []
    assert [row["id"] for row in shown("alerts", "list", "--subject", f"unit:{UNIT}")] == [ALERT]


def test_alerts_of_a_site_are_listed_under_its_subject(ledger: LedgerRows) -> None:
    ledger.an_alert(ALERT, UNIT, "SILENT_SITE", "OPEN", "OPENED", subject="site:munich")
    (alert,) = shown("alerts", "list", "--subject", "site:munich", "--kind", "silent-site")
    assert (alert["subject"], alert["unit_key"]) == ("site:munich", "")
    assert shown("alerts", "list", "--unit", UNIT) == []


def test_the_kinds_of_alerts_are_listed_with_what_to_do(ledger: LedgerRows) -> None:
    del ledger
    kinds = {kind["kind"]: kind["severity"] for kind in shown("alerts", "kinds")}
    assert (kinds["SENSOR_ALARM"], kinds["SILENT_SITE"]) == ("critical", "warning")


def test_modes_are_shown_with_who_loaded_them_and_their_version(ledger: LedgerRows) -> None:
    assert shown("modes", "show") == []
    assert "No modes are in force" in run("modes", "show").stderr
    row = {"rule": "STOLEN", "key_prefix": "gtin:0950", "site": "oslo", "mode": "warn"}
    ledger.an_act("MODES", [row], subject="modes")
    (told,) = shown("modes", "show")
    assert told | row | {"default": "block", "author": "ann", "version": 1, "partitions": 1} == told
    assert "gtin:0950" in run("modes", "show").stdout


def test_an_act_on_an_alert_nobody_knows_is_refused(ledger: LedgerRows) -> None:
    assert ledger.warehouse.ping()
    result = run("alerts", "ack", "c" * 32)
    assert result.exit_code == 2
    assert "no alert cccc" in result.output


def test_a_query_reads_with_parameters_and_cannot_write(ledger: LedgerRows) -> None:
    ledger.a_scan(UNIT, "SELL", "2024-01-10 10:00:00")
    sql = "SELECT step, count() AS scans FROM v_unit_events WHERE serial = {serial:String} GROUP BY step"
    assert shown("query", sql, "--param", "serial=A1") == [{"step": "SELL", "scans": 1}]
    assert run("query", "SELECT 1 AS one WHERE 0", "--format", "csv").stdout == "one\n"
    assert isinstance(run("query", "DROP TABLE unit_events").exception, WarehouseRefused)
    refused = run("query", "SELECT nonsense").exception
    assert isinstance(refused, WarehouseRefused)
    assert str(refused) == "ClickHouse refused: Unknown expression identifier `nonsense`. (UNKNOWN_IDENTIFIER)"


def test_unknown_sites_and_dead_letters_are_listed(ledger: LedgerRows) -> None:
    ledger.a_scan(UNIT, "SELL", "2024-01-10 10:00:00", site="Elsewhere")
    ordinal = ledger.a_dead_letter("BAD_UTF8", value="ab\u0001c")
    assert shown("sites", "unknown")[0]["site"] == "Elsewhere"
    assert shown("dead-letters", "list", "--error", "bad_utf8")[0]["ordinal"] == ordinal
    (letter,) = shown("dead-letters", "show", "0", str(ordinal))
    assert (letter["value_text"], letter["value_hex"], letter["key_text"]) == ("ab\\x01c", "61620163", None)
    assert "at byte 7" in run("dead-letters", "show", "0", str(ordinal)).stdout
    assert run("dead-letters", "show", "0", "999").exit_code == 1
