"""Failure, return and damage rates: counts from the warehouse, with their denominators and intervals."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from analytics.questions import Row, ask
from analytics.statistics.poisson import failures_per_unit_year
from analytics.statistics.wilson import share
from pipeline.warehouse.client import Warehouse

END_OF_TIME = datetime(2299, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
"""The days that ClickHouse's type Date has."""


class Group(StrEnum):
    """What a rate may be split by."""

    ITEM = "item"
    SITE = "site"
    LOT = "lot"
    MONTH = "month"
    SUPPLIER = "supplier"
    CONFIGURATION = "configuration"
    MONTH_SOLD = "month-sold"
    MONTH_MADE = "month-made"

    @property
    def column(self) -> str:
        """Return the group's column in the rows of a rate."""
        return str(self).replace("-", "_")


_LEFT_OUT = ("unknown_age", "failures_outside")
ATTRIBUTES = (Group.SUPPLIER, Group.CONFIGURATION)
"""Groups that are attributes of scans: where no unit that counts has one, nothing is reported by it."""


class Exposure(StrEnum):
    """The time a unit counts in the denominator of a failure rate."""

    OBSERVED = "observed"
    IN_SERVICE = "in-service"


class Counted(NamedTuple):
    """Rows with counts, denominators and intervals, and how many units and failures are in none of them, by why."""

    rows: list[Row]
    excluded: dict[str, int]


def failure_rates(
    warehouse: Warehouse,
    by: Sequence[Group] = (),
    exposure: Exposure = Exposure.OBSERVED,
    data_end: datetime = END_OF_TIME,
    since: date = FIRST_DAY,
) -> list[Row]:
    """Return the rows of `failures_counted`."""
    return failures_counted(warehouse, by, exposure, data_end, since).rows


def failures_counted(
    warehouse: Warehouse,
    by: Sequence[Group] = (),
    exposure: Exposure = Exposure.OBSERVED,
    data_end: datetime = END_OF_TIME,
    since: date = FIRST_DAY,
) -> Counted:
    """Return failures per unit-year with exact Poisson limits, one row per group; days before `since` do not count.

    Shape of rows: the columns of `by`, units, unit_days, failures, afr_percent, afr_low, afr_high. Left out in service:
    `unknown_age`, units neither sold nor commissioned; `failures_outside`, failures before the sale or after the end.
    Units: percent per unit-year of 365 unit-days, unrounded, 95 % limits.
    Source: `queries/failure_rate_observed.sql`, `queries/failure_rate_in_service.sql`.
    """
    every = _counted(warehouse, failure_question(exposure), by, data_end, since=since.isoformat())
    excluded = {name: sum(row[name] for row in every) for name in _LEFT_OUT if every and name in every[0]}
    rows = _failure_rows(_stated([row for row in every if row["units"]], by), by)
    return Counted(rows, {name: int(number) for name, number in excluded.items() if number})


def _failure_rows(counted: Sequence[Row], by: Sequence[Group]) -> list[Row]:
    rate = failures_per_unit_year([row["failures"] for row in counted], [row["unit_days"] for row in counted])
    limits = zip(rate.value.tolist(), rate.low.tolist(), rate.high.tolist(), strict=True)
    return [
        _named(row, by)
        | {count: int(row[count]) for count in ("units", "unit_days", "failures")}
        | {column: 100 * number for column, number in zip(("afr_percent", "afr_low", "afr_high"), numbers, strict=True)}
        for row, numbers in zip(counted, limits, strict=True)
    ]


def failure_question(exposure: Exposure) -> str:
    """Return the question that counts failures and unit-days."""
    return "failure_rate_observed" if exposure is Exposure.OBSERVED else "failure_rate_in_service"


def return_rates(warehouse: Warehouse, by: Sequence[Group] = (), data_end: datetime = END_OF_TIME) -> list[Row]:
    """Return the units ever returned among units ever sold with Wilson's limits, one row per group.

    Shape: the columns of `by`, units, returns, rate, low, high.
    Units: fractions, unrounded, 95 % limits.
    Source: `queries/return_rate.sql`.
    """
    counted = _stated(_counted(warehouse, "return_rate", by, data_end, within=0), by)
    return _shares(counted, by, ("units", "returns"))


