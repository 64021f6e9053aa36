"""The batches of one partition between transport and ledger, and what is taken next.

Flow: Deliveries as they were fetched -> Turns, each for one transaction.

Each input is taken in the order in which it was fetched, and what waits of both goes into one transaction: that costs
its time however little it holds. A batch of `internal` that tells other units a lot is taken in parts, each with the
scans that have come meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np

from pipeline.ledger.batch import Batch

_OVERDUE_SECONDS: Final = 2.0
_SCANS_AT_ONCE: Final = 20_000
"""So many are enough for one transaction: small batches are put together, as they come beside a batch in parts."""
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

    def leave_out(self, offset: int) -> bool:
        """Leave out what comes before an offset; returns whether anything is left."""
        count = int(np.searchsorted(self.batch.offsets, offset))
        self.batch = self.batch.between(count, len(self.batch))
        return len(self.batch) > 0


class Turn(NamedTuple):
    """What goes into one transaction: a batch of `internal`, batches of scans that follow each other, or both."""

    internal: Delivery | None
    scans: list[Delivery]


class Turns:
    """What one ownership has been sent and has yet to take."""

    def __init__(self) -> None:
        self.taken = 0
        """Batches and parts of them taken."""
        self._sent = self._due = 0
        self._waiting = {True: 0, False: 0}
        self._arrived: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._next: dict[bool, deque[Delivery]] = {True: deque(), False: deque()}
        """What has arrived of `internal` and of scans."""
        self._is_over = False

    @property
    def waiting(self) -> int:
        """How many batches were fetched and are not done yet, the one being worked on among them."""
        return sum(self._waiting.values())

    def has_room(self, *, is_internal: bool) -> bool:
        """Whether another batch of this input may be fetched."""
        return self._waiting[is_internal] < _AHEAD

    def number(self, *, is_internal: bool) -> int:
        """Return the number of the next batch on its way."""
        self._sent += 1
        self._waiting[is_internal] += 1
        return self._sent - 1

    def arrive(self, delivery: Delivery | None) -> None:
        """Queue a batch, or None: what comes after it is of no use; it never waits."""
        self._arrived.put_nowait(delivery)

    async def next(self, within: float | None = None) -> Turn | None:
        """Wait for what is to be taken next, so many seconds at most; None where all is taken that came before a None.

        Raises:
            TimeoutError: nothing came in that time.
            Interrupted: what was fetched is overdue. Faust drops what it holds at a rebalance, and says nothing.
        """
        internal, scans = self._next[True], self._next[False]
        while not self._is_over and not (self._arrived.empty() and (internal or scans)):
            delivery = await self._wait(within)
            self._is_over = delivery is None
            if delivery is not None and not self._is_former(delivery):
                self._due += 1
                self._next[delivery.is_internal].append(delivery)
        if not internal and not scans:
            return None
        return Turn(internal[0] if internal else None, _at_once(scans))

    def took(self, turn: Turn, offset: int) -> None:
        """Note that a turn was taken, what it has of `internal` up to an offset."""
        self.taken += 1
        done = list(turn.scans)
        if turn.internal is not None and not turn.internal.leave_out(offset):
            done.append(turn.internal)
        for delivery in done:
            self._next[delivery.is_internal].popleft()
            self._waiting[delivery.is_internal] -= 1

    def forget(self) -> None:
        """Forget what was fetched for a former holding, also what is still on its way: numbers are never used again.

        An interruption until then is forgotten too, for the seek that follows is what it asked for; a later one is not.
        """
        while not self._arrived.empty():
            self._arrived.get_nowait()
        for waiting in self._next.values():
            waiting.clear()
        self._is_over = False
        self._waiting = {True: 0, False: 0}
        self._due = self._sent

    async def _wait(self, within: float | None) -> Delivery | None:
        if not self._arrived.empty():
            return self._arrived.get_nowait()
        if within is not None:
            return await asyncio.wait_for(self._arrived.get(), within)
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


def _at_once(waiting: Iterable[Delivery]) -> list[Delivery]:
    """Return the first batches, more than one only where all of them are few records."""
    chosen, count = list[Delivery](), 0
    for delivery in waiting:
        count += len(delivery.batch)
        if chosen and count > _SCANS_AT_ONCE:
            break
        chosen.append(delivery)
    return chosen
