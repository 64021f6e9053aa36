"""The route /health: whether this process does its work, for whoever spreads requests over several."""

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from pipeline.capture.http.house import House


def router(house: House) -> APIRouter:
    """Return the route; it asks for no key and tells nothing but reasons."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health", summary="Is it well?", responses={503: {"description": "it is not; `reasons` say why"}})
    async def health() -> Response:
        found = house.health()
        body = orjson.dumps({"ok": found.ok, "reasons": found.reasons})
        return Response(body, 200 if found.ok else 503, media_type="application/json")

    return routes
