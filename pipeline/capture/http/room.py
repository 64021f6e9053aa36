"""How much is in hand at once: bodies in memory and requests under way. Beyond it a client is asked to come again."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from pipeline.capture.http.problems import Refused
from pipeline.metrics import gauge

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_REQUESTS: Final = 256
_RETRY_SECONDS: Final = 1
_REQUESTS: Final = "as many requests are under way as are taken"
_BODIES: Final = "the bodies of other requests take all the memory there is for them"


class Room:
    """What all requests of a process share."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_requests: int = MOST_REQUESTS) -> None:
        self._most_bytes, self._most_requests = most_bytes, most_requests
        self._bytes, self._requests = 0, 0
        self._lock = threading.Lock()

    def enter(self) -> Held:
        """Let a request in.

        Raises: Refused (429) where too many are under way.
        """
        with self._lock:
            if self._requests >= self._most_requests:
                raise too_much(_REQUESTS)
            self._requests += 1
        return Held(self)

    def take(self, count: int) -> None:
        """Take bytes; raises Refused (429) where too many are in hand."""
        with self._lock:
            if self._bytes + count > self._most_bytes:
                raise too_much(_BODIES)
            self._bytes += count
            gauge("scanledger_capture_in_hand_bytes", self._bytes)

    def give_back(self, count: int, requests: int = 0) -> None:
        """Give bytes, and perhaps a request's place, back."""
        with self._lock:
            self._bytes -= count
            self._requests -= requests
            gauge("scanledger_capture_in_hand_bytes", self._bytes)


class Held:
    """What one request holds of the room; leave it to give all back."""

    def __init__(self, room: Room) -> None:
        self._room, self._bytes = room, 0

    def take(self, count: int) -> None:
        """Hold so many bytes more; raises Refused (429)."""
        self._room.take(count)
        self._bytes += count

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._room.give_back(self._bytes, requests=1)


def too_much(what: str) -> Refused:
    """Return the refusal of a request that would be too much at once."""
    return Refused(429, "TOO_MUCH_AT_ONCE", f"Too much at once: {what}. Come again.", retry_after=_RETRY_SECONDS)
