"""What an ERP states against what the ledger had then: the newest statement counts, whole and of its own time."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.findings import Scheduled, Stated, Watch, found, schedule
from analytics.questions import Row, ask
from analytics.reports.reconciliation import reconciled
from analytics.reports.registry import report_answer
from pipeline.warehouse.client import Warehouse
from tests.integration.test_views import newest_definition
from tests.ledger_rows import LedgerRows

QUERIES = Path(__file__).parents[2] / "analytics" / "queries"
NOW_MS = int(datetime(2024, 6, 20, 12, 30, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000


def at(day: int, hour: int = 0) -> str:
    return f"2024-06-{day:02} {hour:02}:00:00.000"


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    """Three pumps and a fan at munich until 10 June, when one pump is sold; a pump at oslo."""
    ledger = LedgerRows(warehouse)
    for unit, site in (("i/1", "munich"), ("i/2", "munich"), ("i/3", "munich"), ("j/1", "munich"), ("i/4", "oslo")):
        stored(ledger, unit, 1, site)
    ledger.a_scan("i/3", "SELL", at(10), site="munich", state_before="STORED", state_after="SOLD")
    return ledger


def ms(day: int, hour: int = 0) -> int:
    return int(datetime(2024, 6, day, hour, tzinfo=UTC).timestamp() * 1000)


def stored(ledger: LedgerRows, unit: str, day: int, site: str) -> None:
    ledger.a_scan(unit, "STORE", at(day), site=site, state_after="STORED")


def stated(
    ledger: LedgerRows,
    name: str,
    as_of_ms: int,
    quantities: dict[tuple[str, str], int],
    of: tuple[int, int] = (0, 1),
    received_at: str = at(20),
) -> None:
    rows = [[item, site, quantity] for (item, site), quantity in quantities.items()]
    content = {"as_of": as_of_ms, "part": of[0], "parts": of[1], "quantities": rows}
    ledger.an_act("ERP_STATEMENT", content, subject=f"erp:{name}", received_at=received_at)


def differences(ledger: LedgerRows) -> dict[tuple[str, str], tuple[int | None, int, str]]:
    rows = ask(ledger.warehouse, "reconciliation", now_ms=NOW_MS, settle_hours=0.0)
    assert rows == ask_view(ledger)
    return {(row["item"], row["site"]): (row["erp"], row["ledger"], row["finding"]) for row in rows}


def ask_view(ledger: LedgerRows) -> list[Row]:
    frame = ledger.warehouse.query_frame("SELECT * FROM v_reconciliation ORDER BY item, site", {})
    return [dict(row) for row in frame.iter_rows(named=True)]


def of_reconciliation(**changed: Any) -> Scheduled:  # noqa: ANN401  thresholds
    (scheduled,) = (one for one in schedule() if one.kind == "RECONCILIATION_DIFFERENCE")
    return scheduled.__class__(
        scheduled.kind, scheduled.question, scheduled.every_seconds, 0, {**scheduled.parameters, **changed}
    )


def findings(ledger: LedgerRows, now_ms: int = NOW_MS, **changed: Any) -> list[Stated]:  # noqa: ANN401
    return list(found(ledger.warehouse, of_reconciliation(**changed), now_ms).values())


def test_a_statement_is_compared_with_what_was_on_hand_at_its_time(ledger: LedgerRows) -> None:
    stated(ledger, "e1", ms(5), {("i", "munich"): 3, ("j", "munich"): 2})
    assert differences(ledger) == {
        ("i", "munich"): (3, 3, "AGREES"), ("j", "munich"): (2, 1, "ERP_HAS_MORE"),
    }  # fmt: skip
    stated(ledger, "e2", ms(11), {("i", "munich"): 3, ("j", "munich"): 0})
    assert differences(ledger) == {
        ("i", "munich"): (3, 2, "ERP_HAS_MORE"), ("j", "munich"): (0, 1, "LEDGER_HAS_MORE"),
    }  # fmt: skip


def test_the_newest_time_counts_whichever_was_loaded_last_and_of_one_time_the_later_loaded(ledger: LedgerRows) -> None:
    stated(ledger, "a", ms(11), {("i", "munich"): 2, ("j", "munich"): 1})
    stated(ledger, "b", ms(5), {("i", "munich"): 9})
    assert differences(ledger)["i", "munich"] == (2, 2, "AGREES")
    stated(ledger, "A", ms(11), {("i", "munich"): 4}, received_at=at(21))
    assert differences(ledger)["i", "munich"] == (4, 2, "ERP_HAS_MORE")
    assert differences(ledger)["j", "munich"] == (1, 1, "AGREES")


def test_what_no_statement_of_a_site_names_is_compared_with_nothing_at_its_newest_time(ledger: LedgerRows) -> None:
    stated(ledger, "e1", ms(5), {("i", "munich"): 3})
    assert differences(ledger) == {("i", "munich"): (3, 3, "AGREES"), ("j", "munich"): (None, 1, "NOT_STATED")}
    assert [one.evidence["items_that_differ"] for one in findings(ledger)] == ["1"]
    assert findings(ledger, counts_unstated=0) == []


def test_a_statement_of_which_a_part_is_missing_counts_nowhere(ledger: LedgerRows) -> None:
    stated(ledger, "e1", ms(5), {("i", "munich"): 3}, (0, 2))
    assert differences(ledger) == {}
    stated(ledger, "e1", ms(5), {("j", "munich"): 1}, (1, 2))
    assert {finding for _, _, finding in differences(ledger).values()} == {"AGREES"}
    (row,) = ask(ledger.warehouse, "erp_statements", statement="")
    assert (row["statement"], row["quantities"], row["parts"], row["author"]) == ("e1", 2, 2, "ann")


def test_as_of_now_it_is_what_the_report_says_of_the_same_quantities(ledger: LedgerRows) -> None:
    quantities = {("i", "munich"): 3, ("k", "munich"): 1, ("i", "oslo"): 1}
    stated(ledger, "e1", ms(20), quantities)
    answer = reconciled(report_answer(ledger.warehouse, "on-hand"), quantities)
    words = {"NOT_IN_FILE": "NOT_STATED"}
    assert differences(ledger) == {
        (row["item"], row["site"]): (row["erp"], row["ledger"], words.get(row["finding"], row["finding"]))
        for row in answer["rows"]
    }


def test_a_site_whose_stock_differs_is_one_finding_that_names_the_greatest_differences(ledger: LedgerRows) -> None:
    stated(ledger, "e1", ms(11), {("i", "munich"): 9, ("j", "munich"): 0, ("i", "oslo"): 1})
    (one,) = findings(ledger)
    window = one.finding.window
    assert (one.finding.subject, one.finding.site, window.begin, window.end) == ("site:munich", "munich", ms(11), None)
    assert one.evidence["greatest"] == "i: stated 9, on hand 2; j: stated 0, on hand 1"
    assert (one.evidence["items_that_differ"], one.evidence["items_compared"]) == ("2", "2")
    assert (one.evidence["units_more_than_stated"], one.evidence["units_fewer_than_stated"]) == ("1", "7")


def test_thresholds_leave_small_differences_out(ledger: LedgerRows) -> None:
    stated(ledger, "e1", ms(11), {("i", "munich"): 3, ("j", "munich"): 1})
    assert len(findings(ledger)) == 1
    assert len(findings(ledger, least_share=0.33)) == 1
    assert findings(ledger, least_share=0.34) == []
    assert findings(ledger, least_units=2) == []


def test_a_statement_is_judged_once_scans_have_had_time_to_come_and_until_then_the_one_before_it(
    ledger: LedgerRows,
) -> None:
    stated(ledger, "e1", ms(11), {("i", "munich"): 9})
    stated(ledger, "e2", NOW_MS - HOUR_MS // 2, {("i", "munich"): 2})
    assert [one.finding.window.begin for one in findings(ledger, counts_unstated=0)] == [ms(11)]
    assert findings(ledger, NOW_MS + HOUR_MS, counts_unstated=0) == []


def test_a_late_scan_that_explains_the_difference_takes_the_finding_back(ledger: LedgerRows) -> None:
    stated(ledger, "e1", ms(11), {("i", "munich"): 3, ("j", "munich"): 1})
    watch, scheduled = Watch(ledger.warehouse), of_reconciliation()
    first = watch.look(scheduled, NOW_MS)
    watch.note(first)
    assert watch.look(scheduled, NOW_MS) == []
    stored(ledger, "i/5", 2, "munich")
    assert [one.finding.holds for one in (*first, *watch.look(scheduled, NOW_MS))] == [True, False]


def test_the_view_is_the_question_over_all_statements() -> None:
    text = question_alone("reconciliation")
    assert newest_definition("v_reconciliation") == re.sub(r"\b(FROM) erp_quantities\b", r"\1 v_erp_quantities", text)
    limit = re.compile(r"\n *WHERE toUnixTimestamp64Milli\(as_of\) <= .*")
    assert newest_definition("v_erp_quantities") == limit.sub("", question_alone("erp_quantities"))


def question_alone(name: str) -> str:
    """Returns the text of a question's file without its comments."""
    text = (QUERIES / f"{name}.sql").read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
