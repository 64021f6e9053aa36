"""A receiver of webhooks on loopback: what came, and what it answers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from pipeline.notify.signing import HEADER, is_signed
from pipeline.notify.webhook import DELIVERY_HEADER

SECRET = "a secret of sixteen and more"  # noqa: S105


class Came(NamedTuple):
    """One request."""

    path: str
    delivery: str
    body: dict[str, Any]
    is_signed: bool
    seconds: float
    """When its first byte was there, by time.time()."""


class Receiver:
    """Keeps what comes, by the path it came to; `answer` says with which status, given path and number from 1."""

    def __init__(self, port: int = 0) -> None:
        self.came: list[Came] = []
        self.answer: Callable[[str, int], int] = lambda _path, _number: 204
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def take(self, came: Came) -> int:
        with self._lock:
            self.came.append(came)
            number = sum(one.path == came.path for one in self.came)
        return self.answer(came.path, number)

    def events(self, path: str) -> list[str]:
        return [one.body["event"] for one in self.came if one.path == path]

    def ids(self, path: str) -> list[str]:
        return [one.delivery for one in self.came if one.path == path]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = time.time()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            good = is_signed(SECRET, body, self.headers[HEADER] or "", at)
            came = Came(self.path, self.headers[DELIVERY_HEADER] or "", json.loads(body), good, at)
            self.send_response(receiver.take(came))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """What came is kept, not logged."""

    return Handler
