"""Units whose beginning is missing, because the history does not reach back to it: no fold can tell their states.

A unit's sequence rises by one with every change of its record, so its first scan has the same one whatever the rules,
as far as the history is whole: 1, or as many more as records that are no scans changed it before. Those are all there.
"""

import numpy as np
import numpy.typing as npt

from pipeline.ledger.watch import Judged
from pipeline.wire import scan as field

Numbers = npt.NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


class Beginnings:
    """Tells which scans belong to units that were there before the history begins."""

    def __init__(self) -> None:
        self._begun: set[bytes] = set()
        self._headless: set[bytes] = set()

    def headless(self, judged: Judged, sequences: Numbers) -> Numbers:
        """Return the ordinals of scans whose unit has a beginning that is missing.

        Args:
            judged: the batch.
            sequences: of its scans, as first decided; 0 where the unit's record was not touched.
        """
        unit, names = judged.unit, _names(judged)
        if not names:
            return np.empty(0, np.int64)
        then, now = (_first(unit, told, len(names)) for told in (sequences, judged.decided.decisions["sequence"]))
        touched = np.flatnonzero(np.minimum(then, now) < _NEVER).tolist()
        new = [(u, names[u]) for u in touched if names[u] not in self._begun]
        self._headless |= {name for u, name in new if then[u] != now[u]}
        self._begun |= {name for _, name in new}
        is_headless = np.array([name in self._headless for name in names], np.bool_)
        return judged.origin.ordinal[(unit >= 0) & is_headless[unit]]


def _first(unit: npt.NDArray[np.int32], sequences: Numbers, units: int) -> Numbers:
    """Return the first sequence of each unit in the batch."""
    first, touches = np.full(units, _NEVER), (unit >= 0) & (sequences > 0)
    np.minimum.at(first, unit[touches], sequences[touches])
    return first


def _names(judged: Judged) -> list[bytes]:
    """Return the keys of the batch's units."""
    buffer, number, length = judged.columns.buffer, judged.columns.number, judged.columns.length
    parts = [(number[part][judged.first].tolist(), length[part][judged.first].tolist())
             for part in (field.ITEM, field.SERIAL)]  # fmt: skip
    texts = [[buffer[at : at + size].tobytes() for at, size in zip(*part, strict=True)] for part in parts]
    return [item + b"/" + serial if item else serial for item, serial in zip(*texts, strict=True)]
