"""Where old rows were removed on record, every report, rate and page says since when it goes back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from analytics.causes import AskedCauses, causes_answer
from analytics.console.access import COOKIE
from analytics.ledger_answers import Statistic, Wanted, ledger_answer
from analytics.lifetimes import Asked, Origin
from analytics.rate_answers import AskedRate, RateKind, rate_answer
from analytics.reports.registry import report_answer, reports
from jobs import causes, rates, report, survival
from pipeline.warehouse.client import Warehouse
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.ledger_rows import LedgerRows

BEFORE = "2024-02-01"
SAID = f"What was received before {BEFORE} was removed, on record"
LEFT = f"{SAID}. Of what is left: "


def removed(ledger: LedgerRows) -> None:
    """Leave one scan, and say on record that there were more."""
    ledger.a_scan("sku:A/1/a", "OBSERVE", "2024-02-03 10:00:00", state_after="NONE")
    before = round(datetime(2024, 2, 1, tzinfo=UTC).timestamp() * 1000)
    ledger.an_act("RETENTION", {"last_ordinal": 7, "before": before}, subject="retention")


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    rows = LedgerRows(warehouse)
    removed(rows)
    return rows


@pytest.fixture
def environment(warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse, tmp_path: Path) -> dict[str, str]:
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    return {
        "SCANLEDGER_HOME": str(tmp_path), "CLICKHOUSE_URL": embedded_clickhouse.url,
        "CLICKHOUSE_USER": embedded_clickhouse.user, "CLICKHOUSE_PASSWORD": embedded_clickhouse.password,
        "CLICKHOUSE_DATABASE": str(database), "COLUMNS": "300",
    }  # fmt: skip


@pytest.mark.parametrize("name", [one.name for one in reports()])
def test_every_report_says_since_when_it_goes_back(ledger: LedgerRows, name: str) -> None:
    answer = report_answer(ledger.warehouse, name)
    assert answer["removed_before"] == BEFORE
    if not answer["rows"]:
        assert answer["reason"].startswith(LEFT)


def test_a_rate_without_rows_claims_nothing_of_what_was_removed(ledger: LedgerRows) -> None:
    for kind, left in ((RateKind.RETURN, "no unit has been sold."), (RateKind.DAMAGE, "no unit with an item")):
        answer = rate_answer(ledger.warehouse, AskedRate(kind))
        assert answer["removed_before"] == BEFORE
        assert answer["reason"].startswith(f"{LEFT}{left}")


@pytest.mark.parametrize("statistic", list(Statistic))
def test_a_statistic_of_time_without_units_claims_nothing_of_what_was_removed(
    ledger: LedgerRows, statistic: Statistic
) -> None:
    answer = ledger_answer(ledger.warehouse, Asked(), Wanted(statistic))
    assert (answer["n"], answer["removed_before"]) == (0, BEFORE)
    assert answer["reason"].startswith(f"{LEFT}no unit counts: 1 without this origin")
    seen = ledger_answer(ledger.warehouse, Asked(origin=Origin.FIRST_SEEN), Wanted(statistic))
    assert (seen["n"], LEFT in seen["reason"]) == (1, statistic is Statistic.LOGRANK)


def test_causes_claim_nothing_of_what_was_removed(ledger: LedgerRows) -> None:
    answer = causes_answer(ledger.warehouse, AskedCauses())
    assert answer["reason"].startswith(f"{LEFT}no unit counts: 1 without this origin")
    answer = causes_answer(ledger.warehouse, AskedCauses(Asked(origin=Origin.FIRST_SEEN)))
    assert answer["reason"] == f"{LEFT}no unit at risk has the event FAIL: there is nothing to explain."


def test_where_nothing_was_removed_nothing_is_said(warehouse: Warehouse) -> None:
    LedgerRows(warehouse).a_scan("sku:A/1/a", "OBSERVE", "2024-02-03 10:00:00")
    assert "removed_before" not in report_answer(warehouse, "damage")
    assert "removed_before" not in rate_answer(warehouse, AskedRate(RateKind.FAILURE))


@pytest.mark.usefixtures("ledger")
def test_tables_say_it_in_words(environment: dict[str, str]) -> None:
    def run(app: object, *words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=environment)  # type: ignore[arg-type]

    for app, words in (
        (report.app, ["on-hand"]), (report.app, ["damage"]), (rates.app, ["failure"]), (rates.app, ["damage"]),
        (survival.app, []), (causes.app, []),
    ):  # fmt: skip
        result = run(app, *words)
        assert result.exit_code == 0, result.output
        assert result.stderr.count(SAID) == 1, words
        assert (f"{SAID}: this starts after it." in result.stderr) == ("reason: " not in result.stderr), words
        assert "removed_before" not in result.stderr


@pytest.fixture(scope="module")
def console(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        removed(LedgerRows(warehouse))
        with serving(tmp_path_factory.mktemp("console"), FoldedLedger(warehouse)) as served:
            yield served


@pytest.mark.parametrize("path", ["/rates", "/returns", *(f"/reports/{one.name}" for one in reports())])
def test_pages_say_it_in_words(console: Console, path: str) -> None:
    cookies = {COOKIE: console.session("analyst")}
    text = httpx.get(f"{console.url}{path}", cookies=cookies, timeout=60).text
    assert text.count(SAID) == 1
    assert "Nothing was sold yet" not in text
    assert "No units yet" not in text


@pytest.mark.parametrize(
    ("query", "says"), [("by=supplier", "Not sent by any site"), ("until=1999-01-01", "Nothing counts in this period")]
)
def test_an_empty_page_of_rates_says_what_is_the_matter_rather_than_what_was_removed(
    console: Console, query: str, says: str
) -> None:
    cookies = {COOKIE: console.session("analyst")}
    text = httpx.get(f"{console.url}/rates?{query}", cookies=cookies, timeout=60).text
    assert says in text
    assert "Nothing that is left counts" not in text
