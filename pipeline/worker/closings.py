"""Which streams of a partition are told in which transaction how far the partition has come.

Flow: the outputs of a batch -> the streams that this transaction writes; those left out are told soon.

A position closes what a stream was given, in the same transaction. A stream that was given nothing is not written for
the position's sake alone: most batches change two streams of six, and each partition of a topic in a transaction costs
the broker a request and a marker. It is told half a second later: with others' records, or alone where no batch comes.
"""

from collections.abc import Collection
from typing import Final

from pipeline.ledger.outputs import STREAMS, Outputs, Stream

LATEST_SECONDS: Final = 0.5
_ALWAYS: Final[Stream] = "units"
"""Who takes the partition over reads its newest position there."""


class Closings:
    """The streams of one holding that have yet to be told, and since when."""

    def __init__(self) -> None:
        self._since: dict[Stream, float] = {}

    def begin(self, now: float) -> None:
        """Have all of them told: the former owner may have ended before it did."""
        self._since = {stream: now for stream in STREAMS if stream != _ALWAYS}

    @property
    def untold(self) -> list[Stream]:
        """Streams whose last position is not the partition's."""
        return list(self._since)

    def seconds_left(self, now: float) -> float | None:
        """Return in how many seconds the first of them has waited long enough; None where all are told."""
        return max(0.0, min(self._since.values()) + LATEST_SECONDS - now) if self._since else None

    def chosen(self, outputs: Outputs, now: float) -> list[Stream]:
        """Return the streams that the transaction of a batch writes: those with records, and all once one is due."""
        if self.seconds_left(now) == 0.0:
            return list(STREAMS)
        # each has the position, besides
        return [stream for stream in STREAMS if stream == _ALWAYS or len(outputs.records[stream].keys) > 1]

    def told(self, streams: Collection[Stream], now: float) -> None:
        """Note what a transaction told; all others have yet to be told of a new position."""
        for stream in streams:
            self._since.pop(stream, None)
        if _ALWAYS in streams:
            for stream in STREAMS:
                if stream not in streams:
                    self._since.setdefault(stream, now)
