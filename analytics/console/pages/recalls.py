"""The page Recalls: what a bad lot was built into and where it is, recalls started, followed and closed."""

import asyncio
import functools
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

import polars as pl
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from analytics.console.access import needs
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, rows_file
from analytics.console.plots.places import places_plot
from analytics.console.problems import Refused
from analytics.console.reasons import printable_reason
from analytics.console.recall_form import FIELDS, FLAGS, LISTS, TIMES, asked_of, form_of
from analytics.console.rendering import Entry
from analytics.console.users import Visitor, may
from analytics.recall.asked import Asked, BadPredicate
from analytics.recall.listing import holds
from analytics.recall.places import PLACES, Part
from analytics.recall.recalls import ID_CHARACTERS, NoSuchRecall, Standing, known, new_id, preview, recalls, standing
from pipeline.warehouse.client import Warehouse

ENTRIES: Final = (Entry("Recalls", "/recalls", "Units"),)
T = TypeVar("T")
MOST_UNITS: Final = 200
_MOST_TEXT: Final = 8_000
_ID: Final = re.compile(f"[0-9a-f]{{{ID_CHARACTERS}}}")
_COLUMNS: Final = (
    "unit_key", "item", "serial", "lot", "holds", "place", "site", "held_from", "held_to", "joined_later", "recovered",
)  # fmt: skip
_SAYS: Final = (
    "Affected units by place: darker are those that hold something bad now, lighter those that held it before."
)


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/recalls")
    async def listed(request: Request, visitor: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        form = {name: value for name, value in request.query_params.items() if name in FIELDS}
        return await _page(desk, request, visitor, form)

    @routes.get("/recalls/{recall}")
    async def shown(request: Request, visitor: Annotated[Visitor, Depends(needs(desk.users))], recall: str) -> Response:
        found = await desk.asking.run(lambda warehouse: _standing(warehouse, recall))
        told: dict[str, Any] = {
            "recall": found.recall,
            "head": found.recall.head,
            "query": {name: value for name, value in form_of(found.recall.head.asked).items() if value},
            "units": _rows(found.units.head(MOST_UNITS)),
            "chart": _chart(found.recall.places),
            "may_act": may(visitor.role, "operator"),
        }
        return desk.frame.page(request, "recall.html", **told)

    @routes.get("/recalls/{recall}/units.{fmt}")
    async def file(_: Annotated[Visitor, Depends(needs(desk.users))], recall: str, fmt: FileFormat) -> Response:
        if fmt is FileFormat.SQL:
            raise Refused(404, "A recall is no question in SQL: its list is in the table recall_units.")
        found = await desk.asking.run(lambda warehouse: _standing(warehouse, recall))
        return rows_file(_rows(found.units), _COLUMNS, f"recall-{recall}", fmt)

    @routes.get("/recalls/{recall}/epcis.json")
    async def epcis(_: Annotated[Visitor, Depends(needs(desk.users))], recall: str) -> Response:
        await desk.asking.run(lambda warehouse: _head(warehouse, recall))
        document = await desk.asking.aside(lambda: desk.recalls.epcis(recall))
        return Response(document, media_type="application/ld+json")

    _add_acts(routes, desk)
    return routes


def _add_acts(routes: APIRouter, desk: Desk) -> None:
    starting = asyncio.Lock()

    @routes.post("/recalls")
    async def start(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users, "operator"))],
        reason: Annotated[str, Form(max_length=_MOST_TEXT)] = "",
        once: Annotated[str, Form(max_length=ID_CHARACTERS)] = "",
    ) -> Response:
        why = printable_reason(reason)
        form = {name: str(value) for name, value in (await request.form()).items() if name in FIELDS}
        asked, problem = _asked(form)
        if asked is None:
            said = problem or "Say what is recalled: an item, a lot, a supplier …"
            return await _page(desk, request, visitor, form, said)
        recall = once if _ID.fullmatch(once) else new_id()
        async with starting:  # a second press of the button waits for the first, and finds what it has started
            if not once or not await desk.asking.run(lambda warehouse: _is_known(warehouse, recall)):
                start = functools.partial(desk.recalls.start, asked, why, visitor.name, recall)
                recall = await desk.asking.aside(lambda: _said(start))
        return RedirectResponse(f"/recalls/{recall}", 303)

    @routes.post("/recalls/{recall}")
    async def close(
        visitor: Annotated[Visitor, Depends(needs(desk.users, "operator"))],
        recall: str,
        reason: Annotated[str, Form(max_length=_MOST_TEXT)] = "",
    ) -> Response:
        why = printable_reason(reason)
        await desk.asking.run(lambda warehouse: _open_one(warehouse, recall))
        if not why:
            raise Refused(400, "A recall is closed with a reason: say what came of it. Go back and write one.")
        await desk.asking.aside(lambda: _said(lambda: desk.recalls.close(recall, why, visitor.name)))
        return RedirectResponse(f"/recalls/{recall}", 303)


