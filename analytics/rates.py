"""Failure and return rates: counts from the warehouse, with their denominators and intervals."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from analytics.questions import Row, ask
from analytics.statistics.poisson import failures_per_unit_year
from analytics.statistics.wilson import share
from pipeline.warehouse.client import Warehouse

PERCENT_DECIMALS = 4
SHARE_DECIMALS = 6


class Group(StrEnum):
    """What a rate may be split by."""

    ITEM = "item"
    SITE = "site"
    LOT = "lot"
    MONTH = "month"


class Exposure(StrEnum):
    """The time a unit counts in the denominator of a failure rate."""

    OBSERVED = "observed"
    IN_SERVICE = "in-service"


class Period(NamedTuple):
    """The days that count, both included; scans after the last are ignored as if nothing had come since."""

    first: date = date(1970, 1, 1)
    last: date = date(2149, 6, 6)  # ClickHouse's last

    @property
    def parameters(self) -> dict[str, str]:
        """The period as the questions take it."""
        return {"since": self.first.isoformat(), "until": self.last.isoformat()}


ALWAYS: Final = Period()


def failure_rates(
    warehouse: Warehouse,
    by: Sequence[Group] = (),
    exposure: Exposure = Exposure.OBSERVED,
    period: Period = ALWAYS,
) -> list[Row]:
    """Return failures per unit-year with exact Poisson limits, one row per group.

    Shape: the columns of `by`, units, unit_days, failures, afr_percent, afr_low, afr_high.
    Units: percent per unit-year of 365 unit-days, 4 decimals, 95 % limits.
    Source: `queries/failure_rate_observed.sql`, `queries/failure_rate_in_service.sql`.
    """
    counted = ask(warehouse, failure_question(exposure), by=[str(group) for group in by], **period.parameters)
    rate = failures_per_unit_year([row["failures"] for row in counted], [row["unit_days"] for row in counted])
    limits = zip(rate.value.tolist(), rate.low.tolist(), rate.high.tolist(), strict=True)
    return [
        _named(row, by)
        | {count: int(row[count]) for count in ("units", "unit_days", "failures")}
        | {
            column: round(100 * number, PERCENT_DECIMALS)
            for column, number in zip(("afr_percent", "afr_low", "afr_high"), numbers, strict=True)
        }
        for row, numbers in zip(counted, limits, strict=True)
    ]


def failure_question(exposure: Exposure) -> str:
    """Return the question that counts failures and unit-days."""
    return "failure_rate_observed" if exposure is Exposure.OBSERVED else "failure_rate_in_service"


def return_rates(warehouse: Warehouse, by: Sequence[Group] = ()) -> list[Row]:
    """Return the units ever returned among units ever sold with Wilson's limits, one row per group.

    Shape: the columns of `by`, units, returns, rate, low, high.
    Units: fractions, 6 decimals, 95 % limits.
    Source: `queries/return_rate.sql`.
    """
    counted = ask(warehouse, "return_rate", by=[str(group) for group in by])
    rate = share([row["returns"] for row in counted], [row["units"] for row in counted])
    limits = zip(rate.value.tolist(), rate.low.tolist(), rate.high.tolist(), strict=True)
    return [
        _named(row, by)
        | {count: int(row[count]) for count in ("units", "returns")}
        | {
            column: round(number, SHARE_DECIMALS)
            for column, number in zip(("rate", "low", "high"), numbers, strict=True)
        }
        for row, numbers in zip(counted, limits, strict=True)
    ]


def _named(row: Mapping[str, Any], by: Sequence[Group]) -> Row:
    return {str(group): row[f"by_{group}"] for group in by}
