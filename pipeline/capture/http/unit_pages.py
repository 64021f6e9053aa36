"""The route GET /v1/units/{code}: a unit as it stands, its warranty, its alerts, and what was seen of it."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import numpy as np
import orjson
from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from pipeline.capture.codes import CodeReader
from pipeline.capture.http import documentation as docs
from pipeline.capture.http.access import needs
from pipeline.capture.http.decided import plain
from pipeline.capture.http.house import House
from pipeline.capture.http.keys import Key
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.questions import Cursor, Row, Warranty
from pipeline.domain.identifiers import identify
from pipeline.domain.unit_key import UnitKey, parse

JSON: Final = "application/json"
MOST_ROWS: Final = 1_000
_USUAL_ROWS: Final = 100
_LAST: Final = np.iinfo(np.int64).max
_CURSOR: Final = re.compile(r"-?\d{1,18}\.\d{1,18}")
_MILESTONES: Final = ("commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at")
_PLACE: Final = ("site", "custody", "container", "parent")
_REST: Final = ("lot", "expiry", "flags", "lifecycle", "alias_of", "last_event_time", "applied", "rejected")
_ALERT: Final = ("id", "kind", "status", "count", "site", "event_time", "opened_at")
_HIDDEN: Final = ("event_ms", "ordinal")


def router(house: House) -> APIRouter:
    """Return the routes of units."""
    routes = APIRouter(prefix="/v1", tags=["units"])

    @routes.get("/units/{code:path}", **docs.GET_UNIT)
    async def get_unit(
        code: Annotated[str, Path(max_length=8_000, description=docs.CODE)],
        _: Annotated[Key, Depends(needs(house.keys, "read"))],
        before: Annotated[str | None, Query(description="where the page begins: `next` of the last one")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="scans of a page")] = _USUAL_ROWS,
    ) -> Response:
        key, cursor = _key(code, house.codes), _cursor(before)
        page = await house.reading.ask(lambda: _page(house, key, cursor, limit))
        if page is None:
            detail = f"Nothing is known of {key.text}: no scan of it has been decided and written yet."
            raise Refused(404, "UNIT_UNKNOWN", detail)
        return Response(orjson.dumps(page), media_type=JSON)

    return routes


def _key(code: str, codes: CodeReader) -> UnitKey:
    (found,) = codes.read([code])
    if found.key is None:
        raise Refused(400, "BAD_CODE", f"{code[:200]!r} names no unit: {found.wrong}.")
    return parse(found.key)


def _cursor(text: str | None) -> Cursor:
    if text is None:
        return Cursor(_LAST, _LAST)
    if _CURSOR.fullmatch(text) is None:
        raise Refused(400, "BAD_PARAMETER", "query before: give `next` of the page before, as it is.")
    milliseconds, _, ordinal = text.partition(".")
    return Cursor(int(milliseconds), int(ordinal))


def _page(house: House, key: UnitKey, cursor: Cursor, limit: int) -> dict[str, Any] | None:
    ask = house.questions
    unit = ask.unit(key)
    history = ask.history(key, cursor, limit + 1)
    if unit is None and not history and cursor.before_ms == _LAST:
        return None
    standing = unit or {}
    forms = identify(key.text)
    return {
        "unit_key": key.text, "item": key.item, "serial": key.serial,
        "element_string": forms.element_string, "digital_link": forms.digital_link,
        "state": standing.get("state"),
        "place": _some(standing, _PLACE),
        "milestones": _some(standing, _MILESTONES),
        **_some(standing, _REST),
        "labels": list(standing.get("labels") or []),
        "warranty": _warranty(ask.warranty(key, unit)) if unit else None,
        "open_alerts": [_some(alert, _ALERT) for alert in ask.alerts(key)],
        "history": [plain({name: row[name] for name in row if name not in _HIDDEN}) for row in history[:limit]],
        "next": f"{history[limit - 1]['event_ms']}.{history[limit - 1]['ordinal']}" if len(history) > limit else None,
    }  # fmt: skip


def _some(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain(row.get(name)) for name in names}


def _warranty(warranty: Warranty | None) -> dict[str, Any] | None:
    if warranty is None:
        return None
    days, since, handed_on_from = warranty
    until: datetime | None = None
    if since is not None:
        try:
            until = since + timedelta(days=days)
        except OverflowError:  # a site may claim any time
            until = datetime.max.replace(tzinfo=UTC)
    return {
        "days": days,
        "from": plain(since),
        "until": plain(until),
        "is_valid": None if until is None else time.time() < until.timestamp(),
        "handed_on_from": handed_on_from,
    }
