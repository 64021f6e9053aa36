"""Returns to come on rows made by hand: the ledger's own warranty triangle."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
