"""The page Now."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from analytics.console.access import needs
from analytics.console.desk import Desk
from analytics.console.rendering import Entry
from analytics.console.users import Visitor

ENTRIES: Final = (Entry("Now", "/", "Watch"),)


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/")
    async def now(request: Request, _: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        return desk.frame.page(request, "now.html")

    return routes
