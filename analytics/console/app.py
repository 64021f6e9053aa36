"""The console as one application: its pages, its refusals, and what no page foresaw.

app = build_app(desk)       # tests drive it in their own process; `scanledger console` serves it
"""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from analytics.console.access import visitor_or_none
from analytics.console.desk import Desk
from analytics.console.guard import Guard
from analytics.console.pages import PAGES
from analytics.console.problems import TITLES, Refused, SignInFirst
from analytics.console.rendering import FAULT, STATIC
from pipeline.errors import ScanledgerError

_LOG: Final = logging.getLogger("analytics.console")
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def build_app(desk: Desk) -> ASGIApp:
    """Return the application of a desk, guarded: what nobody foresaw is answered outside of its own middleware."""
    app = FastAPI(title="Scanledger console", docs_url=None, redoc_url=None, openapi_url=None)
    desk.frame.entries = tuple(entry for page in PAGES for entry in page.ENTRIES)
    for page in PAGES:
        app.include_router(page.router(desk))
    app.mount("/static", _Static(directory=STATIC))
    app.get("/health")(_health)
    _Refusals(desk).add_to(app)
    return Guard(app, hosts=[desk.url and urlsplit(desk.url).hostname or ""])


async def _health() -> Response:
    return JSONResponse({"ok": True, "reasons": []})


class _Static(StaticFiles):
    """Our own files, kept by browsers for as long as their name has the same version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            answer.headers["Cache-Control"] = _FOR_EVER
        return answer


class _Refusals:
    """Pages for what went wrong."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, app: FastAPI) -> None:
        app.add_exception_handler(SignInFirst, self._sign_in)
        app.add_exception_handler(Refused, self._refused)
        app.add_exception_handler(RequestValidationError, self._bad_parameter)
        app.add_exception_handler(HTTPException, self._nowhere)
        app.add_exception_handler(ScanledgerError, self._broken)
        app.add_exception_handler(Exception, self._fault)

    async def _sign_in(self, request: Request, _: Exception) -> Response:
        if request.method != "GET":
            return self._page(request, 401, "Your session is over, so nothing was done. Sign in and repeat it.")
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?back={quote(wanted)}", 303)

    async def _refused(self, request: Request, refused: Exception) -> Response:
        assert isinstance(refused, Refused)
        return self._page(request, refused.status, refused.detail)

    async def _bad_parameter(self, request: Request, wrong: Exception) -> Response:
        assert isinstance(wrong, RequestValidationError)
        told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in wrong.errors())
        return self._page(request, 400, f"{told}. Correct the address, or begin at the page's own form.")

    async def _nowhere(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail = f"{request.method} {request.url.path}: {error.detail}. The navigation shows what there is."
        return self._page(request, error.status_code, detail)

    async def _broken(self, request: Request, error: Exception) -> Response:
        """Answer where the environment is broken: the message says to its keeper what to do."""
        _LOG.warning("%s %s: %s", request.method, request.url.path, error)
        return self._page(request, 503, str(error))

    async def _fault(self, request: Request, error: Exception) -> Response:
        _LOG.error("a fault in %s %s", request.method, request.url.path, exc_info=error)
        return self._page(request, 500, f"{FAULT} Load the page again.")

    def _page(self, request: Request, status: int, detail: str) -> Response:
        try:
            request.state.visitor = visitor_or_none(self._desk.users, request)
        except ScanledgerError:
            request.state.visitor = None
        title = TITLES.get(status, "This was refused")
        return self._desk.frame.page(request, "problem.html", status=status, title=title, detail=detail)
