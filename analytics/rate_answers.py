"""Rates as answers: the rows with until when they count, what was left out and why, for people and programs alike."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from analytics.answers import Answer
from analytics.lifetimes import ledger_end, told_end
from analytics.questions import Row
from analytics.rates import (
    ATTRIBUTES,
    Counted,
    Exposure,
    Group,
    damage_counted,
    failures_counted,
    return_rates,
    return_rates_within,
)
from analytics.reasons import of_what_is_left
from analytics.reports.report import WHY_LEFT_OUT, Column
from analytics.statistics.poisson import DEFAULT_CONFIDENCE
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


_LABELS = "a thing relabelled is one unit, its present one, under all its labels"
_METHODS = {
    RateKind.FAILURE: f"failures per unit-year (365 unit-days), percent; exact Poisson limits, 95 %; {_LABELS}",
    RateKind.RETURN: f"units returned of units sold; Wilson's score interval, 95 %; {_LABELS}",
    RateKind.DAMAGE: (
        f"units ever found damaged of units seen where conditions are stated; Wilson's score interval, 95 %; {_LABELS}"
    ),
}
_LIMITS = (("low", "lower limit of rate"), ("high", "upper limit of rate"))
_SHARE = tuple(Column(name, "share", about) for name, about in (("rate", "part of the units"), *_LIMITS))
_COLUMNS = {
    RateKind.FAILURE: (
        Column("units", "count", "units"),
        Column("unit_days", "days", "days that count, summed over units"),
        Column("failures", "count", "applied FAIL scans on those days"),
        Column("afr_percent", "percent", "failures per unit-year of 365 unit-days"),
        Column("afr_low", "percent", "lower limit of afr_percent"),
        Column("afr_high", "percent", "upper limit of afr_percent"),
    ),
    RateKind.RETURN: (
        Column("units", "count", "units sold"), Column("returns", "count", "of them, units that came back"), *_SHARE,
    ),
    RateKind.DAMAGE: (
        Column("units", "count", "units with an applied scan at a site that states conditions"),
        Column("damaged", "count", "of them, units that a scan stated damaged"), *_SHARE,
    ),
}  # fmt: skip
_FIRST_SEEN = (Group.SITE, Group.LOT, Group.MONTH)
_WITHIN = Column("within_days", "days", "how soon after the sale")
_SOLD_LATER = Column("sold_later", "count", "units sold too late to have been out so long: in neither count")
_WHY_LEFT_OUT = {
    "unknown_age": "units neither sold nor commissioned",
    "failures_outside": "failures before the sale, or after the unit's end in service, which its first failure is, too",
    "units_where_no_condition_is_stated": "units seen only at sites that never state a condition: none says damaged",
    "units_without_item": "containers and other units without an item",
    "sites_that_state_no_condition": WHY_LEFT_OUT["sites_that_state_no_condition"],
}


def rate_answer(warehouse: Warehouse, asked: AskedRate) -> Answer:
    """Return a rate with its context.

    Shape: {kind, rate, by, exposure, within_days, level, method, data_end, p95_delay_seconds, as_of, n, excluded,
    why_excluded, reason, columns, rows} as of a report, and removed_before as told_end has it; the rows have the
    columns of `columns`, unrounded; `reason` says why there are none.
    """
    end = ledger_end(warehouse, asked.as_of)
    rows, excluded = Counted([], {}) if end.data_end is None else _rates(warehouse, asked, end.data_end)
    return {
        "kind": "rates",
        "rate": str(asked.kind),
        "by": [str(group) for group in asked.by],
        "exposure": str(asked.exposure) if asked.kind is RateKind.FAILURE else None,
        "within_days": list(asked.within),
        "level": DEFAULT_CONFIDENCE,
        "method": _METHODS[asked.kind],
        **told_end(end),
        "as_of": asked.as_of and asked.as_of.isoformat(timespec="milliseconds"),
        "n": len(rows),
        "excluded": excluded,
        "why_excluded": why_left_out(excluded),
        "reason": "" if rows else of_what_is_left(why_empty(asked), told_end(end)),
        "columns": [column._asdict() for column in columns_of(asked)],
        "rows": rows,
    }


def columns_of(asked: AskedRate) -> list[Column]:
    """Return the columns of a rate's rows, in order."""
    names = [Column(group.column, "", _about(group, asked.kind)) for group in asked.by]
    if asked.within:
        return [*names, _WITHIN, *_COLUMNS[asked.kind], _SOLD_LATER]
    return [*names, *_COLUMNS[asked.kind]]


def _about(group: Group, kind: RateKind) -> str:
    if group in ATTRIBUTES:
        return "attribute of scans, the one stated first; empty where none is"
    if group in _FIRST_SEEN:
        at = "where conditions are stated" if (group, kind) == (Group.SITE, RateKind.DAMAGE) else "that counts"
        return f"{group} of the unit's first scan {at}"
    return {Group.ITEM: "class of the unit", Group.MONTH_SOLD: "month of the first sale, UTC"}.get(
        group, "month of the commissioning, UTC"
    )


def why_empty(asked: AskedRate) -> str:
    """Return why a rate has no rows."""
    attributes = [f"`{group}`" for group in asked.by if group in ATTRIBUTES]
    if attributes:
        return f"Nothing is counted yet, or no unit that counts has the attribute {' or '.join(attributes)}."
    if asked.kind is RateKind.DAMAGE:
        return "No unit with an item was seen at a site that states a condition."
    return "No unit has been sold." if asked.kind is RateKind.RETURN else "No unit counts."


def why_left_out(excluded: Mapping[str, int]) -> dict[str, str]:
    """Return why what a rate leaves out is left out, by the names that `excluded` uses."""
    return {word: _why(word) for word, count in excluded.items() if count}


def _why(word: str) -> str:
    days = word.removeprefix("sold_too_late_for_")
    return _WHY_LEFT_OUT.get(word, f"sold less than {days} days before data_end: in no share within {days} days")


def _rates(warehouse: Warehouse, asked: AskedRate, data_end: datetime) -> Counted:
    until = {} if asked.as_of is None else {"data_end": data_end}
    if asked.kind is RateKind.FAILURE:
        return failures_counted(warehouse, asked.by, asked.exposure, **until)
    if asked.kind is RateKind.DAMAGE:
        return damage_counted(warehouse, asked.by, **until)
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
