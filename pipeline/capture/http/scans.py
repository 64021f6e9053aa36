"""The route POST /v1/scans."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from pipeline.capture.http.access import needs
from pipeline.capture.http.bodies import coding_of, read_body
from pipeline.capture.http.house import House
from pipeline.capture.http.intake import Posted, answer_of
from pipeline.capture.http.keys import Key
from pipeline.capture.http.lines import form_of
from pipeline.capture.http.moments import moment_of, no_moment
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.receipts import Begun

JSON: Final = "application/json"


def router(house: House) -> APIRouter:
    """Return the routes of scans."""
    routes = APIRouter(prefix="/v1", tags=["scans"])

    @routes.post("/scans", summary="Send scans", status_code=202)
    async def post_scans(
        request: Request,
        key: Annotated[Key, Depends(needs(house.keys, "capture"))],
        sent_at: Annotated[str | None, Query()] = None,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> Response:
        form = form_of(request.headers.get("Content-Type"))
        coding = coding_of(request.headers.get("Content-Encoding"))
        with house.room.enter() as held:
            body = await read_body(request.stream(), held)
            posted = Posted(body, coding, form, key, idempotency_key, _sent_ms(sent_at))
            read = await house.intake.read(posted, held)
            begun = await house.intake.begin(posted, read)
            if isinstance(begun, Begun) and len(read.checked):
                await house.intake.send(read, begun)
            house.intake.count(read)
            status, answer = answer_of(begun, read)
        return Response(orjson.dumps(answer), status, media_type=JSON)

    return routes


def _sent_ms(text: str | None) -> int | None:
    if text is None:
        return None
    sent = moment_of(int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text)  # noqa: PLR2004
    if sent is None:
        raise Refused(400, "BAD_PARAMETER", f"query sent_at: {no_moment(text)}.")
    return sent
