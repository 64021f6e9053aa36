"""The route GET /v1/receipts/{id}: what became of a request, in pages."""

import asyncio
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from pipeline.capture.http import documentation as docs
from pipeline.capture.http.access import needs
from pipeline.capture.http.answers import receipt_told
from pipeline.capture.http.decided import row_told
from pipeline.capture.http.house import House
from pipeline.capture.http.keys import Key
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.questions import Asked, Row
from pipeline.capture.http.receipts import Stored

JSON: Final = "application/json"
MOST_ROWS: Final = 1_000
_OUTCOMES: Final = ("accepted", "flagged", "repeated", "rejected", "undecided")


def router(house: House) -> APIRouter:
    """Return the routes of receipts."""
    routes = APIRouter(prefix="/v1", tags=["receipts"])

    @routes.get("/receipts/{receipt}", **docs.GET_RECEIPT)
    async def get_receipt(
        receipt: Annotated[str, Path(max_length=64, description="as the answer to a request of scans names it")],
        key: Annotated[Key, Depends(needs(house.keys, "receipts"))],
        after: Annotated[
            int, Query(ge=-1, description="the place behind which the page begins: `next` of the last one")
        ] = -1,
        limit: Annotated[
            int, Query(ge=1, le=MOST_ROWS, description="scans of a page, whatever became of them")
        ] = MOST_ROWS,
    ) -> Response:
        stored = await asyncio.to_thread(house.receipts.find, receipt)
        if stored is None or (key.role == "site" and stored.key_id != key.id):
            detail = f"There is no receipt {receipt!r} of this key; receipts are kept for 30 days."
            raise Refused(404, "RECEIPT_UNKNOWN", detail)
        asked = Asked(stored.id, stored.created_ms)
        page = await house.reading.ask(lambda: _page(house, asked, stored, after, limit))
        return Response(orjson.dumps(page), media_type=JSON)

    return routes


def _page(house: House, asked: Asked, stored: Stored, after: int, limit: int) -> dict[str, Any]:
    """Ask for a page: the places behind `after`, `limit` of them, whatever became of the scan of each."""
    counts = stored.answer["counts"]
    on_page = range(after + 1, min(after + 1 + limit, counts["scans"]))
    dead = house.questions.dead_letters(asked)
    shown = {
        "malformed": [fault for fault in stored.answer["malformed"] if fault["index"] in on_page],
        "dead_letters": [_dead_letter(row) for row in dead if row["place"] in on_page],
        "scans": [row_told(row) for row in house.questions.scans(asked, after, limit) if row["place"] in on_page],
    }
    told = {one["index"] for rows in shown.values() for one in rows}
    return {
        **receipt_told(stored.id, stored.created_ms, stored.answer),
        "is_complete": stored.status is not None,
        "counts": counts | _counts(stored, house.questions.counts(asked), dead),
        **shown,
        "pending": [place for place in on_page if place not in told],
        "next": on_page[-1] if on_page.stop < counts["scans"] else None,
    }


def _counts(stored: Stored, decided: dict[str, int], dead: list[Row]) -> dict[str, int]:
    counts = {name: decided.get(name.upper(), 0) for name in _OUTCOMES}
    pending = stored.answer["counts"]["queued"] - sum(counts.values()) - len(dead)
    return {"pending": max(0, pending), "dead_lettered": len(dead)} | counts


def _dead_letter(row: Row) -> dict[str, Any]:
    named = ("error", "detail", "topic", "partition", "offset")
    return {"index": row["place"], **{name: row[name] for name in named}}
