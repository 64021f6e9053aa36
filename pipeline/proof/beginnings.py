"""Units whose beginning is missing, because the history does not reach back to it: no fold can tell their states.

A unit's sequence rises by one with every change of its record, so the scan that makes a record of a unit nothing is
known of has sequence 1 in a whole history, whatever the rules.
"""

import numpy as np
import numpy.typing as npt

from pipeline.ledger.memory import Held
from pipeline.ledger.watch import Judged
from pipeline.wire import scan as field

Numbers = npt.NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


class Noting(Held):
    """A memory that notes of which units it knew nothing when a batch asked for them."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: set[bytes] = set()

    def load(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the record of each key."""
        values = super().load(keys)
        self.unknown |= {key for key, value in zip(keys, values, strict=True) if value is None}
        return values


class Beginnings:
    """Tells which scans belong to units that were there before the history begins."""

    def __init__(self) -> None:
        self.memory = Noting()
        self._headless: set[bytes] = set()

    def headless(self, judged: Judged, sequences: Numbers) -> Numbers:
        """Return the ordinals of scans whose unit has a beginning that is missing.

        Args:
            judged: the batch, whose units were loaded from `memory`.
            sequences: of its scans, as first decided; 0 where the unit's record was not touched.
        """
        unit, names = judged.unit, _names(judged)
        if not names:
            return np.empty(0, np.int64)
        first = np.full(len(names), _NEVER)
        touches = (unit >= 0) & (sequences > 0)
        np.minimum.at(first, unit[touches], sequences[touches])
        late = np.flatnonzero((first > 1) & (first < _NEVER)).tolist()
        self._headless |= {names[u] for u in late if names[u] in self.memory.unknown}
        self.memory.unknown.clear()
        is_headless = np.array([name in self._headless for name in names], np.bool_)
        return judged.origin.ordinal[(unit >= 0) & is_headless[unit]]


def _names(judged: Judged) -> list[bytes]:
    """Return the keys of the batch's units."""
    buffer, number, length = judged.columns.buffer, judged.columns.number, judged.columns.length
    parts = [(number[part][judged.first].tolist(), length[part][judged.first].tolist())
             for part in (field.ITEM, field.SERIAL)]  # fmt: skip
    texts = [[buffer[at : at + size].tobytes() for at, size in zip(*part, strict=True)] for part in parts]
    return [item + b"/" + serial if item else serial for item, serial in zip(*texts, strict=True)]
