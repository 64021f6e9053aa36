"""What a client is told when a request is refused, as RFC 9457 says: a word for programs, a sentence for people.

Refused(429, "TOO_MUCH_AT_ONCE", "…", retry_after=1)    # raised anywhere in a request, answered by the app
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response

PROBLEM: Final = "application/problem+json"


class Refused(Exception):
    """A request that is not done as asked; `word` says why to programs, `detail` what would be right to people."""

    def __init__(
        self,
        status: int,
        word: str,
        detail: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.word, self.detail = status, word, detail
        self.headers = {**(headers or {}), **({"Retry-After": str(retry_after)} if retry_after is not None else {})}
        self.more = dict(more or {})

    def answer(self) -> Response:
        """Return the response."""
        return problem(self.status, self.word, self.detail, headers=self.headers, more=self.more)


def problem(
    status: int,
    word: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return a problem as a response."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "error": word}
    body = orjson.dumps({**told, "detail": detail, **(more or {})})
    return Response(body, status, dict(headers or {}), PROBLEM)
