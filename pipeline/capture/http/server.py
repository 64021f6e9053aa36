"""An application (the HTTP way in, the console) on a port, until it is told to stop; what is under way is finished."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from pipeline.errors import PortInUse

_KEEP_ALIVE_SECONDS: Final = 30
_FINISH_SECONDS: Final = 10
_BACKLOG: Final = 2048


def serve(
    app: ASGIApp,
    host: str,
    port: int,
    closing: Callable[[], None],
    *,
    setting: str = "SCANLEDGER_CAPTURE_PORT",
) -> None:
    """Serve an application until SIGTERM or SIGINT; `closing` is called first, in the event loop, to end waits.

    `setting` is the one that names the port, for who finds it taken.

    Raises:
        PortInUse: another process listens there.
    """
    with _listen(host, port, setting) as listener, asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_Server(app, closing).serve_until_told(listener))


class _Server(uvicorn.Server):
    """uvicorn with a close of our own."""

    def __init__(self, app: ASGIApp, closing: Callable[[], None]) -> None:
        self._closing = closing
        config = uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_FINISH_SECONDS,
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

    def _close(self) -> None:
        self._closing()
        self.should_exit = True


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415  not on every system

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _listen(host: str, port: int, setting: str) -> socket.socket:
    # The protocol is named, or asyncio would not switch Nagle's algorithm off: 40 ms an answer.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        message = f"Nothing can listen on {host}:{port} ({error.strerror}): set {setting} to another."
        raise PortInUse(message) from error
    return listener
