"""The page of one unit: found by any code, as it stands now or as it was known at a time."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.console.access import needs
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.plots.time_line import time_line_plot
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.units.lines import counted, line_of
from analytics.console.units.picture import MOMENTS_KEPT, Before, Picture, picture
from analytics.console.units.search import MOST_CHARACTERS, Sought, sought, suggestions
from analytics.console.users import Visitor
from analytics.console.wording import iso
from analytics.labels import standing_now
from analytics.lifetimes import END_OF_TIME, START_OF_TIME
from analytics.questions import Row
from pipeline.domain.identifiers import identify
from pipeline.domain.unit_key import UnitKey
from pipeline.warehouse.client import Warehouse

ENTRIES: Final = (Entry("Unit", "/unit", "Units"),)
_TIME_FORM: Final = "2026-11-02T09:30:00Z (ISO 8601; without a zone it is UTC)"
_LIVE: Final = ("OPEN", "ACKNOWLEDGED")
_PLOTTED: Final = 2
_STANDING: Final = (
    "state", "site", "custody", "last_event_time", "container", "parent", "alias_of", "lot", "expiry", "flags",
    "lifecycle", "labels", "members", "applied", "rejected", "commissioned_at", "shipped_at", "sold_at", "returned_at",
    "failed_at", "owners",
)  # fmt: skip


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/unit")
    async def unit(
        request: Request,
        _: Annotated[Visitor, Depends(needs(desk.users))],
        code: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "",
        known: Annotated[str, Query(max_length=64)] = "",
        before: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        asked = sought(code, desk.conventions)
        if asked.key is None:
            like = await desk.asking.run(lambda warehouse: suggestions(warehouse, asked))
            return desk.frame.page(request, "unit_search.html", status=404 if code else 200, asked=asked, like=like)
        key, moment, place = asked.key, moment_of(known), _place_of(before)
        now = None if moment else await desk.asking.run(lambda warehouse: standing_now(warehouse, key))

        def look(warehouse: Warehouse) -> Picture:
            return picture(warehouse, key, moment, place, now)

        def rest() -> dict[str, Any]:  # begun when what stands above is on its way: nothing keeps that waiting
            return _rest(desk.asking.begin(look).result())

        if now is not None:
            context = _above(asked, key, now, None, code)
            return desk.frame.page_in_parts(request, "unit.html", **context, rest=rest)
        seen = await desk.asking.run(look)
        if not seen.is_known:
            return desk.frame.page(request, "unit_search.html", status=404, asked=asked, like=[])
        context = _above(asked, key, seen.standing, moment, code)
        return desk.frame.page_in_parts(request, "unit.html", **context, rest=lambda: _rest(seen))

    return routes


def moment_of(text: str) -> datetime | None:
    """Return a time that somebody wrote, None where there is none; raises Refused.

    It lies within what the warehouse's times hold.
    """
    written = text.strip()
    if not written:
        return None
    try:
        when = datetime.fromisoformat(written)
        moment = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        detail = f"{written[:60]!r} is no time; the form is {_TIME_FORM}."
        raise Refused(400, detail) from fault
    if not START_OF_TIME <= moment < END_OF_TIME:
        raise Refused(400, f"{written[:60]!r} is not between 1970 and 2299; a time that fits is {_TIME_FORM}.")
    return moment


def _place_of(text: str) -> Before | None:
    if not text:
        return None
    event_ms, _, ordinal = text.partition(".")
    try:
        place = Before(int(event_ms), int(ordinal))
    except ValueError as fault:
        detail = f"before: {text[:60]!r} is no place among scans; go back to the unit's first page."
        raise Refused(400, detail) from fault
    if not (-(2**62) < place.event_ms <= 2**62 and 0 <= place.ordinal <= 2**62):
        detail = "before: no place among scans; go back to the unit's first page."
        raise Refused(400, detail)
    return place


def _above(asked: Sought, key: UnitKey, standing: Row | None, known: datetime | None, code: str) -> dict[str, Any]:
    """Return what the page needs at once: what it is about, and how that stands."""
    return {
        "code": code,
        "key": key,
        "asked": asked,
        "forms": identify(key.text),
        "above": dict.fromkeys(_STANDING) | (standing or {}),
        "known": iso(known),
    }


def _rest(seen: Picture) -> dict[str, Any]:
    """Return what takes longer."""
    says = "Each scan at the site that sent it, by event time; the line joins those that took effect."
    has_plot = len(seen.scans) >= _PLOTTED
    following, standing = seen.following, dict.fromkeys(_STANDING) | (seen.standing or {})
    return {
        "seen": seen,
        "standing": standing,
        "counted": counted(standing, seen.scans, is_whole=seen.is_whole),
        "has_state": seen.standing is not None,
        "lines": [line_of(row) for row in seen.scans],
        "chart": Chart("time-line", says, time_line_plot(seen.scans)) if has_plot else None,
        "live": [alert for alert in seen.alerts if alert["status"] in _LIVE],
        "earlier": iso(seen.earlier),
        "later": iso(seen.later),
        "moments": [iso(moment) for moment in seen.moments],
        "is_cut": len(seen.moments) >= MOMENTS_KEPT,
        "next_page": f"{following.event_ms}.{following.ordinal}" if following else "",
    }
