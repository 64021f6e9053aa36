"""The routes of documents: POST /v1/documents tells of expected units, GET /v1/documents/{id} of what was found."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from pipeline.capture.codes import CodeReader
from pipeline.capture.documents import Document, documents_of, rows_of, send_document
from pipeline.capture.http.access import needs
from pipeline.capture.http.bodies import coding_of, decompress, read_body
from pipeline.capture.http.decided import plain
from pipeline.capture.http.house import House
from pipeline.capture.http.keys import Key
from pipeline.capture.http.problems import Refused
from pipeline.errors import DocumentWrong
from pipeline.settings import Settings

JSON: Final = "application/json"
MOST_CHARACTERS: Final = 1_024
"""Of a name as it is asked for; its one name has fewer."""
_EXAMPLE: Final = {"document": "asn:4711", "units": ["(01)09506000134352(21)ABC123"]}
_POST: Final[dict[str, Any]] = {
    "summary": "Tell which units documents expect",
    "description": "One or a list; 202 once Kafka has acknowledged every record. Telling a document again adds to it.",
    "status_code": 202,
    "openapi_extra": {"requestBody": {"required": True, "content": {JSON: {"schema": {}, "example": _EXAMPLE}}}},
}

Report = Callable[[str], dict[str, Any] | None]
"""What became of a document: `analytics.documents.document_report`, handed in where the process starts."""


def router(house: House, settings: Settings, partitions: int, report: Report) -> APIRouter:
    """Return the routes of documents."""
    routes = APIRouter(prefix="/v1", tags=["documents"])

    @routes.post("/documents", **_POST)
    async def post_documents(request: Request, key: Annotated[Key, Depends(needs(house.keys, "capture"))]) -> Response:
        with house.room.enter() as held:
            coding = coding_of(request.headers.get("Content-Encoding"))
            body = decompress(await read_body(request.stream(), held), coding, held)
            documents = _documents(body, house.codes)
            await asyncio.to_thread(_send, settings, documents, partitions, key.name)
        told = [{"document": one.name, "units": len(one.units)} for one in documents]
        return Response(orjson.dumps({"documents": told}), 202, media_type=JSON)

    @routes.get("/documents/{name:path}", summary="Show what of a document is found, missing, extra or wrong")
    async def get_document(
        name: Annotated[str, Path(max_length=MOST_CHARACTERS, description="as asn:4711")],
        _: Annotated[Key, Depends(needs(house.keys, "read"))],
    ) -> Response:
        found = await house.reading.ask(lambda: report(name))
        if found is None:
            raise Refused(404, "DOCUMENT_UNKNOWN", f"Nobody told of {name}, and no scan names it.")
        return Response(orjson.dumps(plain(found)), media_type=JSON)

    return routes


def _documents(body: bytes, codes: CodeReader) -> list[Document]:
    try:
        return documents_of(rows_of(orjson.loads(body)), codes)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "NOT_JSON", f"The body is no JSON: {error}.") from None
    except DocumentWrong as wrong:
        raise Refused(422, "DOCUMENT_WRONG", str(wrong)) from None


def _send(settings: Settings, documents: list[Document], partitions: int, author: str) -> None:
    for document in documents:
        send_document(settings, document, partitions, author)