def return_rates_within(
    warehouse: Warehouse, days: Sequence[int], data_end: datetime, by: Sequence[Group] = ()
) -> list[Row]:
    """Return the units back within so many days of their sale, among those sold so long before the end of the ledger.

    Shape: the columns of `by`, within_days, units, returns, rate, low, high, sold_later; one row per group and days.
    `sold_later` are the units left out, for they have not been out so long; the rate is None where all are.
    Units and source: as return_rates.
    """
    return [
        _named(row, by) | {"within_days": within} | share_row | {"sold_later": int(row["sold_later"])}
        for within in days
        for row, share_row in _with_shares(
            _stated(_counted(warehouse, "return_rate", by, data_end, within=within), by), ("units", "returns")
        )
    ]


def damage_rates(warehouse: Warehouse, by: Sequence[Group] = (), data_end: datetime = END_OF_TIME) -> list[Row]:
    """Return the rows of `damage_counted`."""
    return damage_counted(warehouse, by, data_end).rows


def damage_counted(warehouse: Warehouse, by: Sequence[Group] = (), data_end: datetime = END_OF_TIME) -> Counted:
    """Return the units ever found damaged with Wilson's limits, of those seen at sites that ever state a condition.

    Shape of rows: the columns of `by`, units, damaged, rate, low, high. Left out: `units_where_no_condition_is_stated`,
    seen at other sites alone; `units_without_item`; `sites_that_state_no_condition`.
    Units: as return_rates.
    Source: `queries/damage_rate.sql`; sites from `queries/what_sites_send.sql`, as the report damage has them.
    """
    every = _counted(warehouse, "damage_rate", by, data_end)
    sites = ask(warehouse, "what_sites_send", data_end=_text(data_end))
    excluded = {
        "units_where_no_condition_is_stated": sum(row["unstating"] for row in every),
        "units_without_item": sum(row["without_item"] for row in every),
        "sites_that_state_no_condition": sum(row["states_condition"] == 0 for row in sites),
    }
    rows = _shares(_stated([row for row in every if row["units"]], by), by, ("units", "damaged"))
    return Counted(rows, {name: int(number) for name, number in excluded.items() if number})


def _counted(
    warehouse: Warehouse,
    name: str,
    by: Sequence[Group],
    data_end: datetime,
    **parameters: Any,  # noqa: ANN401  as ClickHouse takes them
) -> list[Row]:
    return ask(warehouse, name, by=[str(group) for group in by], data_end=_text(data_end), **parameters)


def _stated(counted: list[Row], by: Sequence[Group]) -> list[Row]:
    """Return the counts; none where they are asked for by an attribute that none of the units counted has."""
    stated = (any(row[f"by_{group.column}"] for row in counted) for group in by if group in ATTRIBUTES)
    return counted if all(stated) else []


def _shares(counted: Sequence[Row], by: Sequence[Group], counts: tuple[str, str]) -> list[Row]:
    return [_named(row, by) | share_row for row, share_row in _with_shares(counted, counts)]


def _with_shares(counted: Sequence[Row], counts: tuple[str, str]) -> Iterable[tuple[Row, Row]]:
    """Yield each row beside its counts, whole and part, and the share with its limits."""
    whole, part = counts
    rate = share([row[part] for row in counted], [row[whole] for row in counted])
    limits = zip(rate.value.tolist(), rate.low.tolist(), rate.high.tolist(), strict=True)
    for row, numbers in zip(counted, limits, strict=True):
        yield (
            row,
            {count: int(row[count]) for count in counts}
            | {
                column: number if row[whole] else None
                for column, number in zip(("rate", "low", "high"), numbers, strict=True)
            },
        )


def _text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _named(row: Mapping[str, Any], by: Sequence[Group]) -> Row:
    return {group.column: row[f"by_{group.column}"] for group in by}
