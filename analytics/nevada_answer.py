"""A warranty triangle's answer: ages, Weibull fit, forecast of returns and the money to set aside for them."""

from collections.abc import Mapping
from typing import NamedTuple

from analytics.answers import Answer, fit_answer, plain, value
from analytics.statistics import nevada, weibull_fit
from analytics.statistics.forecast import DRAWS, forecast
from analytics.statistics.nevada import Timing
from analytics.tables.nevada_rows import Triangle
from analytics.tables.periods import Period, format_period

_METHODS = {
    Timing.INTERVAL: "a return at age k failed within (k, k + 1], survivors are censored at the end of the last period",
    Timing.EXACT: "a return at age k failed at k, survivors are censored at the last period less the ship period",
}


class Asked(NamedTuple):
    """What is asked of a triangle: the limits' level, how far ahead, and what a return costs (None: no reserve)."""

    timing: Timing
    level: float
    periods: int
    cost_per_return: float | None


def nevada_answer(triangle: Triangle, asked: Asked, excluded: Mapping[str, int]) -> Answer:
    """Return ages, fit and forecast; the forecast's numbers are None, with the fit's reason, where there is no fit."""
    shipments = triangle.shipments
    sample = nevada.sample_of_shipments(shipments, asked.timing)
    fit = fit_answer(None, sample, shipments.quantity.sum(), asked.level)
    ages = [
        dict(zip(("age", "returns", "suspensions"), map(plain, row), strict=True))
        for row in zip(*nevada.by_age(shipments, asked.timing), strict=True)
    ]
    head = {
        "kind": "nevada", "level": asked.level, "timing": str(asked.timing), "n": plain(shipments.quantity.sum()),
        "events": plain(shipments.returns.sum()), "excluded": dict(excluded),
        "method": f"{_METHODS[asked.timing]}; {weibull_fit.METHOD}; prediction limits by {DRAWS:,} draws of fixed seed",
    }  # fmt: skip
    rows, total = _forecast(triangle, asked, fit)
    return head | {"ages": ages, "fit": fit, "forecast": rows, "total": total}


def _forecast(triangle: Triangle, asked: Asked, fit: Answer) -> tuple[list[Answer], Answer]:
    shipments = triangle.shipments
    names = _coming_periods(triangle, asked.periods)
    if fit["shape"] is None:
        nothing = _row((None, None, None), asked.cost_per_return) | {"reason": fit["reason"]}
        return [{"period": name} | nothing for name in names], nothing
    coming = nevada.coming(shipments, asked.timing, asked.periods)
    sample = nevada.sample_of_shipments(shipments, asked.timing)
    found = forecast(sample, fit["shape"], coming, asked.level)
    rows = zip(names, zip(*found[:3], strict=True), strict=True)
    return [{"period": name} | _row(row, asked.cost_per_return) for name, row in rows], _row(
        found.total, asked.cost_per_return
    )


def _coming_periods(triangle: Triangle, periods: int) -> list[str | int]:
    """Return the names of the periods after the present; there are none where nothing was or will be shipped."""
    if not len(triangle.shipments.last):
        return []
    present = int(nevada.present_period(triangle.shipments))
    return [format_period(Period(triangle.kind, present + ahead)) for ahead in range(1, periods + 1)]


def _row(numbers: tuple[float | None, float | None, float | None], cost: float | None) -> Answer:
    shown = [None if number is None else value(number) for number in numbers]
    row = dict(zip(("expected", "low", "high"), shown, strict=True))
    if cost is None:
        return row
    costs = [None if number is None else value(number * cost) for number in shown]
    return row | dict(zip(("reserve", "reserve_low", "reserve_high"), costs, strict=True))
