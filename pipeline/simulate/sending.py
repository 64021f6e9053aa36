"""Sending a simulation to Kafka, as fast as it goes or so many scans a second.

Flow: batches in, the same batches out once they are on their way; the sender knows what the broker has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from pipeline.broker.send import Sender
from pipeline.simulate.simulation import Batch

_PIECES_PER_SECOND = 20


@dataclass
class Pace:
    """Lets so many scans a second pass, counted from the first wait; 0 lets all pass."""

    rate: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _passed: int = 0
    _started: float | None = field(default=None)

    @property
    def piece(self) -> int:
        """How many scans go at once."""
        return max(1, int(self.rate / _PIECES_PER_SECOND)) if self.rate else 1_000_000

    def wait(self, count: int) -> None:
        """Sleep until the next scans may pass."""
        if not self.rate:
            return
        if self._started is None:
            self._started = self.clock()
        due = self._started + self._passed / self.rate
        self._passed += count
        if (pause := due - self.clock()) > 0:
            self.sleep(pause)


def send_batches(
    sender: Sender, batches: Iterable[Batch], partitions: int, *, pace: Pace, stopped: Callable[[], bool]
) -> Iterator[Batch]:
    """Send batches in pieces; yield each when all of it is queued.

    Stops between two pieces when `stopped` says so; the last batch is then yielded though only a part of it was sent.
    """
    for batch in batches:
        strays = batch.strays(partitions)
        for start in range(0, len(batch), pace.piece):
            if stopped():
                break
            places = range(start, min(start + pace.piece, len(batch)))
            pace.wait(len(places))
            _send_piece(sender, batch, places, strays)
        yield batch
        if stopped():
            return


def _send_piece(sender: Sender, batch: Batch, places: range, strays: dict[int, int]) -> None:
    """Send scans where their key belongs, and the strays where they do not: nothing depends on their order."""
    astray = [place for place in strays if place in places]
    homeward = np.setdiff1d(np.array(places), astray).tolist() if astray else places
    sender.send([batch.keys[place] for place in homeward], [batch.values[place] for place in homeward])
    for place in astray:
        sender.send([batch.keys[place]], [batch.values[place]], strays[place])
