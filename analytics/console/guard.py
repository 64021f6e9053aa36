"""Around every request to the console: hosts and origins of others refused, headers that keep a page to itself.

A page of another site can have a browser send requests here; what it cannot do is name this host in `Host` (else its
name was bound to our address: DNS rebinding) or this origin in `Origin`. Scripts and styles come from our own files
only, never from a page's text: what a site or a person wrote can be shown and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES: Final = 1 << 20
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # `no-referrer` would make browsers send `Origin: null` with forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_READING: Final = frozenset({"GET", "HEAD"})


class Guard:
    """An application, guarded."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        """Guard an application that is found under these host names, besides those of loopback."""
        self._app, self._hosts = app, LOOPBACK | frozenset(name.lower() for name in hosts if name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refused(scope["method"], Headers(scope=scope))
        await (refused or self._app)(scope, receive, with_headers)

    def _refused(self, method: str, headers: Headers) -> Response | None:
        if host_of(headers.get("host", "")) not in self._hosts:
            return _no(421, "This host name is not the console's. Set SCANLEDGER_CONSOLE_URL to where it is found.")
        if method in _READING:
            return None
        if not _is_own_origin(headers):
            return _no(403, "This form was sent from another site. Open the console's own page and send it there.")
        length = headers.get("content-length", "")
        if not length.isdigit() or int(length) > MOST_BODY_BYTES:
            return _no(413, f"A form has at most {MOST_BODY_BYTES} bytes and says how many in Content-Length.")
        return None


def host_of(host: str) -> str:
    """Return the name in a `Host` header, without its port; empty where it makes no sense."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_own_origin(headers: Headers) -> bool:
    """Tell whether the page that sends a form is ours; a client that is no browser names the origin too."""
    origin = headers.get("origin", "")
    scheme, _, host = origin.partition("://")
    return scheme in {"http", "https"} and bool(host) and host.lower() == headers.get("host", "").lower()


def _no(status: int, text: str) -> Response:
    return PlainTextResponse(text + "\n", status)
