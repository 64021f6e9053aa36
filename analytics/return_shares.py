"""The share of units that came back within some days of their sale, among those sold that long ago."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from analytics.lifetimes import START_OF_TIME, ledger_end
from analytics.questions import Row, ask
from analytics.rates import Group
from analytics.statistics.wilson import share
from pipeline.warehouse.client import Warehouse

DAYS: Final = (30, 90, 365)


def return_shares(
    warehouse: Warehouse, by: Sequence[Group] = (), days: Sequence[int] = DAYS, as_of: datetime | None = None
) -> list[Row]:
    """Return shares with Wilson's limits, one row per group and number of days.

    Shape: the columns of `by`, days, units, returns, share, low, high; unrounded. A group that sold nothing so long ago
    has no row.
    Source: `queries/return_shares.sql`.
    """
    counted = ask(warehouse, "return_shares", **parameters_of(warehouse, by, days, as_of))
    found = share([row["returns"] for row in counted], [row["units"] for row in counted])
    limits = zip(found.value.tolist(), found.low.tolist(), found.high.tolist(), strict=True)
    return [
        {str(group): row[f"by_{group}"] for group in by}
        | {name: int(row[name]) for name in ("days", "units", "returns")}
        | dict(zip(("share", "low", "high"), numbers, strict=True))
        for row, numbers in zip(counted, limits, strict=True)
    ]


def parameters_of(warehouse: Warehouse, by: Sequence[Group], days: Sequence[int], as_of: datetime | None) -> Row:
    """Return the parameters of the question."""
    end = ledger_end(warehouse, as_of).data_end or START_OF_TIME
    text = end.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return {"by": [str(group) for group in by], "days": list(days), "data_end": text}
