"""A proxy in front of a ClickHouse whose answers to the sink's inserts are late, or say that its disk is full.

with in_front_of(server.url) as proxy:
    proxy.answers = [full, full, answered_late(3)]     # to the next three inserts of rows; what comes after works
    connect(proxy.url, …)
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx

_OF_THE_CONNECTION: Final = ("connection", "content-length", "host", "keep-alive", "transfer-encoding")
_NO_SPACE_CODE: Final = 243
_NO_SPACE: Final = (
    b"Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE) (version 25.8.1.1)\n"
)
Headers = list[tuple[str, str]]
Answer = Callable[["_Exchange"], None]


class _Exchange(BaseHTTPRequestHandler):
    """One request passed on, or answered by the proxy itself."""

    protocol_version = "HTTP/1.1"
    proxy: "Proxy"

    def do_POST(self) -> None:
        """Answer as the test wants an insert of rows answered, else as ClickHouse does."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.proxy.answer_of(self)
        with suppress(BrokenPipeError, ConnectionResetError):  # a client without patience has gone
            answer(self)
        self.proxy.count_disturbed += answer is not passed_on

    def do_GET(self) -> None:
        """Answer a question that has no body."""
        self.do_POST()

    def asked(self) -> tuple[int, Headers, bytes]:
        """Return what ClickHouse answers: status, headers, body as compressed as it came."""
        headers = _without_connection(self.headers.items())
        with self.proxy.client.stream(self.command, self.path, content=self.body, headers=headers) as answer:
            return answer.status_code, _without_connection(answer.headers.items()), b"".join(answer.iter_raw())

    def say(self, status: int, headers: Headers, body: bytes) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Stay silent."""


def passed_on(exchange: _Exchange) -> None:
    """Answer as ClickHouse does."""
    exchange.say(*exchange.asked())


def full(exchange: _Exchange) -> None:
    """Answer that the disk is full, as ClickHouse words it, without asking it."""
    exchange.say(500, [("X-ClickHouse-Exception-Code", str(_NO_SPACE_CODE))], _NO_SPACE)


def answered_late(seconds: float) -> Answer:
    """Return an answer that takes so long, to an insert that is done at once."""

    def answer(exchange: _Exchange) -> None:
        told = exchange.asked()
        time.sleep(seconds)
        exchange.say(*told)

    return answer


def done_late(seconds: float) -> Answer:
    """Return an answer to an insert that reaches ClickHouse only after so long."""

    def answer(exchange: _Exchange) -> None:
        time.sleep(seconds)
        passed_on(exchange)

    return answer


class Proxy:
    """Where it listens, and what it answers to the next inserts of rows."""

    def __init__(self, behind: str) -> None:
        self.client = httpx.Client(base_url=behind, timeout=60)
        self.answers: list[Answer] = []
        self.count_disturbed = 0
        """Inserts that were answered otherwise than by ClickHouse in its time."""
        self._lock = threading.Lock()
        exchange = type("Exchange", (_Exchange,), {"proxy": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), exchange)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer_of(self, exchange: _Exchange) -> Answer:
        """Return how an exchange is answered; only the sink's inserts of rows have a query id of this form."""
        with self._lock:
            return self.answers.pop(0) if self.answers and "query_id=sink-" in exchange.path else passed_on


def _without_connection(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_CONNECTION]


@contextmanager
def in_front_of(behind: str) -> Iterator[Proxy]:
    """Run a proxy in front of a ClickHouse as long as the block runs."""
    proxy = Proxy(behind)
    thread = threading.Thread(target=proxy.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()
        proxy.client.close()
