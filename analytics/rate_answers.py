"""Rates as answers: the rows with until when they count, what was left out and why, for people and programs alike."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from analytics.answers import Answer
from analytics.lifetimes import LedgerEnd, ledger_end
from analytics.questions import Row
from analytics.rates import (
    ATTRIBUTES,
    Counted,
    Exposure,
    Group,
    damage_rates,
    failures_counted,
    return_rates,
    return_rates_within,
)
from pipeline.warehouse.client import Warehouse


class RateKind(StrEnum):
    """Which rate."""

    FAILURE = "failure"
    RETURN = "return"
    DAMAGE = "damage"


class AskedRate(NamedTuple):
    """Which rate, by what, as of when; of failures the exposure, of returns within how many days of the sale."""

    kind: RateKind
    by: Sequence[Group] = ()
    exposure: Exposure = Exposure.OBSERVED
    within: Sequence[int] = ()
    as_of: datetime | None = None


_METHODS = {
    RateKind.FAILURE: "failures per unit-year (365 unit-days), percent; exact Poisson limits, 95 %",
    RateKind.RETURN: "units returned of units sold; Wilson's score interval, 95 %",
    RateKind.DAMAGE: "units ever found damaged of units seen; Wilson's score interval, 95 %",
}
_COLUMNS = {
    RateKind.FAILURE: ("units", "unit_days", "failures", "afr_percent", "afr_low", "afr_high"),
    RateKind.RETURN: ("units", "returns", "rate", "low", "high"),
    RateKind.DAMAGE: ("units", "damaged", "rate", "low", "high"),
}


def rate_answer(warehouse: Warehouse, asked: AskedRate) -> Answer:
    """Return a rate with its context.

    Shape: {kind, rate, by, exposure, within_days, method, data_end, p95_delay_seconds, as_of, n, excluded, reason,
    columns, rows}; the rows have the columns of `columns`; `reason` says why there are none.
    """
    end = ledger_end(warehouse, asked.as_of)
    rows, excluded = Counted([], {}) if end.data_end is None else _rates(warehouse, asked, end.data_end)
    return {
        "kind": "rates",
        "rate": str(asked.kind),
        "by": [str(group) for group in asked.by],
        "exposure": str(asked.exposure) if asked.kind is RateKind.FAILURE else None,
        "within_days": list(asked.within),
        "method": _METHODS[asked.kind],
        **context_of(end, asked.as_of),
        "n": len(rows),
        "excluded": excluded,
        "reason": "" if rows else why_empty(asked),
        "columns": columns_of(asked),
        "rows": rows,
    }


def columns_of(asked: AskedRate) -> list[str]:
    """Return the columns of a rate's rows, in order."""
    names = [group.column for group in asked.by]
    if asked.within:
        return [*names, "within_days", *_COLUMNS[asked.kind], "sold_later"]
    return [*names, *_COLUMNS[asked.kind]]


def context_of(end: LedgerEnd, as_of: datetime | None) -> Answer:
    """Return until when scans count."""
    return {
        "data_end": end.data_end and end.data_end.isoformat(timespec="milliseconds"),
        "p95_delay_seconds": end.p95_delay_seconds,
        "as_of": as_of and as_of.isoformat(timespec="milliseconds"),
    }


def why_empty(asked: AskedRate) -> str:
    """Return why a rate has no rows."""
    attributes = [f"`{group}`" for group in asked.by if group in ATTRIBUTES]
    if attributes:
        return f"Nothing is counted yet, or no site sends the attribute {' or '.join(attributes)}."
    if asked.kind is RateKind.DAMAGE:
        return "No site states a condition with its scans."
    return "No unit has been sold yet." if asked.kind is RateKind.RETURN else "No unit counts yet."


def _rates(warehouse: Warehouse, asked: AskedRate, data_end: datetime) -> Counted:
    until = {} if asked.as_of is None else {"data_end": data_end}
    if asked.kind is RateKind.FAILURE:
        return failures_counted(warehouse, asked.by, asked.exposure, **until)
    if asked.kind is RateKind.DAMAGE:
        return Counted(damage_rates(warehouse, asked.by, **until), {})
    if asked.within:
        rows = return_rates_within(warehouse, asked.within, data_end, asked.by)
        return Counted(rows, _sold_later(rows))
    return Counted(return_rates(warehouse, asked.by, **until), {})


def _sold_later(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many units were sold too late to count, by the days they would have to be out."""
    late: dict[str, int] = {}
    for row in rows:
        name = f"sold_too_late_for_{row['within_days']}"
        late[name] = late.get(name, 0) + row["sold_later"]
    return late
