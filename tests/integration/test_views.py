"""The views an analyst reads: every column says what it is, and a report's view is the report's own question."""

import re
from pathlib import Path

import pytest

from analytics.dictionary import as_markdown, dictionary
from analytics.questions import question
from analytics.rates import Group, failure_rates, return_rates
from analytics.reports.registry import reports
from analytics.reports.report import Report
from pipeline.warehouse.client import Warehouse
from tests.databases import MIGRATIONS
from tests.ledger_rows import LedgerRows
from tests.random_ledger import a_random_ledger

DICTIONARY = Path(__file__).parents[2] / "docs" / "dictionary.md"
COHORTS = (Group.ITEM, Group.SITE, Group.LOT, Group.MONTH)
ALIKE = [
    report
    for report in reports()
    if report.view.removeprefix("v_") == report.sql and report.sql not in ("lead_times", "dwell")
]
"""Reports whose view shows the same; the others' views show the rows that they sum up."""


def newest_definition(view: str) -> str:
    """Returns the SELECT of the view as the last migration defines it."""
    texts = [path.read_text() for path in sorted(MIGRATIONS.glob("*.up.sql"))]
    bodies = [
        found[1] for text in texts if (found := re.search(rf"VIEW (?:IF NOT EXISTS )?{view} AS\n(.*?);", text, re.S))
    ]
    return bodies[-1].strip()


def asked(report: Report) -> str:
    """Returns the report's question about the whole ledger, with the defaults of its options."""
    text = "\n".join(line for line in question(report.sql).splitlines() if not line.startswith("--")).strip()
    text = text.replace("{data_end:DateTime64(3, 'UTC')}", "(SELECT assumeNotNull(data_end) FROM v_ledger_end)")
    for option in report.options:
        text = text.replace(f"{{{option.name}:UInt32}}", str(option.default))
    return text


@pytest.mark.parametrize("report", ALIKE, ids=lambda report: str(report.name))
def test_the_view_of_a_report_is_its_question(report: Report) -> None:
    assert newest_definition(report.view) == asked(report)


def test_stock_is_asked_as_its_view_is() -> None:
    text = "\n".join(line for line in question("stock").splitlines() if not line.startswith("--")).strip()
    sql = text.replace("{data_end:DateTime64(3, 'UTC')}", "(SELECT assumeNotNull(data_end) FROM v_ledger_end)")
    assert newest_definition("v_stock") == sql


def test_most_reports_have_such_a_view() -> None:
    assert len(ALIKE) >= 9


def test_every_view_answers_and_every_column_of_every_view_is_described(warehouse: Warehouse) -> None:
    a_random_ledger(LedgerRows(warehouse), 8, scans=60)
    rows = warehouse.query_rows(
        "SELECT table, name, comment FROM system.columns WHERE database = currentDatabase() AND table LIKE 'v\\\\_%'"
    )
    assert [(table, name) for table, name, comment in rows if not comment] == []
    views = sorted({table for table, _, _ in rows})
    assert {report.view for report in reports()} <= set(views)
    for view in views:
        warehouse.query_rows(f"SELECT * FROM {view}")
    about = dict(warehouse.query_rows("SELECT name, comment FROM system.tables WHERE database = currentDatabase()"))
    assert [view for view in views if not about[view]] == []


def test_the_dictionary_in_docs_is_what_the_database_says(warehouse: Warehouse) -> None:
    """Made anew by: scanledger dictionary --format markdown > docs/dictionary.md."""
    LedgerRows(warehouse)
    assert as_markdown(dictionary(warehouse)) == DICTIONARY.read_text(encoding="utf-8")


def rounded(row: dict[str, object], digits: int) -> tuple[object, ...]:
    return tuple(round(value, digits) if isinstance(value, float) else value for value in row.values())


def test_rates_of_the_views_are_those_of_the_verb(warehouse: Warehouse) -> None:
    a_random_ledger(LedgerRows(warehouse), 9)
    names = "item, site, lot, month"
    failures = failure_rates(warehouse, COHORTS)
    shown = warehouse.query_rows(
        f"SELECT {names}, units, unit_days, failures, round(afr_percent, 4) FROM v_failure_rate ORDER BY {names}"
    )
    assert shown == [rounded(row, 4)[:8] for row in failures]
    returns = return_rates(warehouse, COHORTS)
    shown = warehouse.query_rows(
        f"SELECT {names}, units, returns, round(rate, 6), round(rate_low, 6), round(rate_high, 6)"
        f" FROM v_return_rate ORDER BY {names}"
    )
    assert shown == [rounded(row, 6) for row in returns]
