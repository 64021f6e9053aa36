"""Who asks, and whether they may: the API key of a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from pipeline.capture.http.keys import Key, KeyRing, Right
from pipeline.capture.http.problems import Refused

_BEARER: Final = HTTPBearer(auto_error=False, description="an API key of `scanledger keys create`")
_HEADER: Final = APIKeyHeader(name="X-API-Key", auto_error=False, description="the same, for devices that need it so")
_WORDS: Final[dict[Right, str]] = {
    "capture": "send scans: that takes the role site or admin",
    "read": "read: that takes the role analyst or admin",
    "receipts": "read receipts",
}

Asks = Callable[..., Awaitable[Key]]


def needs(keys: KeyRing, right: Right) -> Asks:
    """Return what gives a route the key of a request.

    Raises, when called: Refused: 401 where there is no key or none that is known, 403 where its role may not.
    """

    async def key_of(
        request: Request,  # noqa: ARG001  FastAPI hands it on to the schemes
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        header: Annotated[str | None, Security(_HEADER)],
    ) -> Key:
        text = bearer.credentials if bearer is not None else header
        key = keys.find(text) if text else None
        if key is None:
            detail = (
                "Send an API key that is not revoked: `Authorization: Bearer KEY`. `scanledger keys create` makes one."
            )
            raise Refused(
                401, "NO_KEY" if text is None else "KEY_UNKNOWN", detail, headers={"WWW-Authenticate": "Bearer"}
            )
        if not key.may(right):
            raise Refused(403, "NOT_ALLOWED", f"A key of the role {key.role} may not {_WORDS[right]}.")
        return key

    return key_of
