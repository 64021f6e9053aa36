"""Returns to come of what was sold: the ledger's own warranty triangle, by month.

Flow: months of sale and of return -> shipments -> the answer of a triangle.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from analytics.answers import Answer
from analytics.lifetimes import START_OF_TIME, ledger_end
from analytics.nevada_answer import Asked, nevada_answer
from analytics.questions import Row, ask
from analytics.statistics.nevada import Shipments, Timing
from analytics.tables.nevada_rows import Triangle
from pipeline.warehouse.client import Warehouse

_MONTHS: Final = 12
_QUESTION: Final = "return_triangle"
LEVEL: Final = 0.95


def warranty_forecast(
    warehouse: Warehouse, item: str, periods: int, cost: float | None, as_of: datetime | None = None
) -> Answer | None:
    """Return the returns expected in each coming month with prediction limits; None where nothing was sold.

    The month of the newest scan is not over: its returns are not counted, and it is the first one forecast.

    Args:
        warehouse: The ledger's.
        item: Only units of this item; empty: all.
        periods: How many months.
        cost: Of one return, for the money to set aside; None: no reserve.
        as_of: Ignore scans after this.
    """
    end = ledger_end(warehouse, as_of).data_end
    if end is None:
        return None
    rows = ask(warehouse, _QUESTION, item=item, data_end=_text(end))
    if not rows:
        return None
    triangle = Triangle(shipments_of(rows, present=month_of(end) - 1), "month")
    return nevada_answer(triangle, Asked(Timing.INTERVAL, LEVEL, periods, cost), {})


def triangle_question(warehouse: Warehouse, item: str, as_of: datetime | None = None) -> tuple[str, dict[str, str]]:
    """Return the name and the parameters of the question behind a forecast."""
    end = ledger_end(warehouse, as_of).data_end or START_OF_TIME
    return _QUESTION, {"item": item, "data_end": _text(end)}


def shipments_of(rows: Sequence[Row], present: int) -> Shipments:
    """Return a triangle's shipments by month of sale; returns after the month `present` are not known yet."""
    sold = sorted({row["sold"] for row in rows})
    quantity, returns = np.zeros(len(sold)), np.zeros((len(sold), max(present - sold[0], 0) + 1))
    for row in rows:
        place = sold.index(row["sold"])
        quantity[place] += row["units"]
        if row["returned"] is not None and row["returned"] <= present:
            returns[place, row["returned"] - row["sold"]] += row["units"]
    months = np.array(sold, np.float64)
    return Shipments(months, quantity, np.maximum(float(present), months - 1), returns)


def month_of(when: datetime) -> int:
    """Return a month as a whole number, as the question counts them."""
    moment = when.astimezone(UTC)
    return _MONTHS * moment.year + moment.month - 1


def _text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
