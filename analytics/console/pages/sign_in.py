"""Signing in by a one-time link, signing out, and the colour scheme.

Opening a link shows a page with a button: a chat's preview that fetches the link does not use it up. The cookie is
SameSite=Lax: it comes along where somebody follows a link to an alert in a mail or a chat, and never with a form of
another site. A page of ours that is followed to changes nothing: each act is a POST with its session's token, from our
own origin.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from analytics.console.access import COOKIE, needs, visitor_or_none
from analytics.console.desk import Desk
from analytics.console.problems import Refused
from analytics.console.rendering import SCHEME_COOKIE, SCHEMES, Entry
from analytics.console.users import SESSION_SECONDS, Visitor

ENTRIES: Final[tuple[Entry, ...]] = ()
_YEAR_SECONDS: Final = 365 * 86_400
_SPENT: Final = "This link has been used or is older than 15 minutes. `scanledger console link` prints a new one."


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes, is_secure = APIRouter(), desk.url.startswith("https:")

    @routes.get("/sign-in")
    async def ask(request: Request, link: str = "", back: str = "/") -> Response:
        if not link and visitor_or_none(desk.users, request) is not None:
            return RedirectResponse(own_path(back), 303)
        user = desk.users.invited(link) if link else None
        told = {"link": link, "user": user, "back": own_path(back), "problem": _SPENT if link and user is None else ""}
        return desk.frame.page(request, "sign_in.html", status=403 if told["problem"] else 200, **told)

    @routes.post("/sign-in")
    async def enter(link: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
        session = desk.users.sign_in(link)
        if session is None:
            raise Refused(403, _SPENT)
        answer = RedirectResponse(own_path(back), 303)
        answer.set_cookie(COOKIE, session, SESSION_SECONDS, httponly=True, samesite="lax", secure=is_secure, path="/")
        return answer

    @routes.post("/sign-out")
    async def leave(visitor: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        desk.users.sign_out(visitor.session)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @routes.get("/scheme/{chosen}")
    async def scheme(chosen: str, back: Annotated[str, Query()] = "/") -> Response:
        if chosen not in SCHEMES:
            raise Refused(404, f"There is no scheme {chosen[:40]!r}: choose auto, light or dark.")
        answer = RedirectResponse(own_path(back), 303)
        answer.set_cookie(SCHEME_COOKIE, chosen, _YEAR_SECONDS, samesite="lax", secure=is_secure, httponly=True)
        return answer

    return routes


def own_path(text: str) -> str:
    """Return a path of this console to go back to; `/` where the text could lead elsewhere."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_path and text.isprintable() and "\\" not in text else "/"
