"""A fetched batch, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.wire.values import Values


@dataclass(slots=True)
class Batch:
    """Records of one partition of one topic, in offset order.

    Shape: `keys`, `values` as received; `offsets` int64; `received_at` int64, the broker's append time in milliseconds.
    """

    keys: list[bytes | None]
    values: Sequence[bytes | None]
    offsets: npt.NDArray[np.int64]
    received_at: npt.NDArray[np.int64]

    @classmethod
    def joined(cls, parts: "Sequence[Batch]") -> "Batch":
        """Put batches that follow each other on the log together."""
        if len(parts) == 1:
            return parts[0]
        values = [part.values if isinstance(part.values, Values) else Values.of(part.values) for part in parts]
        return cls(
            [key for part in parts for key in part.keys],
            Values.joined(values),
            np.concatenate([part.offsets for part in parts]),
            np.concatenate([part.received_at for part in parts]),
        )

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.values)

    def between(self, first: int, end: int) -> "Batch":
        """Return the records from one place up to another; without a copy of their values where they lie in columns."""
        values = self.values.between(first, end) if isinstance(self.values, Values) else self.values[first:end]
        return Batch(self.keys[first:end], values, self.offsets[first:end], self.received_at[first:end])

    def select(self, which: npt.NDArray[np.int64]) -> "Batch":
        """Return some of the records."""
        places = which.tolist()
        keys, values = [self.keys[i] for i in places], [self.values[i] for i in places]
        return Batch(keys, values, self.offsets[which], self.received_at[which])


class Most(NamedTuple):
    """How much of a batch of `internal` is accounted for at once: a part ends with the first of the two reached."""

    taken: int
    """Records of it."""
    told: int
    """Records that go to other units, about: neither a run of derived scans nor a single record is cut for it."""


WHOLE: Final = Most(1 << 62, 1 << 62)
