"""The batches of one partition between transport and ledger, and whose turn it is.

Flow: Deliveries as they were fetched -> the one to be taken next.

Batches are taken in the order in which they were fetched, but for one of `internal` that tells other units a lot: it is
taken in parts, and scans that have come meanwhile take turns with them.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from pipeline.ledger.batch import Batch

_OVERDUE_SECONDS: Final = 2.0
_SHARE: Final = 4
"""For so many scans one record of `internal` is taken, where both wait: it costs about as many times as much."""
_AHEAD: Final = 2
"""Batches fetched ahead, per partition and input: what waits to be told must not keep scans from being fetched."""


class Interrupted(Exception):  # noqa: N818  an outcome
    """A delivery was lost on the way: what was fetched must be fetched again."""


class Taker(Protocol):
    """Whoever was owner of the partition when a batch was fetched."""

    def deliver(self, delivery: "Delivery") -> None:
        """Queue a batch."""


@dataclass(slots=True)
class Delivery:
    """One batch on its way from the transport; `number` counts what one ownership was sent, so that a loss shows."""

    run: Taker
    number: int
    is_internal: bool
    batch: Batch

    def cut(self, offset: int) -> int:
        """Leave out what comes before an offset; returns how many records that were."""
        count = int(np.searchsorted(self.batch.offsets, offset))
        self.batch = self.batch.between(count, len(self.batch))
        return count


class Turns:
    """What one ownership has been sent and has yet to take."""

    def __init__(self) -> None:
        self.taken = 0
        """Batches and parts of them taken."""
        self._sent = self._due = 0
        self._waiting = {True: 0, False: 0}
        self._arrived: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._begun: deque[Delivery] = deque()
        """Batches of `internal` that are not done yet, and those that came after them."""
        self._is_in_parts = False
        self._turn = 0
        """Records of `internal` that may be taken before scans are."""

    @property
    def waiting(self) -> int:
        """How many batches were fetched and are not done yet, the one being worked on among them."""
        return sum(self._waiting.values())

    def has_room(self, *, is_internal: bool) -> bool:
        """Whether another batch of this input may be fetched.

        Beside a batch that is taken in parts one of scans is enough: those after it become one batch on the log,
        instead of several that each wait for a turn.
        """
        ahead = 1 if self._is_in_parts and not is_internal else _AHEAD
        return self._waiting[is_internal] < ahead

    def number(self, *, is_internal: bool) -> int:
        """Return the number of the next batch on its way."""
        self._sent += 1
        self._waiting[is_internal] += 1
        return self._sent - 1

    def arrive(self, delivery: Delivery | None) -> None:
        """Queue a batch, or None: what comes after it is of no use; it never waits."""
        self._arrived.put_nowait(delivery)

    async def next(self) -> Delivery | None:
        """Wait for the next batch, or take up one that was begun; None where one arrived.

        Raises:
            Interrupted: what was fetched is overdue. Faust drops what it holds at a rebalance, and says nothing.
        """
        while not self._begun or (self._turn <= 0 and not self._arrived.empty()):
            delivery = self._arrived.get_nowait() if self._begun else await self._wait()
            if delivery is None:
                return None
            if self._is_former(delivery):
                continue
            self._due += 1
            if not (self._begun and delivery.is_internal):
                return delivery
            self._begun.append(delivery)  # never before what came before it
        return self._begun.popleft()

    def took(self, delivery: Delivery, offset: int) -> None:
        """Note that a batch was taken up to an offset."""
        self.taken += 1
        count = delivery.cut(offset)
        self._turn = self._turn - count if delivery.is_internal else 1 + count // _SHARE
        if len(delivery.batch):
            self._begun.appendleft(delivery)
        else:
            self._waiting[delivery.is_internal] -= 1
        self._is_in_parts = bool(self._begun)

    def forget(self) -> None:
        """Forget what was fetched for a former holding, also what is still on its way: numbers are never used again.

        An interruption until then is forgotten too, for the seek that follows is what it asked for; a later one is not.
        """
        while not self._arrived.empty():
            self._arrived.get_nowait()
        self._begun.clear()
        self._is_in_parts = False
        self._waiting = {True: 0, False: 0}
        self._due = self._sent

    async def _wait(self) -> Delivery | None:
        while True:
            try:
                return await asyncio.wait_for(self._arrived.get(), _OVERDUE_SECONDS)
            except TimeoutError:
                if self._due < self._sent:
                    message = f"batch {self._due} was fetched and did not arrive within {_OVERDUE_SECONDS:.0f} s"
                    raise Interrupted(message) from None

    def _is_former(self, delivery: Delivery) -> bool:
        """Whether a batch was fetched for a former holding."""
        if delivery.number > self._due:
            message = f"batch {self._due} was fetched and never arrived"
            raise Interrupted(message)
        return delivery.number < self._due
