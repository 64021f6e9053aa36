"""The HTTP way in as one application: routes, refusals, and what no route foresaw.

app = build_app(house)                            # tests drive it in their own process, `server.serve` on a port
app = build_app(house, epcis.router(...))         # further routers are mounted beside
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.capture.http import health, receipt_pages, scans, unit_pages
from pipeline.capture.http.house import House
from pipeline.capture.http.problems import Refused, problem
from pipeline.capture.http.watched import Watched
from pipeline.errors import ScanledgerError

_DESCRIPTION: Final = """\
Scans in, receipts and questions out. Every request carries an API key (`scanledger keys create`).

A refusal is `application/problem+json`: `error` is a word for programs, `detail` says to people what would be right."""
_RETRY_SECONDS: Final = 2


def build_app(house: House, *routers: APIRouter) -> FastAPI:
    """Return the application of a house."""
    app = FastAPI(title="Scanledger", version=version("scanledger"), description=_DESCRIPTION, redoc_url=None)
    for ours in (scans, receipt_pages, unit_pages, health):
        app.include_router(ours.router(house))
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(HTTPException, _nowhere)
    app.add_exception_handler(ScanledgerError, _broken)
    app.add_middleware(Watched)
    return app


async def _refused(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    return refused.answer()


async def _bad_parameter(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)
    told = "; ".join(f"{_place(one['loc'])}: {one['msg']}" for one in wrong.errors())
    return problem(400, "BAD_PARAMETER", f"{told}.")


def _place(where: tuple[Any, ...]) -> str:
    return " ".join(map(str, where))


async def _nowhere(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path}: {error.detail}. /docs and /openapi.json say what there is."
    words = {404: "NOT_FOUND", 405: "METHOD_UNKNOWN"}
    return problem(error.status_code, words.get(error.status_code, "REFUSED"), detail, headers=error.headers)


async def _broken(_: Request, error: Exception) -> Response:
    """Answer where the environment is broken: the message says to its keeper what to do."""
    headers = {"Retry-After": str(_RETRY_SECONDS)}
    return problem(503, "NOT_NOW", f"{error} Come again.", headers=headers)
