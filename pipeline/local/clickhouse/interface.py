"""ClickHouse's HTTP interface on the engine: who asks, what, and what is sent back.

Flow: HTTP requests in, statements on connections of their own, results and exceptions out as ClickHouse words them.
"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.clickhouse import answers
from pipeline.local.clickhouse.compression import Packer, choose_encoding, unpack
from pipeline.local.clickhouse.engine import Engine
from pipeline.local.clickhouse.execution import run
from pipeline.local.clickhouse.failures import QueryError, failed
from pipeline.local.clickhouse.forms import read_form
from pipeline.local.clickhouse.lease import Lease
from pipeline.local.clickhouse.parameters import Parameters, named, read_parameters
from pipeline.local.clickhouse.questions import Answer, Question
from pipeline.local.clickhouse.running import Running
from pipeline.local.clickhouse.sessions import Sessions
from pipeline.local.clickhouse.statement import split_request
from pipeline.local.clickhouse.streams import Stream
from pipeline.local.clickhouse.turns import Turns
from pipeline.local.clickhouse.users import User, authenticate

_STATEMENTS_AT_ONCE: Final = 32
# Of analysts, from their beginning to the last byte sent: what they ask never keeps the ledger's own waiting.
_ANALYSTS_AT_ONCE: Final = 8
_ANALYSTS_IN_QUEUE: Final = 32
_ANALYSTS_WAIT_SECONDS: Final = 20.0
_Value = TypeVar("_Value")


class Interface:
    """The requests of one server; `close` after the last."""

    def __init__(self, engine: Engine, users: Mapping[str, User]) -> None:
        self._engine, self._users = engine, users
        self._sessions = Sessions()
        self._running = Running()
        self._pool = ThreadPoolExecutor(_STATEMENTS_AT_ONCE, "statement")
        self._turns = Turns(_ANALYSTS_AT_ONCE, _ANALYSTS_IN_QUEUE, _ANALYSTS_WAIT_SECONDS)
        self._analysts = ThreadPoolExecutor(2 * _ANALYSTS_AT_ONCE, "analyst")  # one is run while another is ended
        self._urgent = ThreadPoolExecutor(8, "kill")  # a KILL must not wait behind what it kills
        self._is_closing = asyncio.Event()
        self._streams: set[Stream] = set()

    async def answer(self, request: Request) -> Response:
        """Answer one request to `/`."""
        query_id = None
        try:
            query_id = named(request.query_params)
            user = authenticate(self._users, request.headers, request.query_params)
            parameters, body = await self._read(request, self._pool_of(user))
            query_id = parameters.query_id
            is_get = request.method == "GET"
            if is_get and not parameters.query.strip() and not body:
                return Response("Ok.\n", media_type="text/html; charset=UTF-8")
            statement = split_request(parameters.query.encode(), body)
            question = Question(statement, parameters, self._users[user].is_readonly, is_get)
            return await self._ask(request, user, question)
        except QueryError as failure:
            return answers.refused(self._engine, failure, query_id)

    async def _read(self, request: Request, pool: ThreadPoolExecutor) -> tuple[Parameters, bytes]:
        body = await request.body()
        if encoding := request.headers.get("content-encoding"):
            packed = body
            body = await self._in_thread(lambda: unpack(packed, encoding), pool)
        pairs = list(request.query_params.multi_items())
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            pairs += read_form(body, content_type)
            body = b""
        return read_parameters(pairs, request.headers), body

    async def _ask(self, request: Request, user: str, question: Question) -> Response:
        query_id = question.parameters.query_id
        pool = self._pool_of(user)
        self._running.enter(query_id)
        lease = Lease(self._engine, self._sessions, user, question)

        def release() -> None:
            try:
                lease.close()
            finally:
                self._running.leave(query_id)

        async def end(work: Callable[[], None]) -> None:
            try:
                await asyncio.shield(self._in_thread(work, pool))
            finally:
                if question.is_analyst:
                    self._turns.give_back()

        await self._take_turn(request, question)
        stream = None
        try:
            answer = await self._run(request, question, lambda: run(lease.open(), question), pool)
            packer = Packer(choose_encoding(request.headers.get("accept-encoding", ""), _wants_packing(question)))
            if answer.more is not None:
                stream = Stream(answer.more, packer, lambda: self._engine.kill(query_id))
                fetch = functools.partial(self._in_thread, stream.fetch, pool)
                response = answers.streaming(self._engine, question, answer, packer, fetch)
                ended = functools.partial(_end, stream, release)
                response.around = self._sending(stream, functools.partial(end, ended))
                return response
        except BaseException:
            await end(release if stream is None else functools.partial(_end, stream, release))
            raise
        await end(release)
        return await self._in_thread(lambda: answers.succeeded(self._engine, question, answer, packer), pool)

    def _pool_of(self, user: str) -> ThreadPoolExecutor:
        return self._analysts if self._users[user].is_readonly else self._pool

    async def _take_turn(self, request: Request, question: Question) -> None:
        """Have an analyst's statement wait for its turn; all others begin at once."""
        if not question.is_analyst:
            return
        try:
            await self._turns.take(_disconnected(request), self._is_closing.wait())
        except BaseException:
            self._running.leave(question.parameters.query_id)
            raise

    @contextlib.asynccontextmanager
    async def _sending(self, stream: Stream, end: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Take note of a stream as long as it is sent, and end its statement when it is not any more."""
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)
            await end()

    async def _run(
        self, request: Request, question: Question, work: Callable[[], Answer], pool: ThreadPoolExecutor
    ) -> Answer:
        """Run a statement in a thread; a read that nobody waits for any more, or that keeps a close, is killed."""
        if question.statement.verb == "KILL" and not question.is_analyst:
            pool = self._urgent
        statement = asyncio.ensure_future(self._in_thread(work, pool))
        gone = asyncio.ensure_future(_disconnected(request))
        closing = asyncio.ensure_future(self._is_closing.wait())
        try:
            await asyncio.wait((statement, gone, closing), return_when=asyncio.FIRST_COMPLETED)
            if not statement.done() and question.is_read:
                while not statement.done():
                    await self._in_thread(lambda: self._engine.kill(question.parameters.query_id), self._urgent)
                    await asyncio.wait((statement,), timeout=0.5)
            return await statement
        finally:
            gone.cancel()
            closing.cancel()

    async def _in_thread(self, work: Callable[[], _Value], pool: ThreadPoolExecutor) -> _Value:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except RuntimeError as error:
            raise failed(error) from error

    def end(self) -> None:
        """Refuse new statements and stop the reads that still run; inserts go on to their end."""
        self._running.close()
        self._is_closing.set()
        for stream in self._streams:
            self._urgent.submit(stream.kill)

    def close(self) -> None:
        """Wait for what still runs and let go of every connection."""
        self._pool.shutdown()
        self._analysts.shutdown()
        self._urgent.shutdown()
        self._sessions.close()


def _wants_packing(question: Question) -> bool | None:
    return question.parameters.flag("enable_http_compression")


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _end(stream: Stream, release: Callable[[], None]) -> None:
    try:
        stream.close()
    finally:
        release()
