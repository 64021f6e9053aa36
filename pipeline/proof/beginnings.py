"""Units whose beginning is missing, because the history does not reach back to it: no fold can tell their states.

A unit's sequence rises by one with every change of its record, so the first scan of a whole history that changed the
unit has sequence 1, whatever the rules.
"""

import numpy as np
import numpy.typing as npt

from pipeline.ledger.ledger import Judged

Numbers = npt.NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


class Beginnings:
    """Tells which scans belong to units that were there before the history begins."""

    def __init__(self) -> None:
        self._headless: set[bytes] = set()
        self._names: list[bytes] = []
        self._is_new = np.empty(0, np.bool_)

    def loaded(self, names: list[bytes], values: list[bytes | None]) -> None:
        """Take in which units the next batch concerns, and what was known of them."""
        self._names, self._is_new = names, np.array([value is None for value in values], np.bool_)

    def headless(self, judged: Judged, sequences: Numbers) -> Numbers:
        """Return the ordinals of scans whose unit has a beginning that is missing.

        Args:
            judged: the batch.
            sequences: of its scans, as first decided; 0 where the unit's record was not touched.
        """
        unit, ordinals = judged.unit, judged.origin.ordinal
        first = np.full(len(self._names), _NEVER)
        touches = (unit >= 0) & (sequences > 0)
        np.minimum.at(first, unit[touches], sequences[touches])
        late = np.flatnonzero(self._is_new & (first > 1) & (first < _NEVER))
        self._headless.update(self._names[u] for u in late.tolist())
        is_headless = np.array([name in self._headless for name in self._names], np.bool_)
        return ordinals[(unit >= 0) & is_headless[unit]] if len(self._names) else ordinals[:0]
