"""Around every request: its answer counted and timed; what no route foresaw is logged and answered, never shown."""

from __future__ import annotations

import logging
import time
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.capture.http.problems import problem
from pipeline.metrics import count, observe

_LOG = logging.getLogger("pipeline.capture")
_RETRY_SECONDS: Final = 5


class Watched:
    """An application, watched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, seen = time.monotonic(), _Seen(send)
        try:
            await self._app(scope, receive, seen)
        except ClientDisconnect:
            seen.status = 499  # as proxies log it: nobody is there to be answered
        except Exception:  # a fault of ours; its origin goes to the log
            _LOG.exception("a fault in %s %s", scope["method"], scope["path"])
            count("scanledger_capture_errors_total", where="request")
            if not seen.status:
                await _apologise(scope, receive, seen)
        route = getattr(scope.get("route"), "path", "none")
        count("scanledger_capture_requests_total", route=route, status=seen.status)
        observe("scanledger_capture_request_seconds", time.monotonic() - begun, route=route)


class _Seen:
    """What is sent, with the status remembered."""

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


async def _apologise(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    detail = "This is a fault of the server, which has been noted. Send the same again: nothing takes effect twice."
    answer = problem(503, "FAULT", detail, headers={"Retry-After": str(_RETRY_SECONDS)})
    await answer(scope, receive, send)
