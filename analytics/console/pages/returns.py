"""The page Returns and warranty: how many come back and when, the Weibull fit, returns to come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.answers import Answer
from analytics.console.access import needs
from analytics.console.asked import Wish, event_of
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, rows_file, sql_file, sql_files
from analytics.console.lifetimes_view import Lifetimes, lifetimes
from analytics.console.pages.rates import BASES, columns_of, group_names, text_of_time, wished, wished_whole
from analytics.console.plots.curves import curve_plot
from analytics.console.plots.forecast import forecast_plot
from analytics.console.plots.forest import Columns, forest_plot
from analytics.console.plots.weibull import weibull_plot
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import Visitor
from analytics.lifetimes import START_OF_TIME, Ending, Origin, ledger_end, lives_question, told_end
from analytics.rates import Exposure, Group, return_rates_within
from analytics.reasons import removed_said
from analytics.warranty_forecast import triangle_question, warranty_forecast
from pipeline.warehouse.client import Warehouse

ENTRIES: Final = (Entry("Returns and warranty", "/returns", "Answers"),)
MOST_ROWS: Final = 200
MOST_POINTS: Final = 500
MONTHS: Final = 6
DAYS: Final = (30, 90, 365)
_FOREST: Final = Columns("percent", "percent_low", "percent_high", "came back, %")
_SHARES: Final = ("within_days", "units", "returns", "rate", "low", "high", "sold_later")
_POINTS: Final = (
    "group", "time", "at_risk", "events", "competing", "censored", "entered", "cumulative_incidence", "std_err", "low",
    "high",
)  # fmt: skip
_FITS: Final = (
    "group", "n", "events", "shape", "shape_low", "shape_high", "scale", "scale_low", "scale_high", "b10", "b10_low",
    "b10_high", "log_likelihood", "reason",
)  # fmt: skip
_FILES: Final = {
    "incidence": ("points", _POINTS),
    "weibull": ("fits", _FITS),
    "weibull-points": ("points", ("group", "time", "probability")),
}
"""Where the rows of a file are in their answer, and their columns."""
_COMING: Final = ("period", "expected", "low", "high")
_RESERVE: Final = ("reserve", "reserve_low", "reserve_high")
_ABOUT_FORECAST: Final = (
    "Units by the month of their sale and of their return, months as 12 * year + month - 1. The console\n"
    "fits a Weibull distribution to it up to the last whole month, and draws the returns of the coming months from it."
)
_EVENTS: Final = ((str(Ending.RETURN), "the first return"), (str(Ending.FAIL), "the first failure"))

Row = Mapping[str, Any]


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(dependencies=[Depends(needs(desk.users))])

    @routes.get("/returns")
    async def returns(  # noqa: PLR0913, PLR0917  one parameter of an address each
        request: Request,
        _: Annotated[Visitor, Depends(needs(desk.users))],
        wish: Annotated[Wish, Depends(wished)],
        event: Annotated[str, Query(max_length=20)] = "RETURN",
        days: Annotated[int, Query()] = DAYS[0],
        item: Annotated[str, Query(max_length=200)] = "",
        cost: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        ending, horizon, price = event_of(event), _horizon(days), _price(cost)
        shares = await desk.asking.run(lambda warehouse: _shares(warehouse, wish))
        lives = await desk.asking.run(
            lambda warehouse: lifetimes(warehouse, wish.lifetimes(ending), "cumulative_incidence", with_fits=True)
        )
        coming = await desk.asking.run(
            lambda warehouse: warranty_forecast(warehouse, item.strip(), MONTHS, price, wish.as_of)
        )
        shown = _shown(wish.whole, horizon, shares, lives, coming)
        more = {"event": str(ending), "days": horizon, "item": item.strip(), "cost": cost.strip()}
        return desk.frame.page(request, "returns.html", more=more, ignored=wish.since, **shown)

    _add_files(routes, desk)
    return routes


def _add_files(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/returns/shares.{fmt}")
    async def shares_file(fmt: FileFormat, wish: Annotated[Wish, Depends(wished_whole)]) -> Response:
        if fmt is FileFormat.SQL:
            end = await desk.asking.run(lambda warehouse: _data_end(warehouse, wish))
            told = {"by": list(map(str, wish.by)), "data_end": text_of_time(end)}
            return sql_files([("return_rate", told | {"within": days}) for days in DAYS], "return-shares")
        rows = await desk.asking.run(lambda warehouse: _shares(warehouse, wish))
        return rows_file(rows, [*columns_of(wish), *_SHARES], "return-shares", fmt)

    @routes.get("/returns/forecast.{fmt}")
    async def forecast_file(
        fmt: FileFormat,
        wish: Annotated[Wish, Depends(wished_whole)],
        item: Annotated[str, Query(max_length=200)] = "",
        cost: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        named, price = item.strip(), _price(cost)
        if fmt is FileFormat.SQL:
            name, told = await desk.asking.run(lambda warehouse: triangle_question(warehouse, named, wish.as_of))
            return sql_file([name], told, "returns-to-come", about=_ABOUT_FORECAST)
        coming = await desk.asking.run(lambda warehouse: warranty_forecast(warehouse, named, MONTHS, price, wish.as_of))
        has_fit = coming is not None and coming["fit"]["shape"] is not None
        columns = _COMING if price is None else (*_COMING, *_RESERVE)
        return rows_file(coming["forecast"] if coming and has_fit else [], columns, "returns-to-come", fmt)

    @routes.get("/returns/{what}.{fmt}")
    async def curve_file(
        what: str, fmt: FileFormat, wish: Annotated[Wish, Depends(wished_whole)], event: str = "RETURN"
    ) -> Response:
        if what not in _FILES:
            raise Refused(404, f"There is no file {what[:40]!r} here: ask for shares, forecast, {', '.join(_FILES)}.")
        asked = wish.lifetimes(event_of(event))
        if fmt is FileFormat.SQL:
            name, told = await desk.asking.run(lambda warehouse: lives_question(warehouse, asked, every=False))
            return sql_file([name], told, what)
        lives = await desk.asking.run(
            lambda warehouse: lifetimes(warehouse, asked, "cumulative_incidence", with_fits=what != "incidence")
        )
        part, columns = _FILES[what]
        return rows_file((lives.fits or lives.curve)[part], columns, what, fmt)


def _shares(warehouse: Warehouse, wish: Wish) -> list[dict[str, Any]]:
    return return_rates_within(warehouse, DAYS, _data_end(warehouse, wish), wish.by)


def _data_end(warehouse: Warehouse, wish: Wish) -> datetime:
    return ledger_end(warehouse, wish.as_of).data_end or START_OF_TIME


def _horizon(days: int) -> int:
    if days not in DAYS:
        raise Refused(400, f"days: {days} is none of {', '.join(map(str, DAYS))}.")
    return days


def _price(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        price = float(text)
    except ValueError:
        price = -1.0
    if not 0 <= price < 1e12:  # noqa: PLR2004  also refuses nan
        raise Refused(400, f"cost: {text[:20]!r} is no amount of money; write a number from 0, as 20 or 12.50.")
    return price


def _shown(wish: Wish, days: int, shares: Sequence[Row], lives: Lifetimes, coming: Answer | None) -> dict[str, Any]:
    at = [_in_percent(row) for row in shares if row["within_days"] == days and row["rate"] is not None]
    at.sort(key=lambda row: (-row["low"], -row["units"]))
    units, returns = (sum(row[name] for row in at) for name in ("units", "returns"))
    whole = 100 * returns / units if units else None
    said = f"The share that came back within {days} days, with 95 % limits; the dashed line is all units together."
    curve = "The share that does come back, or fail, by each age: RETIRE, DESTROY and REPLACE end a unit otherwise."
    weibull = "Ages against the share by then, on axes where a Weibull distribution is a straight line."
    months = "Returns expected in each coming month of all that was sold, with 95 % prediction limits."
    rows_coming = coming["forecast"] if coming is not None and coming["fit"]["shape"] is not None else None
    has_fit = lives.fits is not None and bool(lives.fits["points"])
    told = told_end(lives.found.end)
    return {
        "wish": wish,
        "groups": list(Group),
        "bases": [(str(one), BASES[one]) for one in Exposure],
        "origins": [str(one) for one in Origin],
        "events": _EVENTS,
        "all_days": DAYS,
        "table": _by_group(shares, wish)[:MOST_ROWS],
        "all_rows": len(_by_group(shares, wish)),
        "forest": Chart("shares", said, forest_plot(at, group_names(at, wish.by), _FOREST, whole), "tall")
        if at
        else None,
        "curve": Chart("incidence", curve, curve_plot(lives.curve), "tall") if lives.curve["events"] else None,
        "weibull": Chart("weibull", weibull, weibull_plot(lives.fits), "tall") if has_fit and lives.fits else None,
        "most_points": MOST_POINTS,
        "fits": lives.fits["fits"] if lives.fits else [],
        "lives": lives,
        "removed": told.get("removed_before"),
        "removed_said": removed_said(told, "shares, lives and forecasts start"),
        "coming": coming,
        "forecast": None if rows_coming is None else Chart("forecast", months, forecast_plot(rows_coming)),
    }


def _in_percent(row: Row) -> dict[str, Any]:
    percent = {"percent": row["rate"], "percent_low": row["low"], "percent_high": row["high"]}
    return dict(row) | {name: 100 * value for name, value in percent.items()}


def _by_group(shares: Sequence[Row], wish: Wish) -> list[dict[str, Any]]:
    """Return one row per group with what there is of each number of days."""
    groups: dict[str, dict[int, Row]] = {}
    for name, row in zip(group_names(shares, wish.by), shares, strict=True):
        groups.setdefault(name, {})[row["within_days"]] = row
    return [{"name": name, "by_days": rows} for name, rows in groups.items()]
