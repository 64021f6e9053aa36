"""The server process: a port, a folder, and a close that finishes what writes."""

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pipeline.errors import PortInUse
from pipeline.local.clickhouse.engine import Engine
from pipeline.local.clickhouse.interface import Interface
from pipeline.local.clickhouse.users import User

_METHODS: Final = ["GET", "POST", "PUT"]
_KEEP_ALIVE_SECONDS: Final = 30
_UNREAD_SECONDS: Final = 3.0


def serve(path: Path, host: str, port: int, users: Mapping[str, User]) -> None:
    """Serve a folder over ClickHouse's HTTP interface until SIGTERM or SIGINT.

    The close refuses new statements, stops running reads, finishes running inserts and leaves the folder flushed.

    Raises:
        PortInUse: Another process listens there.
        FolderUnusable: The folder cannot be made or written.
        FolderInUse: Another process has it open.
    """
    with _listen(host, port) as listener:
        engine = Engine(path)
        try:
            with _in_an_empty_folder():
                asyncio.run(_Server(Interface(engine, users)).serve_until_told(listener))
        finally:
            engine.close()


class _Server(uvicorn.Server):
    """uvicorn with a close of our own."""

    def __init__(self, interface: Interface) -> None:
        self._interface = interface
        config = uvicorn.Config(
            _application(interface),
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            h11_max_incomplete_event_size=1 << 20,
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve_until_told`: uvicorn would raise them again after the close."""
        yield

    async def serve_until_told(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._close)
        await self.serve(sockets=[listener])
        await asyncio.to_thread(self._interface.close)

    def _close(self) -> None:
        self._interface.end()
        self.should_exit = True
        asyncio.get_running_loop().call_later(_UNREAD_SECONDS, self._drop_unread)

    def _drop_unread(self) -> None:
        """Cut off clients that do not read their results: they would keep the server for ever."""
        for connection in list(self.server_state.connections):
            flow, cycle = getattr(connection, "flow", None), getattr(connection, "cycle", None)
            is_answered = cycle is None or cycle.response_complete
            if is_answered or (flow is not None and flow.write_paused):
                connection.transport.abort()


def _application(interface: Interface) -> Starlette:
    async def ok(_: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    async def nowhere(request: Request, _: Exception) -> Response:
        return PlainTextResponse(f"There is no handle {request.url.path}: use / or /ping.\n", 404)

    routes = [Route(at, ok, methods=["GET"]) for at in ("/ping", "/replicas_status")]
    routes.append(Route("/", interface.answer, methods=_METHODS))
    return Starlette(routes=routes, exception_handlers={404: nowhere})


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named, or asyncio would not switch Nagle's algorithm off: 40 ms an answer.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        message = (
            f"ClickHouse cannot listen on {host}:{port} ({error.strerror}): stop what does, or choose another port."
        )
        raise PortInUse(message) from error
    return listener


@contextlib.contextmanager
def _in_an_empty_folder() -> Iterator[None]:
    """Work in an empty folder: chDB opens a file where the name of a table is that of a file."""
    former = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="scanledger-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(former)
