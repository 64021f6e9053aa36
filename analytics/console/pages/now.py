"""The page Now, and the stream that keeps it as it is now.

The stream sends the same texts to all who listen: parts of the page as the server writes them, made once a look.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from analytics.console.access import COOKIE, needs
from analytics.console.charts import OUTCOME_COLOURS, Chart
from analytics.console.desk import Desk
from analytics.console.now import EVERY_SECONDS, PAGE_SECONDS, Latest, Looks, Now, chart_of
from analytics.console.rendering import Entry
from analytics.console.users import Visitor
from analytics.console.wording import when
from pipeline.errors import ScanledgerError

ENTRIES: Final = (Entry("Now", "/", "Watch"),)
PARTS: Final = ("figures", "waiting", "sites", "mix")
_SAYS: Final = "Scans a second in the last five minutes, by what was first made of them."


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes, latest = APIRouter(), Latest(Looks(desk).look)
    news = News(desk, latest)

    @routes.get("/")
    async def now(request: Request, _: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        seen = await latest.get(PAGE_SECONDS)
        chart = Chart("pace", _SAYS, chart_of(seen, OUTCOME_COLOURS), "mid")
        return desk.frame.page(request, "now.html", now=seen, chart=chart, parts=parts_of(desk, seen))

    @routes.get("/now/events")
    async def events(request: Request, _: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        session = request.cookies.get(COOKIE, "")
        return StreamingResponse(told(desk, news, session), media_type="text/event-stream")

    return routes


class News:
    """The event of the latest look, written once however many listen."""

    def __init__(self, desk: Desk, latest: Latest) -> None:
        self._desk, self._latest = desk, latest
        self._written: tuple[Now | None, bytes] = (None, b"")

    async def get(self) -> bytes:
        """Return the event; raises as the look."""
        seen = await self._latest.get()
        if self._written[0] is not seen:
            self._written = seen, event("now", told_of(self._desk, seen))
        return self._written[1]


async def told(desk: Desk, news: News, session: str) -> AsyncIterator[bytes]:
    """Tell how the ledger stands every other second, until the session is over or the process ends."""
    yield b"retry: 3000\n\n"
    while not desk.closing.is_set():
        if desk.users.visitor(session) is None:
            yield event("over", {})
            return
        try:
            yield await news.get()
        except ScanledgerError as error:
            yield event("trouble", {"says": str(error)})
        with suppress(TimeoutError):
            await asyncio.wait_for(desk.closing.wait(), EVERY_SECONDS)


def event(name: str, content: dict[str, Any]) -> bytes:
    """Return an event as it goes over the wire: JSON has no line breaks."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(content) + b"\n\n"


def told_of(desk: Desk, now: Now) -> dict[str, Any]:
    """Return what a page needs to show a look."""
    return {"at": when(now.at_ms), "parts": parts_of(desk, now), "charts": {"pace": chart_of(now, OUTCOME_COLOURS)}}


def parts_of(desk: Desk, now: Now) -> dict[str, str]:
    """Return the text of each live part of the page by its name there."""
    paths = {entry.path for entry in desk.frame.entries}
    return {f"now-{part}": desk.frame.fragment(f"now_{part}.html", now=now, paths=paths) for part in PARTS}
