"""The page Root cause and warnings: values whose units fail more, lots that fail more than their item's others."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.answers import Answer
from analytics.causes import ATTRIBUTES, AskedCauses, causes_answer, causes_question
from analytics.console.access import needs
from analytics.console.asked import Wish, event_of, wish_of
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, rows_file, sql_file
from analytics.console.pages.rates import BASES
from analytics.console.plots.forest import Columns, forest_plot
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import Visitor
from analytics.console.value_lists import values_in, values_text
from analytics.early_warnings import MOST_DAYS, WATCHED_DAYS, AskedWarnings, warnings_answer, warnings_question
from analytics.lifetimes import Ending
from analytics.rates import Exposure
from pipeline.warehouse.client import Warehouse

ENTRIES: Final = (Entry("Root cause and warnings", "/causes", "Answers"),)
MOST_UNTESTED: Final = 100
_RATIO: Final = Columns("ratio", "low", "high", "times as many failures as expected")
_CAUSES: Final = ("attribute", "value", "same", "failures", "expected", "ratio", "low", "high", "q")
_WARNINGS: Final = ("item", "lot", "began", "warned", "failures", "expected", "ratio")
_ABOUT: Final = {
    "causes": (
        "Units, unit-days and first failures by item, age band and value of each attribute. The console compares each\n"
        "value with the units without it (exact conditional binomial, Benjamini-Hochberg over all values), and asks\n"
        "causes_shared.sql which failures the values that it lists have in common."
    ),
    "warnings": (
        "Units at risk and first failures by lot, day and age band. The console sums what was expected of each lot by\n"
        "its item's other lots, and runs a daily Poisson CUSUM against a threshold that it simulates."
    ),
}
_SAYS: Final = "How many times as many failures as expected of their unit-days, by item and age, with 95 % limits."


class AskedBoth:
    """What the page is asked for: whose lifetimes, of which items, over how many days."""

    def __init__(  # noqa: PLR0913, PLR0917  one parameter of an address each
        self,
        items: Annotated[str, Query(max_length=2_000)] = "",
        event: Annotated[str, Query(max_length=20)] = "FAIL",
        days: Annotated[str, Query(max_length=10)] = "",
        basis: Annotated[str, Query(max_length=40)] = "observed",
        origin: Annotated[str, Query(max_length=40)] = "sold",
        until: Annotated[str, Query(max_length=40)] = "",
    ) -> None:
        self.wish: Wish = wish_of([], basis, origin, "", until)
        self.items = values_in(items)
        self.event: Ending = event_of(event)
        self.days = _days(days)

    @property
    def causes(self) -> AskedCauses:
        """The question of root causes."""
        return AskedCauses(self.wish.lifetimes(self.event), ATTRIBUTES, self.items)

    @property
    def warnings(self) -> AskedWarnings:
        """The question of warnings."""
        return AskedWarnings(self.wish.lifetimes(self.event), self.items, self.days)

    @property
    def query(self) -> dict[str, Any]:
        """The parameters of an address that asks the same."""
        said = {"items": values_text(self.items), "event": str(self.event), "days": self.days}
        return said | {name: value for name, value in self.wish.query.items() if name not in {"by", "since"}}


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(dependencies=[Depends(needs(desk.users))])

    @routes.get("/causes")
    async def causes(
        request: Request, _: Annotated[Visitor, Depends(needs(desk.users))], asked: Annotated[AskedBoth, Depends()]
    ) -> Response:
        found = await desk.asking.run(lambda warehouse: causes_answer(warehouse, asked.causes))
        warned = await desk.asking.run(lambda warehouse: warnings_answer(warehouse, asked.warnings))
        return desk.frame.page(request, "causes.html", **_shown(asked, found, warned))

    @routes.get("/causes/{what}.{fmt}")
    async def file(what: str, fmt: FileFormat, asked: Annotated[AskedBoth, Depends()]) -> Response:
        if what not in {"causes", "warnings"}:
            raise Refused(404, f"There is no file {what[:40]!r} here: ask for causes or warnings.")
        if fmt is FileFormat.SQL:
            names, given = await desk.asking.run(lambda warehouse: _questions(warehouse, asked, what))
            return sql_file(names, given, what, about=_ABOUT[what])
        if what == "causes":
            found = await desk.asking.run(lambda warehouse: causes_answer(warehouse, asked.causes))
            rows = [row | {"same": "; ".join(row["same"])} for row in found["causes"]]
            return rows_file(rows, _CAUSES, what, fmt)
        warned = await desk.asking.run(lambda warehouse: warnings_answer(warehouse, asked.warnings))
        return rows_file(warned["warnings"], _WARNINGS, what, fmt)

    return routes


def _questions(warehouse: Warehouse, asked: AskedBoth, what: str) -> tuple[Sequence[str], Mapping[str, Any]]:
    """Return the questions behind a table, and the values of their parameters."""
    if what == "causes":
        name, given = causes_question(warehouse, asked.causes)
        return [name], given
    return warnings_question(warehouse, asked.warnings)


def _days(text: str) -> int:
    if not text.strip():
        return WATCHED_DAYS
    if not text.strip().isdecimal() or not 0 < int(text) <= MOST_DAYS:
        raise Refused(400, f"days: {text[:10]!r} is no whole number from 1 to {MOST_DAYS:,}.")
    return int(text)


def _shown(asked: AskedBoth, found: Answer, warned: Answer) -> dict[str, Any]:
    causes: Sequence[Mapping[str, Any]] = found["causes"]
    names = [f"{row['attribute']} {row['value']}" for row in causes]
    return {
        "asked": asked,
        "bases": [(str(one), BASES[one]) for one in Exposure],
        "found": found,
        "warned": warned,
        "chart": Chart("causes", _SAYS, forest_plot(causes, names, _RATIO, 1.0), "tall") if causes else None,
        "most_untested": MOST_UNTESTED,
    }
