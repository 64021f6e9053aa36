"""The verb `report`: its list, its answers in every format, a file of an ERP, and what it says to wrong use."""

import csv
import importlib
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analytics.questions import questions
from analytics.reports.registry import report_answer, reports
from analytics.reports.report import Report
from jobs.cli import VERBS
from pipeline.errors import TableWrong
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows


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
        "CLICKHOUSE_DATABASE": str(database),
        "COLUMNS": "300",
    }.items():
        monkeypatch.setenv(name, value)
    return LedgerRows(warehouse)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(importlib.import_module(VERBS["report"].module).app, list(arguments))


def a_history(ledger: LedgerRows) -> None:
    ledger.a_scan("sku:A/1/a", "COMMISSION", "2024-01-01 10:00:00", state_after="COMMISSIONED", condition="active")
    ledger.a_scan(
        "sku:A/1/a", "SHIP", "2024-01-02 10:00:00", destination="S2", state_before="COMMISSIONED",
        state_after="IN_TRANSIT", previous_site="S1",
    )  # fmt: skip
    ledger.a_scan(
        "sku:A/1/a", "RECEIVE", "2024-01-05 10:00:00", site="S2", state_before="IN_TRANSIT", state_after="RECEIVED",
        previous_site="S1", reader="gate",
        attributes=[{"name": "entry", "value": "manual"}, {"name": "read", "value": "failed"}],
    )  # fmt: skip
    ledger.a_scan("sku:A/1/b", "SELL", "2024-01-06 10:00:00", state_before="STORED", state_after="SOLD")
    ledger.a_scan(
        "sku:A/1/b", "RETURN", "2024-01-09 10:00:00", state_before="SOLD", state_after="RETURNED", previous_site="S1",
        attributes=[{"name": "reason", "value": "too small"}],
    )  # fmt: skip


def test_without_a_name_all_are_listed_with_one_line_each() -> None:
    listed = json.loads(run("--json").stdout)
    assert [row["name"] for row in listed] == [report.name for report in reports()]
    assert "How long do units stay at a step and site?" in run().stdout


def test_every_report_answers_with_the_columns_it_names(ledger: LedgerRows) -> None:
    a_history(ledger)
    for name in (report.name for report in reports()):
        result = run(name, "--json")
        assert result.exit_code == 0, (name, result.output, result.exception)
        answer = json.loads(result.stdout)
        columns = [column["name"] for column in answer["columns"]]
        assert (answer["reason"] == "") is (name != "dead-stock"), name
        assert [list(row) for row in answer["rows"]] == [columns] * answer["n"]
        assert answer["data_end"] == "2024-01-09T10:00:00.000+00:00"
        assert set(answer["why_excluded"]) == {word for word, count in answer["excluded"].items() if count}
        assert next(csv.reader(io.StringIO(run(name, "--format", "csv").stdout))) == columns


def test_every_report_of_an_empty_ledger_says_so(ledger: LedgerRows) -> None:
    for report in reports():
        answer = report_answer(ledger.warehouse, report.name)
        assert (answer["rows"], answer["data_end"], answer["n"]) == ([], None, 0)
        assert answer["reason"] == report.empty


@pytest.mark.parametrize("report", reports(), ids=lambda report: str(report.name))
def test_every_report_names_its_question_and_explains_each_column(report: Report) -> None:
    assert report.sql in questions()
    assert all(column.about for column in report.columns)
    assert report.question.endswith("?")


def test_quantities_of_an_erp_are_set_against_what_is_on_hand(ledger: LedgerRows, tmp_path: Path) -> None:
    a_history(ledger)
    file = tmp_path / "erp.csv"
    file.write_text("item,site,quantity\nsku:A/1,S2,3\nsku:A/1,S1,1\n")
    answer = json.loads(run("on-hand", "--erp", str(file), "--json").stdout)
    assert [(row["site"], row["difference"], row["finding"]) for row in answer["rows"]] == [
        ("S1", 0, "AGREES"), ("S2", -2, "ERP_HAS_MORE"),
    ]  # fmt: skip
    file.write_text("item,site,quantity\nsku:A/1,S2,many\n")
    wrong = run("on-hand", "--erp", str(file)).exception
    assert isinstance(wrong, TableWrong)
    assert "line 2 (row 1 of the data), column 'quantity': 'many'" in str(wrong)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dwel",), "did you mean dwell?"),
        (("xyz",), "there are return-cohorts"),
        (("dwell", "--days", "3"), "dwell has no option 'days'"),
        (("dead-stock", "--days", "9999"), "lies between 1 and 3650"),
        (("dwell", "--erp", "x.csv"), "--erp goes with on-hand"),
        (("dwell", "--as-of", "yesterday"), "is no time"),
    ],
)
def test_wrong_use_is_told_what_would_be_right(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_the_dictionary_says_what_a_view_s_columns_say(ledger: LedgerRows) -> None:
    del ledger
    app = importlib.import_module(VERBS["dictionary"].module).app
    told = json.loads(CliRunner().invoke(app, ["v_on_hand", "--json"]).stdout)
    assert told[0] == {"view": "v_on_hand", "name": "item", "type": "String", "about": "class of the unit"}
    assert {row["view"] for row in told} == {"v_on_hand"}
    wrong = CliRunner().invoke(app, ["v_onhand"])
    assert (wrong.exit_code, "did you mean v_on_hand?" in " ".join(wrong.output.replace("│", " ").split())) == (2, True)
    assert "## v_dwell" in CliRunner().invoke(app, ["--format", "markdown"]).stdout
