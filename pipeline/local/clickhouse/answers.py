"""HTTP answers as ClickHouse gives them: headers, compression, streams, exceptions before and in the middle."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from pipeline.local.clickhouse.compression import Packer
from pipeline.local.clickhouse.engine import Engine
from pipeline.local.clickhouse.failures import QueryError
from pipeline.local.clickhouse.questions import Answer, Question

# Gives the next chunk, packed.
Fetch = Callable[[], Awaitable[bytes | None]]


class Streamed(StreamingResponse):
    """A result on its way, sent within a context that ends its statement however the sending ends."""

    around: AbstractAsyncContextManager[None] = nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the result."""
        async with self.around:
            await super().__call__(scope, receive, send)


def succeeded(engine: Engine, question: Question, answer: Answer, packer: Packer) -> Response:
    """Answer with a result that is complete."""
    body = packer.pack(answer.first) + packer.finish() if answer.first else b""
    headers = _headers(engine, question.parameters.query_id) | _result_headers(engine, question, answer)
    if packer.encoding and answer.first:
        headers["Content-Encoding"] = packer.encoding
    return Response(body, headers=headers)


def streaming(engine: Engine, question: Question, answer: Answer, packer: Packer, fetch: Fetch) -> "Streamed":
    """Answer with a result whose end is not known yet.

    An exception on the way is told within the body, between markers that carry the tag of the header.
    """
    tag = secrets.token_hex(8)

    async def body() -> AsyncIterator[bytes]:
        yield packer.pack(answer.first)
        try:
            while (packed := await fetch()) is not None:
                yield packed
        except QueryError as failure:
            yield packer.pack(_in_the_middle(failure.body(engine.version), tag))
        yield packer.finish()

    headers = _headers(engine, question.parameters.query_id) | _result_headers(engine, question, answer)
    headers["X-ClickHouse-Exception-Tag"] = tag
    if packer.encoding:
        headers["Content-Encoding"] = packer.encoding
    return Streamed(body(), headers=headers)


def refused(engine: Engine, failure: QueryError, query_id: str | None) -> Response:
    """Answer with an exception: its code in the header, its text in the body."""
    headers = _headers(engine, query_id)
    headers["X-ClickHouse-Exception-Code"] = str(failure.code)
    headers["Content-Type"] = "text/plain; charset=UTF-8"
    if failure.status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
    return Response(failure.body(engine.version), failure.status, headers)


def _headers(engine: Engine, query_id: str | None) -> dict[str, str]:
    headers = {"X-ClickHouse-Server-Display-Name": engine.host, "X-ClickHouse-Timezone": engine.timezone}
    if query_id is not None:
        headers["X-ClickHouse-Query-Id"] = query_id
    return headers


def _result_headers(engine: Engine, question: Question, answer: Answer) -> dict[str, str]:
    summary = {name: str(value) for name, value in asdict(answer.summary).items()}
    output_format = question.output_format
    headers = {
        "X-ClickHouse-Summary": json.dumps(summary | {"total_rows_to_read": "0"}, separators=(",", ":")),
        "Content-Type": engine.content_types.get(output_format) or "text/plain; charset=UTF-8",
    }
    if question.has_result:
        headers["X-ClickHouse-Format"] = output_format
    if timezone := question.parameters.settings.get("session_timezone"):
        headers["X-ClickHouse-Timezone"] = timezone
    return headers


def _in_the_middle(text: bytes, tag: str) -> bytes:
    marker = b"__exception__\r\n" + tag.encode()
    closing = b"%d %b\r\n__exception__\r\n" % (len(text), tag.encode())
    return b"\r\n" + marker + b"\r\n" + text + closing
