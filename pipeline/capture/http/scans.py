"""The route POST /v1/scans."""

import time
from dataclasses import dataclass, replace
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from pipeline.capture.http import documentation as docs
from pipeline.capture.http.access import needs
from pipeline.capture.http.answers import Answer
from pipeline.capture.http.bodies import coding_of, read_body
from pipeline.capture.http.check import Checked
from pipeline.capture.http.house import House
from pipeline.capture.http.intake import Posted, Read, answer_of
from pipeline.capture.http.keys import Key
from pipeline.capture.http.likely import Likely
from pipeline.capture.http.lines import form_of
from pipeline.capture.http.moments import moment_of, no_moment
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.receipts import Begun, Stored
from pipeline.capture.http.verdicts import Waiting
from pipeline.capture.http.waits import MOST_SECONDS, Outcome

JSON: Final = "application/json"
_DIGITS: Final = 18  # of a number of milliseconds, at most

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, pattern=r"^[!-~]+( [!-~]+)*$", description=docs.IDEMPOTENCY_KEY)
]


def router(house: House) -> APIRouter:
    """Return the routes of scans."""
    routes = APIRouter(prefix="/v1", tags=["scans"])

    @routes.post("/scans", **docs.POST_SCANS)
    async def post_scans(
        request: Request,
        key: Annotated[Key, Depends(needs(house.keys, "capture"))],
        wait: Annotated[float | None, Query(gt=0, le=MOST_SECONDS, description=docs.WAIT)] = None,
        sent_at: Annotated[str | None, Query(description=docs.SENT_AT)] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        form = form_of(request.headers.get("Content-Type"))
        coding = coding_of(request.headers.get("Content-Encoding"))
        with house.room.enter() as held:
            body = await read_body(request.stream(), held)
            deadline = None if wait is None else time.monotonic() + wait
            posted = Posted(body, coding, form, key, idempotency_key, _sent_ms(sent_at))
            read = await house.intake.read(posted, held)
            taken = await _take(house, posted, read, waits=deadline is not None)
        status, answer = taken.status, taken.answer
        if deadline is not None and (outcome := await _outcome(house, taken, deadline)) is not None:
            status, answer = 202 if outcome.pending else 200, answer | outcome.told()
        return Response(orjson.dumps(answer), status, media_type=JSON)

    return routes


@dataclass(frozen=True)
class _Taken:
    """A request whose scans are on the log, now or since its first time; `waiting` for those of now."""

    status: int
    answer: Answer
    begun: Begun | Stored
    waiting: Waiting | None = None


async def _take(house: House, posted: Posted, read: Read, *, waits: bool) -> _Taken:
    """Take a request's scans; where it waits for their verdicts, begin to wait before they are sent."""
    read = replace(read, checked=await _suggested(house, read.checked))
    keys = await house.waits.prepare(read.checked) if waits else []
    begun = await house.intake.begin(posted, read)
    if isinstance(begun, Begun):  # a repeat's scans were counted the first time
        house.intake.count(read)
    status, answer = answer_of(begun, read)
    if isinstance(begun, Stored) or not len(read.checked):
        return _Taken(status, answer, begun)
    if not waits:
        await house.intake.send(read, begun)
        return _Taken(status, answer, begun)
    waiting = house.waits.begin(begun.id, read.checked, keys)
    try:
        await house.intake.send(read, begun)
    except BaseException:
        house.waits.end(waiting)
        raise
    return _Taken(status, answer, begun, waiting)


async def _suggested(house: House, checked: Checked) -> Checked:
    """Return a request's scans, beside each misread code the unit that its document expects and that it may be."""
    if not checked.misread:
        return checked
    likely = await Likely(house.questions, house.reading).of(list(checked.misread.values()))
    malformed = list(checked.malformed)
    for at, one in zip(checked.misread, likely, strict=True):
        malformed[at] = replace(malformed[at], likely=one)
    return replace(checked, malformed=malformed)


async def _outcome(house: House, taken: _Taken, deadline: float) -> Outcome | None:
    """Return what came of the scans in time; None where none was queued. No room is held meanwhile."""
    if isinstance(taken.begun, Stored) and taken.answer["counts"]["queued"]:
        return await house.waits.read(taken.begun, deadline)
    if taken.waiting is None:
        return None
    try:
        return await house.waits.hear(taken.waiting, deadline)
    finally:
        house.waits.end(taken.waiting)


def _sent_ms(text: str | None) -> int | None:
    if text is None:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    sent = moment_of(int(text) if is_number else text)
    if sent is None:
        raise Refused(400, "BAD_PARAMETER", f"query sent_at: {no_moment(text)}.")
    return sent
