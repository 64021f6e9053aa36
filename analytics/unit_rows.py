"""Units by row: which row each 64-bit id has among the units known, and behind them among those only named.

Flow: ids of all units, in the order of the warehouse (item, serial) -> the rows of any ids.

Rows are numbers without gaps, so what is noted of units lies in plain arrays, and units of one item lie together. What
is read of scans comes in the same order, so most of it is found next to the unit before it; everything else in a table
of ids by their highest bits: ids are hashes, their bits are spread evenly. Compiled; all of it in this file, for the
compiler notices changes of the file alone.
"""

from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from analytics.together import Share, halves, together
from pipeline.domain.compiled import compiled
from pipeline.domain.inlined import inlined

Ids = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
N = TypeVar("N", bound=np.generic)

NO_ROW: Final = -1
_ENTRY: Final = np.dtype([("id", "u8"), ("row", "i4")])
"""An entry whose id is 0 is free."""
_FILLED: Final = 1.15
"""A table has at least so many entries for each id."""
_NEXT: Final = 16
"""So many rows behind the last one found are looked at before the table is."""
_MOST_BITS: Final = 9


class UnitRows:
    """The rows of units. 0 is no id and has no row; of units with one id the first is its row."""

    def __init__(self, known: Ids) -> None:
        self.ids = self._in_order = known
        if self._fill() < len(known):  # some twice: only the first of them is its id's row
            self._in_order = np.where(self._found_in_table(known) == np.arange(len(known)), known, np.uint64(0))

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, ids: Ids, *, in_order: bool = False) -> Rows:
        """Return the row of each id, NO_ROW where it has none; `in_order`: most come in the order of the rows."""
        if not in_order:
            return self._found_in_table(ids)
        found = np.empty(len(ids), np.int32)
        work = lambda share: _found_in_order(ids, share, self._in_order, self._entries, self._shift, found)  # noqa: E731
        together(work, halves(len(ids)))
        return found

    def named(self, ids: Ids, *, in_order: bool = False) -> Rows:
        """Return the row of each id; one that has none gets one behind all others, but not 0."""
        found = self.of(ids, in_order=in_order)
        new = np.unique(ids[found == NO_ROW])
        new = new[new != 0]
        if not len(new):
            return found
        self.ids = np.concatenate([self.ids, new])
        if _FILLED * len(self.ids) >= len(self._entries):
            self._fill()
        else:
            _insert(new, len(self.ids) - len(new), self._entries, self._shift)
        missing = np.flatnonzero(found == NO_ROW)
        found[missing] = self._found_in_table(ids[missing])
        return found

    def _fill(self) -> int:
        """Make the table of all ids anew; return how many different ones there are."""
        bits = max(4, int(_FILLED * len(self.ids) + 1).bit_length())
        self._entries, self._shift = np.zeros(1 << bits, _ENTRY), np.uint64(64 - bits)
        return _insert(self.ids, 0, self._entries, self._shift)

    def _found_in_table(self, ids: Ids) -> Rows:
        found = np.empty(len(ids), np.int32)
        together(lambda share: _found(ids, share, self._entries, self._shift, found), halves(len(ids)))
        return found


def taken(column: npt.NDArray[N], rows: Rows, otherwise: N) -> npt.NDArray[N]:
    """Return a column's values at rows, something else at NO_ROW."""
    found = np.empty(len(rows), column.dtype)
    together(lambda share: _taken(column, rows, otherwise, share, found), halves(len(rows)))
    return found


def among(rows: Rows, those: Rows, units: int) -> Flags:
    """Return whether each row is one of those, of so many units."""
    is_one = np.zeros(units, np.bool_)
    is_one[those] = True
    found: Flags = is_one[rows]
    return found


def distinct(rows: Rows, units: int) -> Rows:
    """Return rows in order, each once, of so many units."""
    is_one = np.zeros(units, np.bool_)
    is_one[rows] = True
    return np.flatnonzero(is_one).astype(np.int32)


@inlined
def _taken(column: Any, rows: Rows, otherwise: Any, share: Share, found: Any) -> None:  # noqa: ANN401  of any type
    for place in range(share[0], share[1]):
        found[place] = otherwise if rows[place] == NO_ROW else column[rows[place]]


@compiled
def _by_highest_bits(ids: Ids, share: Share) -> tuple[Ids, Rows]:
    """Return ids and their places in the order of their highest bits: what is looked up together lies together."""
    count = share[1] - share[0]
    bits = 1
    while bits < _MOST_BITS and count >> (bits + 14) > 0:
        bits += 1
    shift = np.uint64(64 - bits)
    starts = np.zeros((1 << bits) + 1, np.int64)
    ordered, places = np.empty(count, np.uint64), np.empty(count, np.int32)
    for place in range(share[0], share[1]):
        starts[np.int64(ids[place] >> shift) + 1] += 1
    for bucket in range(1 << bits):
        starts[bucket + 1] += starts[bucket]
    for place in range(share[0], share[1]):
        at = np.int64(ids[place] >> shift)
        ordered[starts[at]], places[starts[at]] = ids[place], place
        starts[at] += 1
    return ordered, places


@inlined
def _entry_of(identity: Any, entries: Any, shift: Any) -> int:  # noqa: ANN401  numbers and arrays of numpy's
    """Return the place of an id in the table, or the free one where it would be. Linear probing."""
    at = np.int64(identity >> shift)
    while entries[at]["id"] != 0 and entries[at]["id"] != identity:
        at = (at + 1) & (len(entries) - 1)
    return int(at)


@inlined
def _row_of(identity: Any, entries: Any, shift: Any) -> int:  # noqa: ANN401
    entry = entries[_entry_of(identity, entries, shift)]
    return int(entry["row"]) if entry["id"] != 0 else NO_ROW


@compiled
def _insert(ids: Ids, first: int, entries: Any, shift: Any) -> int:  # noqa: ANN401
    """Note the rows of ids, from the first on; return how many were new."""
    ordered, places = _by_highest_bits(ids, (0, len(ids)))
    new = 0
    for i in range(len(ordered)):
        entry = entries[_entry_of(ordered[i], entries, shift)]
        if entry["id"] == 0 and ordered[i] != 0:
            entry["id"], entry["row"] = ordered[i], first + places[i]
            new += 1
    return new


@compiled
def _found(ids: Ids, share: Share, entries: Any, shift: Any, found: Rows) -> None:  # noqa: ANN401
    """Look ids up in the table."""
    ordered, places = _by_highest_bits(ids, share)
    for i in range(len(ordered)):
        found[places[i]] = _row_of(ordered[i], entries, shift)


@inlined
def _found_in_order(ids: Ids, share: Share, known: Ids, entries: Any, shift: Any, found: Rows) -> None:  # noqa: ANN401
    """Look each id up next to the one before it, and in the table where it is not there."""
    last = 0
    for place in range(share[0], share[1]):
        row, end = last, min(last + _NEXT, len(known))
        while row < end and known[row] != ids[place]:
            row += 1
        if row == end or ids[place] == 0:
            row = _row_of(ids[place], entries, shift)
        found[place] = row
        last = row if 0 <= row < len(known) else last
