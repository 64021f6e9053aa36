"""Deliveries under way: several at once, few to any one recipient, so that one that hangs holds up no other.

Flow: deliveries that are due -> attempts on threads -> answers.
"""

import queue
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from pipeline.notify.deliveries import Delivery
from pipeline.notify.sending import Send
from pipeline.notify.trying import Answer

PER_RECIPIENT: Final = 4
_MOST_THREADS: Final = 64


class Attempt(NamedTuple):
    """A delivery, what its receiver said, how long that took and when it was."""

    delivery: Delivery
    answer: Answer
    seconds: float


class Desk:
    """Sends; used by one thread, whose sending threads nobody else sees."""

    def __init__(self, send: Send, recipients: Iterable[str]) -> None:
        self._send = send
        self._under_way: dict[str, set[str]] = {name: set() for name in recipients}
        self._done: queue.SimpleQueue[Attempt] = queue.SimpleQueue()
        threads = min(PER_RECIPIENT * max(1, len(self._under_way)), _MOST_THREADS)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="deliver")

    @property
    def free(self) -> dict[str, int]:
        """How many more could be sent to each recipient, of those who have room."""
        room = {name: PER_RECIPIENT - len(ids) for name, ids in self._under_way.items()}
        return {name: count for name, count in room.items() if count > 0}

    def is_under_way(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is being sent, or its answer has not been collected."""
        return delivery.id in self._under_way[delivery.recipient]

    def begin(self, delivery: Delivery) -> None:
        """Send one."""
        self._under_way[delivery.recipient].add(delivery.id)
        self._pool.submit(self._attempt, delivery)

    def answers(self) -> list[Attempt]:
        """Return what has come back; it may be sent again from then on."""
        attempts = []
        while not self._done.empty():
            attempt = self._done.get_nowait()
            self._under_way[attempt.delivery.recipient].discard(attempt.delivery.id)
            attempts.append(attempt)
        return attempts

    def close(self) -> list[Attempt]:
        """Wait for what is under way; returns what came back."""
        self._pool.shutdown(wait=True)
        return self.answers()

    def _attempt(self, delivery: Delivery) -> None:
        begun = time.perf_counter()
        answer = self._send(delivery.recipient, delivery.id, delivery.body)
        self._done.put(Attempt(delivery, answer, time.perf_counter() - begun))
