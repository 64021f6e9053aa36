"""Shares of returns and the warranty triangle on rows made by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.rates import Group
from analytics.return_shares import return_shares
from analytics.warranty_forecast import month_of, shipments_of, warranty_forecast
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

SOLD = datetime(2024, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def text(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S")


def a_sale(ledger: LedgerRows, unit: str, returned_after_days: int | None = None, sold: datetime = SOLD) -> None:
    ledger.a_scan(unit, "SELL", text(sold))
    if returned_after_days is not None:
        ledger.a_scan(unit, "RETURN", text(sold + timedelta(days=returned_after_days)))


def counts(ledger: LedgerRows, by: tuple[Group, ...] = (), as_of: datetime | None = None) -> dict[int, tuple[int, int]]:
    rows = return_shares(ledger.warehouse, by, as_of=as_of)
    return {row["days"]: (row["returns"], row["units"]) for row in rows}


def test_a_return_counts_within_as_many_days_as_it_took(ledger: LedgerRows) -> None:
    for unit, days in (("i/a", 30), ("i/b", 31), ("i/c", None), ("i/d", 0), ("i/e", 91)):
        a_sale(ledger, unit, days)
    ledger.a_scan("i/z", "OBSERVE", text(SOLD + timedelta(days=100)))
    assert counts(ledger) == {30: (2, 5), 90: (3, 5)}


def test_only_what_was_sold_that_long_ago_is_in_the_denominator(ledger: LedgerRows) -> None:
    a_sale(ledger, "i/a", 5)
    a_sale(ledger, "i/b", 5, SOLD + timedelta(days=1))
    ledger.a_scan("i/z", "OBSERVE", text(SOLD + timedelta(days=30)))
    assert counts(ledger) == {30: (1, 1)}
    ledger.a_scan("i/z", "OBSERVE", text(SOLD + timedelta(days=31)))
    assert counts(ledger) == {30: (2, 2)}
    assert counts(ledger, as_of=SOLD + timedelta(days=30)) == {30: (1, 1)}


def test_what_was_taken_back_or_came_back_unsold_counts_nothing(ledger: LedgerRows) -> None:
    ledger.a_scan("i/a", "RETURN", text(SOLD - timedelta(days=1)))
    a_sale(ledger, "i/a")
    ledger.a_scan("i/b", "SELL", text(SOLD), "REJECTED", reason="RETRACTED")
    ledger.a_scan("i/z", "OBSERVE", text(SOLD + timedelta(days=40)))
    assert counts(ledger) == {30: (0, 1)}


def test_groups_are_those_of_the_other_rates(ledger: LedgerRows) -> None:
    ledger.a_scan("i/a", "SELL", text(SOLD), site="S7", lot="L1")
    ledger.a_scan("i/z", "OBSERVE", text(SOLD + timedelta(days=40)))
    (row,) = return_shares(ledger.warehouse, [Group.MONTH, Group.SITE, Group.LOT, Group.ITEM])
    assert [row[name] for name in ("month", "site", "lot", "item")] == ["2024-01", "S7", "L1", "i"]


def test_a_triangle_has_sales_by_month_and_what_came_back_by_the_last_whole_month() -> None:
    january = month_of(SOLD)
    rows: list[dict[str, Any]] = [
        {"sold": january, "returned": None, "units": 90}, {"sold": january, "returned": january, "units": 4},
        {"sold": january, "returned": january + 2, "units": 6}, {"sold": january + 3, "returned": None, "units": 7},
    ]  # fmt: skip
    found = shipments_of(rows, present=january + 1)
    assert found.quantity.tolist() == [100, 7]
    assert found.returns.tolist() == [[4, 0], [0, 0]]
    assert found.last.tolist() == [january + 1, january + 2]


def test_a_forecast_begins_with_the_month_of_the_newest_scan(ledger: LedgerRows) -> None:
    for n in range(60):
        a_sale(ledger, f"i/{n}", (5, 20, 40, 70, None)[n % 5])
    ledger.a_scan("i/z", "OBSERVE", "2024-05-03 00:00:00")
    found = warranty_forecast(ledger.warehouse, "i", 3, 10.0)
    assert found is not None
    assert [row["period"] for row in found["forecast"]] == ["2024-05", "2024-06", "2024-07"]
    assert (found["n"], found["events"]) == (60, 48)
    first = found["forecast"][0]
    assert first["low"] <= first["expected"] <= first["high"]
    assert first["reserve"] == pytest.approx(10 * first["expected"])
    assert warranty_forecast(ledger.warehouse, "j", 3, None) is None


def test_nothing_is_forecast_of_an_empty_ledger(ledger: LedgerRows) -> None:
    assert warranty_forecast(ledger.warehouse, "", 3, None) is None
    assert return_shares(ledger.warehouse) == []
