"""Retired labels resolved: every number of a unit becomes that of the unit under which its thing goes on now."""

from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.unit_rows import Ids, Rows, UnitRows

_MOST_LABELS: Final = 64
"""A thing has at most 50 labels; what takes longer goes round."""


class Labels:
    """From each retired label to the present unit. Labels retired for each other are one unit, the least of them."""

    def __init__(self, label: Ids, unit: Ids) -> None:
        order = np.argsort(label)
        self._label, following = label[order], unit[order]
        self._unit = following
        for _ in range(_MOST_LABELS.bit_length()):  # each turn doubles the steps taken
            self._unit = self.units(self._unit)
        for at in np.flatnonzero(np.isin(self._unit, self._label)):
            self._unit[at] = self._least_of_ring(self._unit[at], following)

    def __len__(self) -> int:
        return len(self._label)

    def units(self, ids: Ids) -> Ids:
        """Return the present units."""
        return self._looked_up(ids, self._unit)

    def rows(self, units: UnitRows, rows: Rows) -> Rows:
        """Return the rows of the present units, for those of any."""
        if not len(self._label):
            return rows
        label, unit = units.named(self._label), units.named(self._unit)
        present = np.arange(len(units), dtype=np.int32)
        present[label] = unit
        return present[rows]

    def are(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Whether each is a retired label."""
        return np.isin(ids, self._label)

    def together(self, ids: Ids, bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
        """Return the bits of each unit, of one with several labels those of any of them."""
        if not len(self._label):
            return bits
        units, both = self.units(ids), bits.copy()
        rows = np.flatnonzero(np.isin(units, self._unit))
        things, at = np.unique(units[rows], return_inverse=True)
        of_things = np.zeros(len(things), bits.dtype)
        np.bitwise_or.at(of_things, at, bits[rows])
        both[rows] = of_things[at]
        return both

    def _looked_up(self, ids: Ids, unit: Ids) -> Ids:
        if not len(self._label):
            return ids
        at = np.minimum(np.searchsorted(self._label, ids), len(self._label) - 1)
        return np.where(self._label[at] == ids, unit[at], ids)

    def _least_of_ring(self, start: np.uint64, following: Ids) -> np.uint64:
        ring, at = [start], self._looked_up(np.array([start]), following)[0]
        while at != start:
            ring.append(at)
            at = self._looked_up(np.array([at]), following)[0]
        return min(ring)
