"""The REST interface of EPCIS 2.0: capture documents and single events, look at jobs, ask for events.

build_app(house, epcis.router(house, desk))
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import Response

from pipeline.capture.epcis.answers import query_document
from pipeline.capture.epcis.captures import Job
from pipeline.capture.epcis.desk import CLICKHOUSE, Desk, down
from pipeline.capture.epcis.faults import Fault
from pipeline.capture.epcis.http_told import ToldRoute, options
from pipeline.capture.epcis.judge import Judged
from pipeline.capture.epcis.kept import Page, ask, find
from pipeline.capture.epcis.not_read import not_read_reports
from pipeline.capture.epcis.prepare import Behaviour
from pipeline.capture.epcis.queries import BadQuestion, Question, parameters_of, read_question
from pipeline.capture.epcis.reading import MOST_BYTES, TooLarge, read_document
from pipeline.capture.epcis.report import error_reports
from pipeline.capture.http.access import needs
from pipeline.capture.http.bodies import coding_of, decompress, read_body
from pipeline.capture.http.house import House
from pipeline.capture.http.keys import Key
from pipeline.capture.http.problems import Refused
from pipeline.errors import WarehouseDown, WarehouseRefused

JSON: Final = "application/ld+json"
TYPES: Final = ("application/json", JSON, "application/xml", "text/xml")
_JSON_TYPES: Final = frozenset({"*/*", "application/*", "application/json", JSON})
_BEHAVIOURS: Final[dict[str, Behaviour]] = {"rollback": "rollback", "proceed": "proceed"}
_PREFIX: Final = "/v1/epcis"
_TAKEN: Final = {
    "/capture": ("POST",),
    "/capture/{capture_id}": ("GET",),
    "/events": ("GET", "POST"),
    "/events/{event_id:path}": ("GET",),
}
_WRITTEN: Final = "%,+:/?@=!$'()*;"
"""What stays as it was written in a query."""


def router(house: House, desk: Desk) -> APIRouter:
    """Return the routes of EPCIS."""
    routes = APIRouter(
        prefix=_PREFIX, tags=["EPCIS 2.0"], dependencies=[Depends(_check_version)], route_class=ToldRoute
    )
    _capture_routes(routes, house, desk)
    _event_routes(routes, house, desk)
    _option_routes(routes)
    return routes


def _capture_routes(routes: APIRouter, house: House, desk: Desk) -> None:
    @routes.post("/capture", summary="Capture a document", status_code=202)
    async def capture(
        request: Request,
        key: Annotated[Key, Depends(needs(house.keys, "capture"))],
        gs1_capture_error_behaviour: Annotated[str, Header()] = "rollback",
    ) -> Response:
        behaviour = _BEHAVIOURS.get(gs1_capture_error_behaviour)
        if behaviour is None:
            detail = f"GS1-Capture-Error-Behaviour {gs1_capture_error_behaviour!r}: rollback or proceed."
            raise Refused(400, "BAD_PARAMETER", detail)
        judged = await _judged(request, desk)
        if not judged.is_whole:
            raise _invalid(judged.faults)
        job = await desk.capture(await desk.prepare(judged, key, behaviour), key, behaviour)
        return _answer(202, b"", {"Location": f"{_PREFIX}/capture/{job}"})

    @routes.get("/capture/{capture_id}", summary="A capture job", response_model=None)
    async def capture_job(capture_id: str, key: Annotated[Key, Depends(needs(house.keys, "receipts"))]) -> Response:
        job = await asyncio.to_thread(desk.captures.find, capture_id)
        if job is None or not _may_see(key, job):
            raise Refused(404, "NOT_FOUND", f"There is no capture job {capture_id}.")
        return _answer(200, orjson.dumps(await desk.told(job)), kind="application/json")


def _event_routes(routes: APIRouter, house: House, desk: Desk) -> None:
    @routes.post("/events", summary="Capture one event", status_code=201)
    async def capture_event(request: Request, key: Annotated[Key, Depends(needs(house.keys, "capture"))]) -> Response:
        judged = await _judged(request, desk)
        prepared = await desk.prepare(judged, key, "rollback")
        if prepared.faults:
            raise _invalid(prepared.faults)
        if judged.path or not prepared.events:
            raise Refused(400, "INVALID", f"One event is captured here, no document: those go to {_PREFIX}/capture.")
        await desk.capture(prepared, key, "rollback")
        unread = not_read_reports(prepared.not_read)
        told = orjson.dumps({"notRead": unread}) if unread else b""
        where = {"Location": f"{_PREFIX}/events/{quote(prepared.events[0].identity, safe='')}"}
        return _answer(201, told, where, kind="application/json")

    @routes.get("/events", summary="Ask for events", response_model=None)
    async def events(request: Request, _: Annotated[Key, Depends(needs(house.keys, "read"))]) -> Response:
        _check_accept(request)
        question = _question(request)
        page = await _asked(desk, lambda: ask(desk.warehouse(), question))
        return _answer(200, orjson.dumps(query_document(page.events)), _next(request, page))

    @routes.get("/events/{event_id:path}", summary="One event", response_model=None)
    async def event(request: Request, event_id: str, _: Annotated[Key, Depends(needs(house.keys, "read"))]) -> Response:
        _check_accept(request)
        found = await _asked(desk, lambda: find(desk.warehouse(), event_id))
        if found is None:
            raise Refused(404, "NOT_FOUND", f"There is no event {event_id}.")
        return _answer(200, orjson.dumps(found))


def _option_routes(routes: APIRouter) -> None:
    def telling(*methods: str) -> Callable[[], Awaitable[Response]]:
        async def told() -> Response:
            return options(*methods)

        return told

    for path, methods in _TAKEN.items():
        routes.options(path, summary="What it takes")(telling(*methods))


async def _judged(request: Request, desk: Desk) -> Judged:
    """Read and judge a request's body.

    Raises: Refused: 415, 413 over a limit, 400 where it does not decompress, 429 where there is no room for it.
    """
    kind = (request.headers.get("Content-Type") or "").split(";")[0].strip().lower()
    if kind not in TYPES:
        detail = f"Content-Type {kind!r} is not understood: send {', '.join(TYPES)}."
        raise Refused(415, "TYPE_UNKNOWN", detail)
    coding = coding_of(request.headers.get("Content-Encoding"))
    with desk.room.enter() as held:
        body = await read_body(request.stream(), held, MOST_BYTES)

        def work() -> Judged:
            return read_document(decompress(body, coding, held, MOST_BYTES))

        try:
            return await desk.run(work)
        except TooLarge as error:
            raise Refused(413, "TOO_LARGE", f"The document {error}.") from error


async def _asked(desk: Desk, question: Callable[[], Any]) -> Any:  # noqa: ANN401  what the question returns
    try:
        return await desk.run(question)
    except (WarehouseDown, WarehouseRefused) as error:
        raise down(CLICKHOUSE, str(error)) from error


def _question(request: Request) -> Question:
    try:
        return read_question(_query(request))
    except BadQuestion as error:
        raise Refused(400, "BAD_PARAMETER", str(error)) from error


def _next(request: Request, page: Page) -> dict[str, str]:
    """Return the link to the next page, as RFC 8288 has it."""
    if page.next is None:
        return {}
    given = parameters_of(_query(request))
    kept = [f"{quote(name)}={quote(value, safe=_WRITTEN)}" for name, value in given if name != "nextPageToken"]
    query = "&".join([*kept, f"nextPageToken={page.next.text()}"])
    return {"Link": f'<{_PREFIX}/events?{query}>; rel="next"'}


def _query(request: Request) -> str:
    """Return the query as it was written: which commas part values is told by their being encoded or not."""
    return bytes(request.scope["query_string"]).decode("latin-1")


def _check_version(gs1_epcis_version: Annotated[str | None, Header()] = None) -> None:
    """Refuse a client that wants to speak another version."""
    if gs1_epcis_version is not None and not gs1_epcis_version.startswith(("2.0", "1.2")):
        detail = f"GS1-EPCIS-Version {gs1_epcis_version!r}: this is 2.0, and takes documents of 1.2."
        raise Refused(406, "VERSION_UNKNOWN", detail)


def _check_accept(request: Request) -> None:
    wanted = {part.split(";")[0].strip() for part in (request.headers.get("Accept") or "*/*").split(",")}
    if not wanted & _JSON_TYPES:
        raise Refused(406, "TYPE_UNKNOWN", f"Events are given as {JSON}.")


def _may_see(key: Key, job: Job) -> bool:
    return key.role != "site" or key.id == job.key_id


def _invalid(faults: tuple[Fault, ...] | list[Fault]) -> Refused:
    detail = f"{len(faults)} faults; the first is at {faults[0].path}: {faults[0].message}."
    return Refused(400, "INVALID", detail, more={"errors": error_reports(faults)})


def _answer(status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = JSON) -> Response:
    return Response(body, HTTPStatus(status), headers, kind if body else None)
