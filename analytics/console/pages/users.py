"""The pages Users and keys: who may sign in and is signed in, and the API keys of the HTTP way in.

A link and a key are shown once, in the answer to the form that made them: no address leads to them again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from analytics.console.access import needs
from analytics.console.desk import Desk
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import MAY, ROLES, LastAdmin, Role, Visitor, name_fault

ENTRIES: Final = (Entry("Users and keys", "/users", "Keeping", "admin"),)
KEY_ROLES: Final = {
    "site": "sends scans of its sites",
    "analyst": "reads",
    "admin": "sends scans of all sites and reads",
}

Name = Annotated[str, Form(max_length=256)]
Made = tuple[str, str] | None
"""Whose it is, and its text."""


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/users")
    page = _Page(desk)
    _people(routes, desk, page)
    _signing_in(routes, desk, page)
    _keys(routes, desk, page)
    return routes


class _Page:
    """The page, with what was just made and is shown this once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def shown(self, request: Request, *, link: Made = None, key: Made = None) -> Response:
        desk = self._desk
        told: dict[str, Any] = {"users": desk.users.users(), "sessions": desk.users.sessions(), "keys": desk.keys.all()}
        roles: dict[str, Any] = {"may": MAY, "roles": ROLES, "key_roles": KEY_ROLES}
        return desk.frame.page(request, "users.html", **told, **roles, link_made=link, key_made=key)


def _people(routes: APIRouter, desk: Desk, page: _Page) -> None:
    admin = needs(desk.users, "admin")

    @routes.get("")
    async def users(request: Request, _: Annotated[Visitor, Depends(admin)]) -> Response:
        return page.shown(request)

    @routes.post("/keep")
    async def keep(_: Annotated[Visitor, Depends(admin)], name: Name, role: Annotated[str, Form()]) -> Response:
        with_role, named = role_of(role), name_of(name)
        with _an_admin_left():
            desk.users.keep(named, with_role)
        return _back()

    @routes.post("/remove")
    async def remove(_: Annotated[Visitor, Depends(admin)], name: Name) -> Response:
        with _an_admin_left():
            is_gone = desk.users.remove(name)
        if not is_gone:
            raise Refused(404, f"There is no user {name[:60]!r}; somebody may have removed it.")
        return _back()


def _signing_in(routes: APIRouter, desk: Desk, page: _Page) -> None:
    admin = needs(desk.users, "admin")

    @routes.post("/link")
    async def link(request: Request, _: Annotated[Visitor, Depends(admin)], name: Name) -> Response:
        try:
            made = f"{desk.url}/sign-in?link={desk.users.link(name)}"
        except KeyError:
            raise Refused(404, f"There is no user {name[:60]!r}. Users and keys lists those there are.") from None
        return page.shown(request, link=(name, made))

    @routes.post("/revoke")
    async def revoke(_: Annotated[Visitor, Depends(admin)], name: Name) -> Response:
        desk.users.revoke(name)
        return _back()

    @routes.post("/end")
    async def end(_: Annotated[Visitor, Depends(admin)], session: Name) -> Response:
        desk.users.sign_out(session)
        return _back()


def _keys(routes: APIRouter, desk: Desk, page: _Page) -> None:
    admin = needs(desk.users, "admin")

    @routes.post("/keys/make")
    async def make_key(
        request: Request,
        _: Annotated[Visitor, Depends(admin)],
        name: Name,
        role: Annotated[str, Form()],
        sites: Annotated[str, Form(max_length=10_000)] = "",
        all_sites: Annotated[bool, Form()] = False,
    ) -> Response:
        try:
            key, text = desk.keys.make(name, role, sites.splitlines(), all_sites=all_sites)
        except ValueError as wrong:
            raise Refused(400, f"{wrong} Go back and correct it.") from None
        return page.shown(request, key=(key.name, text))

    @routes.post("/keys/revoke")
    async def revoke_key(_: Annotated[Visitor, Depends(admin)], key_id: Name) -> Response:
        if desk.keys.revoke(key_id) is None:
            raise Refused(404, f"There is no key {key_id[:60]!r}. Users and keys lists those there are.")
        return _back()


@contextmanager
def _an_admin_left() -> Iterator[None]:
    try:
        yield
    except LastAdmin as last:
        raise Refused(409, str(last)) from None


def name_of(text: str) -> str:
    """Return a user's name as it is kept. Raises: Refused where it is empty, too long or cannot be printed."""
    name = " ".join(text.split())
    if fault := name_fault(name):
        raise Refused(400, f"{fault} Go back and correct it.")
    return name


def role_of(text: str) -> Role:
    """Return a role. Raises: Refused, naming those there are."""
    for role in ROLES:
        if text == role:
            return role
    raise Refused(400, f"There is no role {text[:40]!r}: it is one of {', '.join(ROLES)}.")


def _back() -> Response:
    return RedirectResponse("/users", 303)
