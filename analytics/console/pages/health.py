"""The page Health: the proof, how far the ledger is behind, deliveries, dead letters and what is sent instead."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Annotated, Any, Final
from weakref import WeakValueDictionary

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from analytics.console.access import needs
from analytics.console.desk import Desk
from analytics.console.problems import Refused
from analytics.console.redrive import (
    DUMPED,
    attempts_of,
    dump_of,
    filled,
    kept_of,
    next_attempt,
    original_of,
    subject_of,
    text_of,
    why_not,
)
from analytics.console.rendering import Entry, link
from analytics.console.users import Visitor, may
from analytics.console.written import until_written
from analytics.questions import Row
from pipeline.domain.scan import STEPS
from pipeline.errors import ScanledgerError, WarehouseRefused

ENTRIES: Final = (Entry("Health", "/health/ledger", "Watch"),)
HOME: Final = "/health/ledger"
PAGE_ROWS: Final = 100
_MOST: Final = 2**31 - 1
_NOT_KNOWN: Final = {"outcome": "NOT_KNOWN_YET", "reason": ""}
_NO_SUCH_TABLE: Final = 60  # as ClickHouse numbers its errors


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    sending: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @routes.get(HOME)
    async def health(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users))],
        error: Annotated[str, Query(max_length=64)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        told: dict[str, Any] = {
            **await _listed(desk, error.strip().upper(), page),
            "marks": await _lag(desk),
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
        found = await _letters(desk, partition, ordinal)
        return _letter_page(desk, request, found, await _redriven(desk, found), visitor, sent=sent)

    @routes.get("/health/dead-letters/{partition}/{ordinal}/bytes")
    async def taken_away(
        _: Annotated[Visitor, Depends(needs(desk.users))],
        partition: int,
        ordinal: int,
        n: Annotated[int, Query(ge=0, le=_MOST)] = 0,
    ) -> Response:
        return _bytes_of(await _letters(desk, partition, ordinal), n)

    @routes.post("/health/dead-letters/{partition}/{ordinal}")
    async def redrive(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users, "admin"))],
        partition: int,
        ordinal: int,
    ) -> Response:
        found = await _letters(desk, partition, ordinal)
        form = {name: str(value) for name, value in (await request.form()).items() if isinstance(value, str)}
        lock = sending.setdefault(subject_of(found[0]), asyncio.Lock())
        try:
            async with lock:  # who comes second is asked after what the first has sent
                await _redrive(desk, found, form, visitor.name)
        except ValueError as fault:
            said = await _redriven(desk, found)
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


async def _listed(desk: Desk, error: str, page: int) -> dict[str, Any]:
    """Return a page of dead letters, how many there are, and what was last sent instead of each."""
    errors = await desk.asking.ask("dead_letter_errors")
    letters = await desk.asking.ask("dead_letters", error=error, most=PAGE_ROWS, skip=(page - 1) * PAGE_ROWS)
    acts: dict[tuple[int, int], list[Row]] = {}
    for act in await _redriven(desk, letters):
        acts.setdefault((act["of_partition"], act["of_ordinal"]), []).append(act)
    return {
        "error": error,
        "errors": errors,
        "letters": letters,
        "found": sum(one["letters"] for one in errors if error in ("", one["error"])),
        "number": page,
        "page_rows": PAGE_ROWS,
        "again": {place: _worded(attempts_of(of_one)[-1]) for place, of_one in acts.items()},
    }


async def _redriven(desk: Desk, letters: Sequence[Row]) -> list[Row]:
    """Return the acts of what was sent instead of these dead letters, the newest first."""
    subjects = sorted({subject_of(letter) for letter in letters})
    return await desk.asking.ask("redrives", subjects=subjects) if subjects else []


async def _until_noted(desk: Desk, letters: Sequence[Row], known: int) -> None:
    """Wait a little until ClickHouse has what came of it, so that the page can say it."""

    async def is_noted() -> bool:
        return _answered(await _redriven(desk, letters)) > known

    await until_written(is_noted)


async def _deliveries(desk: Desk) -> list[Row] | None:
    """Return the deliveries, None where this ledger has no table of them."""
    try:
        return await desk.asking.ask("deliveries")
    except WarehouseRefused as refused:
        if refused.code != _NO_SUCH_TABLE:
            raise
        return None


async def _letters(desk: Desk, partition: int, ordinal: int) -> list[Row]:
    """Return the dead letters of one ordinal: the record's own, or each output that was refused."""
    if not (0 <= partition <= _MOST and 0 < ordinal < 2**63):
        raise Refused(404, "There is no such partition or ordinal: Health lists the dead letters.")
    rows = await desk.asking.ask("dead_letter", in_partition=partition, at_ordinal=ordinal)
    if not rows:
        raise Refused(
            404, f"There is no dead letter with ordinal {ordinal} in partition {partition}: Health lists them."
        )
    return rows


