"""What every answer of EPCIS's addresses tells, whether it is done or refused: versions and limits."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from pipeline.capture.epcis.reading import MOST_BYTES, MOST_EVENTS
from pipeline.capture.http.problems import Refused

_TOLD: Final = {
    "GS1-EPCIS-Version": "2.0",
    "GS1-CBV-Version": "2.0",
    "GS1-EPCIS-Capture-Limit": str(MOST_EVENTS),
    "GS1-EPCIS-Capture-File-Size-Limit": str(MOST_BYTES),
    "GS1-Capture-Error-Behaviour": "rollback",
}
_RANGE: Final = {"GS1-EPCIS-Min": "1.2", "GS1-EPCIS-Max": "2.0", "GS1-CBV-Min": "1.2", "GS1-CBV-Max": "2.0"}


class ToldRoute(APIRoute):
    """A route whose answers tell them; a refusal may come from anything that the route makes use of."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                response = await answer(request)
            except Refused as refused:
                response = refused.answer()
            response.headers.update(_TOLD)
            return response

        return told


def options(*methods: str) -> Response:
    """Return the answer to OPTIONS at an address that takes these methods."""
    return Response(status_code=204, headers={"Allow": ", ".join(sorted([*methods, "OPTIONS"])), **_RANGE})
