"""The modes in force as the fold reads them: one number a scan, two bits of it for each rule.

Flow: rows of modes -> numbers by class of unit key and column of site; a number, a reason -> the outcome.

The most specific row holds: the longest beginning of the key; for that, the one that names the site before the one
that names none. The beginnings that fit a key are all beginnings of the longest one that does: that is its class.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.modes import MODES, Mode
from pipeline.domain.verdict import (
    ACCEPTED,
    AGGREGATION_BREAK,
    DUPLICATE_COMMISSION,
    FLAGGED,
    REASONS,
    REJECTED,
)

BY_DEFAULT: Final = 0
OBSERVED, WARNED, BLOCKED = range(1, len(MODES) + 1)
_FIRST: Final = DUPLICATE_COMMISSION
_LAST: Final = AGGREGATION_BREAK
"""The reasons that have modes lie between these: 36 bits of a signed number of 64."""


@compiled
def outcome_of(modes: int, reason: int, usual: int) -> int:
    """Return the outcome of a broken rule under the modes in force, by default the usual one."""
    if modes == BY_DEFAULT or reason < _FIRST or reason > _LAST:
        return usual
    mode = (modes >> (2 * (reason - _FIRST))) & 3
    if mode == BY_DEFAULT:
        return usual
    if mode == OBSERVED:
        return ACCEPTED
    return FLAGGED if mode == WARNED else REJECTED


class ModeTable:
    """A table of modes, compiled.

    Shape: `cells` int64[class, column]; class 0 are units that no row concerns, column 0 sites that no row names; the
    sites of the columns from 1 on are `sites`.
    """

    def __init__(self, modes: Sequence[Mode] = ()) -> None:
        self.modes = tuple(modes)
        self.sites = tuple(sorted({mode.site for mode in modes} - {""}))
        prefixes = sorted({mode.key_prefix for mode in modes})
        self._classes = {prefix.encode(): number for number, prefix in enumerate(prefixes, start=1)}
        self._lengths = sorted({len(prefix) for prefix in self._classes}, reverse=True)
        self.cells = np.zeros((len(prefixes) + 1, len(self.sites) + 1), np.int64)
        for prefix, number in self._classes.items():
            self._fill(self.cells[number], prefix)

    def class_of(self, key: bytes) -> int:
        """Return the class of a unit key."""
        for length in self._lengths:
            number = self._classes.get(key[:length])
            if number is not None:
                return number
        return 0

    def _fill(self, cells: npt.NDArray[np.int64], prefix: bytes) -> None:
        """Fill in the cells of a class: the less specific rows first, the others over them."""
        fitting = [mode for mode in self.modes if prefix.startswith(mode.key_prefix.encode())]
        for mode in sorted(fitting, key=lambda mode: (len(mode.key_prefix.encode()), mode.site != "")):
            at = 2 * (REASONS.index(mode.rule) - _FIRST)
            concerned = slice(None) if mode.site == "" else slice(self._column(mode), self._column(mode) + 1)
            cells[concerned] = (cells[concerned] & ~(3 << at)) | ((MODES.index(mode.mode) + 1) << at)

    def _column(self, mode: Mode) -> int:
        return self.sites.index(mode.site) + 1
