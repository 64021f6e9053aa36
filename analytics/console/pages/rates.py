"""The page Rates: failures per unit-year with their limits, survival by group, and the files behind both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.answers import value
from analytics.console.access import needs
from analytics.console.asked import Wish, wish_of
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, rows_file, sql_file
from analytics.console.lifetimes_view import Lifetimes, lifetimes
from analytics.console.plots.curves import curve_plot
from analytics.console.plots.forest import Columns, forest_plot
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import Visitor
from analytics.lifetimes import lives_question, told_end
from analytics.rate_answers import why_left_out
from analytics.rates import ATTRIBUTES, Counted, Exposure, Group, failure_question, failures_counted
from analytics.reasons import removed_said
from analytics.statistics.poisson import failures_per_unit_year
from pipeline.warehouse.client import Warehouse

ENTRIES: Final = (Entry("Rates", "/rates", "Answers"),)
MOST_ROWS: Final = 200
_COUNTS: Final = ("units", "unit_days", "failures", "afr_percent", "afr_low", "afr_high")
_POINTS: Final = ("group", "time", "at_risk", "events", "censored", "entered", "survival", "std_err", "low", "high")
_FOREST: Final = Columns("afr_percent", "afr_low", "afr_high", "failures per unit-year, %")
BASES: Final = {
    Exposure.OBSERVED: "observed: from first to last scan",
    Exposure.IN_SERVICE: "in service: from its sale to its end or the ledger’s",
}

Row = Mapping[str, Any]


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(dependencies=[Depends(needs(desk.users))])

    @routes.get("/rates")
    async def rates(
        request: Request, _: Annotated[Visitor, Depends(needs(desk.users))], wish: Annotated[Wish, Depends(wished)]
    ) -> Response:
        failures = await desk.asking.run(lambda warehouse: _failures(warehouse, wish))
        lives = await desk.asking.run(lambda warehouse: lifetimes(warehouse, wish.lifetimes()))
        return desk.frame.page(request, "rates.html", **_shown(wish, failures, lives))

    @routes.get("/rates/failures.{fmt}")
    async def failures(fmt: FileFormat, wish: Annotated[Wish, Depends(wished)]) -> Response:
        if fmt is FileFormat.SQL:
            parameters = {
                "by": list(map(str, wish.by)),
                "since": wish.first_day,
                "data_end": text_of_time(wish.data_end),
            }
            return sql_file([failure_question(wish.basis)], parameters, "failures")
        found = await desk.asking.run(lambda warehouse: _failures(warehouse, wish))
        return rows_file(found.rows, [*columns_of(wish), *_COUNTS], "failures", fmt)

    @routes.get("/rates/survival.{fmt}")
    async def survival(fmt: FileFormat, wish: Annotated[Wish, Depends(wished_whole)]) -> Response:
        asked = wish.lifetimes()
        if fmt is FileFormat.SQL:
            name, parameters = await desk.asking.run(lambda warehouse: lives_question(warehouse, asked, every=False))
            return sql_file([name], parameters, "survival")
        lives = await desk.asking.run(lambda warehouse: lifetimes(warehouse, asked))
        return rows_file(lives.curve["points"], _POINTS, "survival", fmt)

    return routes


def wished(  # noqa: PLR0913, PLR0917  one parameter of an address each
    request: Request,
    by: Annotated[list[str] | None, Query(max_length=200)] = None,
    basis: Annotated[str, Query(max_length=40)] = "observed",
    origin: Annotated[str, Query(max_length=40)] = "sold",
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
) -> Wish:
    """Return what an address asks for; one that asks for nothing gets rates by item."""
    groups = by or ([] if request.url.query else [str(Group.ITEM)])
    return wish_of(groups, basis, origin, since, until)


def wished_whole(wish: Annotated[Wish, Depends(wished)]) -> Wish:
    """Return what an address asks for; raises Refused where it names a first day, which a life has no use for."""
    if wish.since is not None:
        detail = "since: this is of whole lives, which no first day cuts; leave it out. A last day is `until`."
        raise Refused(400, detail)
    return wish


def group_names(rows: Sequence[Row], by: Sequence[Group]) -> list[str]:
    """Return what each row is called."""
    return [", ".join(str(row[group.column]) or f"no {group}" for group in by) or "all units" for row in rows]


def columns_of(wish: Wish) -> list[str]:
    """Return the columns that name a group."""
    return [group.column for group in wish.by]


def text_of_time(when: datetime) -> str:
    """Return a time as ClickHouse's parameters take it."""
    return when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _failures(warehouse: Warehouse, wish: Wish) -> Counted:
    return failures_counted(warehouse, wish.by, wish.basis, wish.data_end, wish.first_day)


def worst_first(rows: Sequence[Row]) -> list[Row]:
    """Return the rows by their lower limit: what surely fails most comes first, and few units do not."""
    return sorted(rows, key=lambda row: (-row["afr_low"], -row["failures"], -row["unit_days"]))


def _totals(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the counts of all groups together, a unit being in one of them, and their rate with its exact limits."""
    counts = {name: sum(row[name] for row in rows) for name in ("units", "unit_days", "failures")}
    rate = failures_per_unit_year(counts["failures"], counts["unit_days"])
    limits = (value(100 * float(number)) for number in rate)
    return counts | dict(zip(("afr_percent", "afr_low", "afr_high"), limits, strict=True))


def _shown(wish: Wish, counted: Counted, lives: Lifetimes) -> dict[str, Any]:
    rows = worst_first(counted.rows)
    totals, told = _totals(rows), told_end(lives.found.end)
    names = group_names(rows, wish.by)
    forest = forest_plot(rows, names, _FOREST, totals["afr_percent"])
    said = "A point per group with its 95 % limits; the dashed line is all units together."
    curves = "The share of units that have not failed by each age, if nothing else ended them, with 95 % bands."
    return {
        "wish": wish,
        "groups": list(Group),
        "bases": [(str(one), BASES[one]) for one in Exposure],
        "unsent": [str(group) for group in wish.by if group in ATTRIBUTES],
        "rows": [dict(row) | {"name": name} for row, name in zip(rows[:MOST_ROWS], names, strict=False)],
        "all_rows": len(rows),
        "excluded": counted.excluded,
        "totals": totals,
        "why_excluded": why_left_out(counted.excluded),
        "removed": told.get("removed_before"),
        "removed_said": removed_said(told, "rates and lives start"),
        "forest": Chart("forest", said, forest, "tall") if rows else None,
        "curve": Chart("survival", curves, curve_plot(lives.curve), "tall") if lives.curve["points"] else None,
        "lives": lives,
    }  # fmt: skip
