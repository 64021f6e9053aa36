"""The page Health: the proof, how far the ledger is behind, deliveries, dead letters and what is sent instead."""

import contextlib
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from analytics.console.access import needs
from analytics.console.desk import Desk
from analytics.console.problems import Refused
from analytics.console.redrive import dump_of, filled, original_of, text_of, why_not
from analytics.console.rendering import Entry, link
from analytics.console.users import Visitor, may
from analytics.questions import Row
from pipeline.domain.scan import STEPS
from pipeline.errors import ScanledgerError, WarehouseRefused

ENTRIES: Final = (Entry("Health", "/health/ledger", "Watch"),)
HOME: Final = "/health/ledger"
MOST_LETTERS: Final = 100
_MOST: Final = 2**31 - 1
_NO_SUCH_TABLE: Final = 60  # as ClickHouse numbers its errors


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get(HOME)
    async def health(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users))],
        error: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        told: dict[str, Any] = {
            "error": error.strip().upper(),
            "marks": await _lag(desk),
            "errors": await desk.asking.ask("dead_letter_errors"),
            "letters": await desk.asking.ask("dead_letters", error=error.strip().upper(), most=MOST_LETTERS),
            "redriven": await _redriven(desk),
            "deliveries": await _deliveries(desk),
            "proof": desk.proofs.state(),
            "may_prove": may(visitor.role, "operator"),
        }
        return desk.frame.page(request, "health.html", **told)

    @routes.post("/health/proof")
    async def prove(visitor: Annotated[Visitor, Depends(needs(desk.users, "operator"))]) -> Response:
        await desk.asking.aside(lambda: desk.proofs.begin(visitor.name))
        return RedirectResponse(f"{HOME}#proof-title", 303)

    @routes.get("/health/proof")
    async def proof(_: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        return HTMLResponse(desk.frame.fragment("health_proof.html", proof=desk.proofs.state()))

    @routes.get("/health/dead-letters/{partition}/{ordinal}")
    async def letter(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users))],
        partition: int,
        ordinal: int,
        sent: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        found = await _letter(desk, partition, ordinal)
        return _letter_page(desk, request, found, await _redriven(desk, partition, ordinal), visitor, sent=sent)

    @routes.post("/health/dead-letters/{partition}/{ordinal}")
    async def redrive(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users, "admin"))],
        partition: int,
        ordinal: int,
        original: Annotated[str, Form(max_length=8)] = "",
    ) -> Response:
        found = await _letter(desk, partition, ordinal)
        if reason := why_not(found):
            raise Refused(409, reason)
        form = {name: str(value) for name, value in (await request.form()).items() if isinstance(value, str)}
        try:
            await desk.asking.aside(lambda: _send(desk, found, form if not original else None, visitor.name))
        except ValueError as fault:
            said = await _redriven(desk, partition, ordinal)
            return _letter_page(desk, request, found, said, visitor, form=form, problem=str(fault))
        return RedirectResponse(link(f"/health/dead-letters/{partition}/{ordinal}", sent="1"), 303)

    return routes


async def _lag(desk: Desk) -> list[Row]:
    """Return how far each partition is; `waiting` None where the log does not answer."""
    marks = await desk.asking.ask("health_marks")
    ends: dict[int, int] = {}
    with contextlib.suppress(ScanledgerError):
        ends = await desk.asking.aside(lambda: dict(desk.log.ends()))
    known = {mark["partition"]: mark for mark in marks}
    nothing = {"scans_next": 0, "internal_next": 0, "ordinal": 0, "written_at": None, "slowest": ""}
    return [
        {"partition": at, "waiting": max(0, ends[at] - known.get(at, nothing)["scans_next"]) if at in ends else None}
        | {name: known.get(at, nothing)[name] for name in nothing}
        for at in sorted(known.keys() | ends.keys())
    ]


async def _redriven(desk: Desk, partition: int = 0, ordinal: int = 0) -> list[Row]:
    return await desk.asking.ask("redrives", of=partition, ordinal=ordinal, most=MOST_LETTERS)


async def _deliveries(desk: Desk) -> list[Row] | None:
    """Return the deliveries, None where this ledger has no table of them."""
    try:
        return await desk.asking.ask("deliveries")
    except WarehouseRefused as refused:
        if refused.code != _NO_SUCH_TABLE:
            raise
        return None


async def _letter(desk: Desk, partition: int, ordinal: int) -> Row:
    if not (0 <= partition <= _MOST and 0 < ordinal < 2**63):
        raise Refused(404, "There is no such partition or ordinal: Health lists the dead letters.")
    rows = await desk.asking.ask("dead_letter", in_partition=partition, at_ordinal=ordinal)
    if not rows:
        raise Refused(
            404, f"There is no dead letter with ordinal {ordinal} in partition {partition}: Health lists them."
        )
    return rows[0]


def _send(desk: Desk, letter: Row, form: dict[str, str] | None, author: str) -> None:
    if form is not None:
        desk.redrives.corrected(letter, form, author)
        return
    fields = original_of(letter)
    if fields is None:
        message = "Its bytes cannot be read: fill in the scan that they stand for."
        raise ValueError(message)
    desk.redrives.original(letter, fields, author)


def _letter_page(desk: Desk, request: Request, letter: Row, said: list[Row], visitor: Visitor, **more: Any) -> Response:  # noqa: ANN401
    problem = more.get("problem", "")
    told: dict[str, Any] = {
        "letter": letter,
        "dump": dump_of(letter["value_hex"]),
        "key": text_of(letter["key_hex"]),
        "reason": why_not(letter),
        "is_readable": original_of(letter) is not None,
        "form": filled(letter) | more.get("form", {}),
        "steps": STEPS,
        "redriven": said,
        "problem": problem,
        "sent": more.get("sent", ""),
        "may_send": may(visitor.role, "admin"),
    }
    return desk.frame.page(request, "dead_letter.html", status=400 if problem else 200, **told)
