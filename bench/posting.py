"""Requests of scans made beforehand, and a client that costs next to nothing while it sends them."""

import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from bench.part import PartFailed

SITE: Final = "shop-oslo"
_BEGIN: Final = datetime(2025, 6, 1, tzinfo=UTC)
_TIMEOUT_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 0.2


def a_line(number: int, step: str = "COMMISSION") -> bytes:
    """Return a scan with eight fields as a site's reader would give it: an element string with lot and expiry."""
    scan = {
        "code": f"(01)09506000134352(17)271231(10)L{number % 100}(21)S{number:09}",
        "step": step,
        "event_time": (_BEGIN + timedelta(milliseconds=number)).isoformat(timespec="milliseconds"),
        "site": SITE,
        "reader": f"dock-{number % 8}",
        "operator": f"op-{number % 20}",
        "document": f"order:{number // 50}",
        "location": f"aisle {number % 12}",
    }
    return json.dumps(scan).encode()


def bodies(scans: int, each: int, first: int = 0) -> Iterator[bytes]:
    """Yield NDJSON bodies of `each` scans, all of units of their own."""
    for start in range(first, first + scans, each):
        yield b"\n".join(a_line(number) for number in range(start, min(start + each, first + scans)))


class Poster:
    """One connection that is kept; not shared between threads."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}

    def post(self, body: bytes, query: str = "") -> int:
        """Send a body, again where it could not be taken now; return the status.

        Raises:
            PartFailed: it was refused, or not taken for a minute.
        """
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while True:
            self._connection.request("POST", f"/v1/scans{query}", body, self._headers)
            answer = self._connection.getresponse()
            text = answer.read()
            if answer.status in {200, 202}:
                return answer.status
            if answer.status not in {429, 503} or time.monotonic() > deadline:
                message = f"a request was answered {answer.status}: {text[:300].decode(errors='replace')}"
                raise PartFailed(message)
            time.sleep(_AGAIN_SECONDS)