def _bytes_of(letters: Sequence[Row], n: int) -> Response:
    digits = next((one["value_hex"] for one in letters if one["n"] == n), None)
    if digits is None:
        raise Refused(404, "There are no bytes to take away: the dead letter's page says which it has.")
    name = "-".join(str(part) for part in ("dead-letter", letters[0]["partition"], letters[0]["ordinal"], n))
    shown = {"Content-Disposition": f'attachment; filename="{name}.bin"'}
    return Response(bytes.fromhex(digits), media_type="application/octet-stream", headers=shown)


async def _redrive(desk: Desk, letters: Sequence[Row], form: dict[str, str], author: str) -> None:
    """Send what a form says instead of a dead letter. Raises: Refused; ValueError, saying what would be right."""
    if reason := why_not(letters[0]):
        raise Refused(409, reason)
    known, letter = _answered(await _redriven(desk, letters)), letters[0] | {"attempt": form.get("attempt", "")}
    await desk.asking.aside(lambda: _send(desk, letter, form, author))
    await _until_noted(desk, letters, known)


def _answered(said: Sequence[Row]) -> int:
    return sum(bool(act["outcome"]) for act in said)


def _worded(act: Row) -> Row:
    """Return an act as it is shown: what came of it may not be known yet."""
    return act if act["outcome"] else act | _NOT_KNOWN


def _send(desk: Desk, letter: Row, form: dict[str, str], author: str) -> None:
    if not form.get("original"):
        desk.redrives.corrected(letter, form, author)
        return
    fields = original_of(letter)
    if fields is None:
        message = "Its bytes cannot be read: fill in the scan that they stand for."
        raise ValueError(message)
    desk.redrives.original(letter, fields, author)


def _letter_page(  # noqa: PLR0913  what is shown, to whom
    desk: Desk,
    request: Request,
    letters: Sequence[Row],
    said: list[Row],
    visitor: Visitor,
    *,
    form: dict[str, str] | None = None,
    problem: str = "",
    sent: str = "",
) -> Response:
    letter, attempt = letters[0], next_attempt(said)
    told: dict[str, Any] = {
        "letter": letter,
        "letters": [_shown(one) for one in letters],
        "dumped": DUMPED,
        "reason": why_not(letter),
        "is_readable": original_of(letter) is not None,
        "kept": kept_of(letter),
        "form": filled(letter, said) | (form or {}),
        "steps": STEPS,
        "redriven": [_worded(act) for act in said],
        "attempt": attempt,
        "is_new_attempt": 0 < attempt == len(attempts_of(said)),
        "problem": problem,
        "sent": sent,
        "may_send": may(visitor.role, "admin"),
    }
    return desk.frame.page(request, "dead_letter.html", status=400 if problem else 200, **told)


def _shown(letter: Row) -> Row:
    held = len(letter["value_hex"] or "") // 2
    return letter | {"dump": dump_of(letter["value_hex"]), "key": text_of(letter["key_hex"]), "held": held}
