"""The pages Users and keys: who may sign in and is signed in, and the API keys of the HTTP way in.

A link and a key are shown once, in the answer to the form that made them: no address leads to them again.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from analytics.console.access import needs
from analytics.console.desk import Desk
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import MAY, NAME_CHARACTERS, ROLES, LastAdmin, Role, Visitor

ENTRIES: Final = (Entry("Users and keys", "/users", "Keeping", "admin"),)
KEY_ROLES: Final = {
    "site": "sends scans of its sites",
    "analyst": "reads",
    "admin": "sends scans of all sites and reads",
}

Name = Annotated[str, Form(max_length=256)]


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/users")
    admin = needs(desk.users, "admin")

    def shown(request: Request, *, link: tuple[str, str] | None = None, key: tuple[str, str] | None = None) -> Response:
        told = {"users": desk.users.users(), "sessions": desk.users.sessions(), "keys": desk.keys.all()}
        return desk.frame.page(
            request, "users.html", **told, may=MAY, roles=ROLES, key_roles=KEY_ROLES, link_made=link, key_made=key
        )

    def made_link(name: str) -> tuple[str, str]:
        try:
            return name, f"{desk.url}/sign-in?link={desk.users.link(name)}"
        except KeyError:
            raise Refused(404, f"There is no user {name[:60]!r}. Users and keys lists those there are.") from None

    @routes.get("")
    async def users(request: Request, _: Annotated[Visitor, Depends(admin)]) -> Response:
        return shown(request)

    @routes.post("/keep")
    async def keep(_: Annotated[Visitor, Depends(admin)], name: Name, role: Annotated[str, Form()]) -> Response:
        with_role, named = role_of(role), name_of(name)
        try:
            desk.users.keep(named, with_role)
        except LastAdmin as last:
            raise Refused(409, str(last)) from None
        return _back()

    @routes.post("/remove")
    async def remove(_: Annotated[Visitor, Depends(admin)], name: Name) -> Response:
        try:
            is_gone = desk.users.remove(name)
        except LastAdmin as last:
            raise Refused(409, str(last)) from None
        if not is_gone:
            raise Refused(404, f"There is no user {name[:60]!r}; somebody may have removed it.")
        return _back()

    @routes.post("/link")
    async def link(request: Request, _: Annotated[Visitor, Depends(admin)], name: Name) -> Response:
        return shown(request, link=made_link(name))

    @routes.post("/revoke")
    async def revoke(_: Annotated[Visitor, Depends(admin)], name: Name) -> Response:
        desk.users.revoke(name)
        return _back()

    @routes.post("/end")
    async def end(_: Annotated[Visitor, Depends(admin)], session: Name) -> Response:
        desk.users.sign_out(session)
        return _back()

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
        return shown(request, key=(key.name, text))

    @routes.post("/keys/revoke")
    async def revoke_key(_: Annotated[Visitor, Depends(admin)], key_id: Name) -> Response:
        if desk.keys.revoke(key_id) is None:
            raise Refused(404, f"There is no key {key_id[:60]!r}. Users and keys lists those there are.")
        return _back()

    return routes


def name_of(text: str) -> str:
    """Return a user's name as it is kept. Raises: Refused where it is empty, too long or cannot be printed."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_CHARACTERS or not name.isprintable():
        raise Refused(400, f"A name has 1 to {NAME_CHARACTERS} characters that can be printed. Go back and correct it.")
    return name


def role_of(text: str) -> Role:
    """Return a role. Raises: Refused, naming those there are."""
    for role in ROLES:
        if text == role:
            return role
    raise Refused(400, f"There is no role {text[:40]!r}: it is one of {', '.join(ROLES)}.")


def _back() -> Response:
    return RedirectResponse("/users", 303)