def _said(act: Callable[[], T]) -> T:
    """Return what an act comes to; what the ledger has come to be meanwhile may refuse it, in words."""
    try:
        return act()
    except BadPredicate as fault:
        raise Refused(409, f"{str(fault)[:1].upper()}{str(fault)[1:]}. Nothing was done.") from fault


async def _page(desk: Desk, request: Request, visitor: Visitor, form: Mapping[str, str], problem: str = "") -> Response:
    asked, wrong = _asked(form)
    seen = None
    if asked is not None:
        seen = await desk.asking.run(lambda warehouse: preview(warehouse, asked))
    told: dict[str, Any] = {
        "heads": await desk.asking.run(recalls),
        "form": dict.fromkeys(FIELDS, "") | dict(form),
        "lists": LISTS,
        "times": TIMES,
        "flags": FLAGS,
        "seen": seen,
        "chart": _chart(seen.places) if seen and seen.units else None,
        "problem": problem or wrong,
        "may_act": may(visitor.role, "operator"),
        "once": new_id(),
    }
    return desk.frame.page(request, "recalls.html", status=400 if told["problem"] else 200, **told)


def _asked(form: Mapping[str, str]) -> tuple[Asked | None, str]:
    try:
        return asked_of(form), ""
    except ValueError as fault:
        return None, str(fault)


def _standing(warehouse: Warehouse, recall: str) -> Standing:
    try:
        return standing(warehouse, recall)
    except NoSuchRecall as fault:
        raise Refused(404, f"There is no recall {recall[:40]!r}: the page Recalls lists all.") from fault


def _head(warehouse: Warehouse, recall: str) -> Any:  # noqa: ANN401  a Head
    found = [head for head in recalls(warehouse) if head.recall == recall]
    if not found:
        raise Refused(404, f"There is no recall {recall[:40]!r}: the page Recalls lists all.")
    return found[0]


def _is_known(warehouse: Warehouse, recall: str) -> bool:
    try:
        known(warehouse, recall)
    except NoSuchRecall:
        return False
    return True


def _open_one(warehouse: Warehouse, recall: str) -> None:
    head = _head(warehouse, recall)
    if head.status != "OPEN":
        raise Refused(409, f"{head.closed_by} has closed this recall already, at {head.closed_at:%Y-%m-%d %H:%M} UTC.")


def _chart(places: list[Part]) -> Chart:
    return Chart("places", _SAYS, places_plot(places, PLACES))


def _rows(units: pl.DataFrame) -> list[dict[str, Any]]:
    """Return units as rows; intervals in words, … where one has no beginning or no end."""
    return [
        {name: unit[name] for name in ("unit_key", "item", "serial", "lot", "place", "site")}
        | {"holds": holds(unit)}
        | {name: " ".join(one.isoformat() if one else "…" for one in unit[name]) for name in ("held_from", "held_to")}
        | {"joined_later": unit["has_joined"], "recovered": unit["is_recovered"]}
        for unit in units.iter_rows(named=True)
    ]
