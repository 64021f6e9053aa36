"""Who asks, and whether they may: the session of a request, its role, the token of a form.

admin = needs(desk, "admin")
async def page(visitor: Annotated[Visitor, Depends(admin)]) -> Response: ...
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import Request

from analytics.console.problems import Refused, SignInFirst
from analytics.console.users import MAY, Role, UserBook, Visitor, may

COOKIE: Final = "scanledger_session"
CSRF: Final = "csrf"
_READING: Final = frozenset({"GET", "HEAD"})

Asks = Callable[[Request], AsyncIterator[Visitor]]


def needs(users: UserBook, role: Role = "analyst") -> Asks:
    """Return what gives a route the visitor of a request; every form must bear the token of its session.

    Raises, when called: SignInFirst; Refused 403 where the role is not enough or the form is not the session's own.
    """

    async def visitor_of(request: Request) -> AsyncIterator[Visitor]:
        visitor = visitor_or_none(users, request)
        if visitor is None:
            raise SignInFirst
        request.state.visitor = visitor
        if not may(visitor.role, role):
            raise Refused(403, f"This takes the role {role}; yours is {visitor.role}, which {MAY[visitor.role]}.")
        try:
            if request.method not in _READING:
                await _check_token(request, visitor)
            yield visitor
        finally:
            await request.close()  # of files that came with a form

    return visitor_of


def visitor_or_none(users: UserBook, request: Request) -> Visitor | None:
    """Return who is signed in, if anybody."""
    session = request.cookies.get(COOKIE, "")
    return users.visitor(session) if session else None


async def _check_token(request: Request, visitor: Visitor) -> None:
    token = (await request.form()).get(CSRF)
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), visitor.csrf.encode()):
        detail = "This form is of another session, so nothing was done. Go back, load the page again and repeat it."
        raise Refused(403, detail)
