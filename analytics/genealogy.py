"""What a bad part ended up in: times of holding, carried along the edges of assemblies and transformations.

Flow: edges (component, product, from, to), seeds -> every unit reached, with the intervals in which it held one.

An edge holds in [start, end). A unit holds a seed at a time if a chain of edges, all holding at that time, leads from
the seed to it; so intervals are intersected along a chain, and a part that was removed and installed again has two.
A chain counts where it held at a time when the seed was bad.

Ids are hashes, so their highest bits are spread evenly: they are a unit's place in the table of units, and rows are
taken in the order of those places, so that millions of them find their units in the processor's cache. Compiled; all of
it in this file, for the compiler notices changes of the file alone.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.inlined import inlined

Ids = npt.NDArray[np.uint64]
Times = npt.NDArray[np.int64]
Slots = npt.NDArray[np.int32]
Rows = npt.NDArray[np.void]
Share = tuple[int, int]
T = TypeVar("T")
N = TypeVar("N", bound=np.generic)

BEGINNING: Final = int(np.iinfo(np.int64).min)
FOREVER: Final = int(np.iinfo(np.int64).max)
"""The end of an edge that still holds, and of a unit that is bad for its whole life."""
WHOLE_LIFE: Final = (BEGINNING, FOREVER)

_NONE: Final = -1
_LARGE_BITS: Final = 18
"""From so many on, as a power of two, rows are shared by two threads."""
_HALF: Final = np.uint64(1 << 63)
_SAMPLES: Final = 64
_SAMPLED: Final = np.uint64((1 << 64) // _SAMPLES)
"""Ids below are one in so many."""
_LONGEST_CHAIN: Final = 64
_BLOCK: Final = 1 << 14
_AHEAD: Final = 256
"""So many rows are read ahead. A loop without a branch waits for many of them at a time, one that looks for something
for one after the other, each some hundred times as long as for what is in the processor's cache. Functions return what
they read ahead, or the compiler leaves the reading out."""
_UNIT: Final = np.dtype([("id", "u8"), ("edge", "i4"), ("held", "i4"), ("row", "i4"), ("parent", "i4")])
"""A slot of the table of units: the first edge that leaves it, the first interval it holds, its row among what is known
of units, the slot of what it is in now; _NONE where there is none. A slot whose id is 0 is free."""
_EDGE: Final = np.dtype([("product", "u8"), ("start", "i8"), ("end", "i8"), ("following", "i4"), ("at", "i4")])
"""`at` is the slot of the component; -2 less the slot where it is no part but what the product was made of."""
_HELD: Final = np.dtype([("start", "i8"), ("end", "i8"), ("slot", "i4"), ("following", "i4"), ("is_live", "i4")])


class Edges(NamedTuple):
    """Who was in whom, and when: milliseconds since 1970, `end` not included."""

    component: Ids
    product: Ids
    start: Times
    end: Times

    def turned(self) -> "Edges":
        """Return the edges from product to component: what a unit contains."""
        return Edges(self.product, self.component, self.start, self.end)


class Held(NamedTuple):
    """Intervals in which units held something bad, disjoint and in order for each unit.

    Shape: one row per unit and interval, those of one unit together.
    """

    unit: Ids
    start: Times
    end: Times

    def now(self) -> npt.NDArray[np.bool_]:
        """Whether each interval has no end: the unit holds it still."""
        held: npt.NDArray[np.bool_] = self.end == FOREVER
        return held

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Held":
        """Return the rows chosen."""
        return Held(self.unit[chosen], self.start[chosen], self.end[chosen])

    def of(self, units: Ids) -> "Held":
        """Return the rows of some units."""
        return self.only(np.isin(self.unit, units))


class Places(NamedTuple):
    """Of some units: the row of each among what is known; of the outermost unit it is in now, or else its own.

    -1 where nothing is known of it.
    """

    own: Slots
    where: Slots


class Table(NamedTuple):
    """The table of units. A unit's slot is its id's highest bits, or one behind it, within its lap.

    A large table has two laps, so that two threads may fill it, each with the units of one.
    """

    units: Rows
    shift: np.uint64
    lap: int


class Genealogy:
    """The edges, ready to be asked; 0 is no id."""

    def __init__(self, edges: Edges, room: int = 0, stays: int | None = None) -> None:
        """Chain the edges by component.

        Args:
            edges: who was in whom.
            room: how many units will be asked about that are in no edge.
            stays: so many of the edges, the first ones, are of parts, all of them if left out; the others are of what
                was made of something, which is not where that is.
        """
        bits = max(4, int(1.15 * (room + _most_units(edges)) + 1).bit_length())
        self._laps = 2 if bits >= _LARGE_BITS else 1
        lap = (1 << bits) // self._laps - 1
        self._table = Table(np.zeros(1 << bits, _UNIT), np.uint64(64 - bits), lap)
        self._links = np.empty(len(edges.component), _EDGE)
        of_parts = len(edges.component) if stays is None else stays
        order, shares = self._shares(edges.component)
        _together(lambda share: _chain(edges, of_parts, order, share, self._links, self._table), shares)
        self._held, self._used = np.zeros(0, _HELD), 0
        self._slots = self._many = np.empty(0, np.int32)
        self._known = np.empty(0, np.uint64)

    def know(self, units: Ids, is_part: npt.NDArray[np.bool_], last_seen: Times) -> None:
        """Note what is known of units, by row; an edge that leaves one that is no part any more ended there."""
        self._known = units
        others = np.flatnonzero(~is_part).astype(np.int32)
        self._know(units[others], others)
        _together(lambda share: _end(self._links, share, self._table, last_seen), _halves(len(self._links)))

    def edges(self) -> Edges:
        """Return the edges as they are now, those ended that `know` has ended."""
        links = self._links
        slots = np.where(links["at"] < 0, -2 - links["at"], links["at"])
        ids = self._table.units["id"][slots]
        return Edges(ids, links["product"].copy(), links["start"].copy(), links["end"].copy())

    def reached(self, seeds: Held, bad: tuple[int, int] = WHOLE_LIFE) -> Held:
        """Return the seeds and everything that edges lead to from them, with the times of holding.

        Only what held at a time within `bad` counts. A cycle of edges ends by itself: only time that was not known to
        be held before is carried on. May be asked once.
        """
        front = Front(seeds.unit, seeds.start, seeds.end, np.full(len(seeds.unit), _NONE, np.int32))
        self._held = np.zeros(len(seeds.unit) + len(self._links), _HELD)
        while len(front.unit):
            front = self._next(front, bad)
        shares = _halves(self._used)
        found = Collected.empty(shares[-1][0] + self._used)
        counts = _together(lambda share: _collected(self._held, share, self._table, found), shares)
        written = list(zip(shares, counts, strict=True))
        intervals = [(first, count) for (first, _), (count, _) in written]
        units = [(first, many) for (first, _), (_, many) in written]
        self._slots, self._many = _closed_up(found.slot, units), _closed_up(found.many, units)
        start, end = _closed_up(found.start, intervals), _closed_up(found.end, intervals)
        return Held(_closed_up(found.unit, intervals), start, end)

    def units(self) -> Ids:
        """Return the units that were reached, each once, in their order."""
        ids: Ids = self._table.units["id"][self._slots]
        return ids

    def by_unit(self) -> tuple[Slots, Slots]:
        """Return the first row of each unit in what was reached, and how many rows it has."""
        first = np.cumsum(self._many, dtype=np.int32)
        first -= self._many
        return first, self._many

    def places(self, also: Ids) -> Places:
        """Return where the units are that were reached, each once in their order, and where others are behind them."""
        slots = self._slots
        if len(also):
            slots = np.append(slots, np.array([_slot_of(self._table, unit, True) for unit in also], np.int32))
        found = Places(np.empty(len(slots), np.int32), np.empty(len(slots), np.int32))
        if not self._find_places(slots, found):
            _add_outermost(slots, self._links, self._table)
            self._find_places(slots, found)
        return found

    def _find_places(self, slots: Slots, found: Places) -> bool:
        """Find the places of units; returns whether all that they are in has a slot."""
        self._know(self._known, np.arange(len(self._known), dtype=np.int32))
        turns = len(_halves(len(slots)))
        shares = [(turn, turns) for turn in range(turns)]
        done = _together(lambda share: _find_places(slots, share, self._links, self._table, found), shares)
        return not any(without for without, _ in done)

    def _next(self, front: "Front", bad: tuple[int, int]) -> "Front":
        """Add a level's intervals to its units; return those of the next level."""
        before, self._used = self._used, self._used + len(front.unit)
        if self._used > len(self._held):
            self._held = np.concatenate([self._held, np.zeros(self._used, _HELD)])
        order, shares = self._shares(front.unit)
        _together(lambda share: _take(front, order, share, before, self._held, self._table, bad), shares)
        level = [(before + low, before + high) for low, high in shares]
        parts = _together(lambda share: _onward(self._held, share, self._links, self._table, bad), level)
        return Front(*(np.concatenate(columns) for columns in zip(*(part[:4] for part in parts), strict=True)))

    def _know(self, ids: Ids, rows: Slots) -> None:
        order, shares = self._shares(ids)
        _together(lambda share: _know(ids, rows, order, share, self._table), shares)

    def _shares(self, ids: Ids) -> tuple[Slots, list[Share]]:
        """Return the order in which to take ids, and the share of each thread in it."""
        bits = min(9, max(1, len(ids).bit_length() - 14))
        order = _in_order(ids, np.uint64(64 - bits), 1 << bits)
        if self._laps == 1:
            return order, [(0, len(ids))]
        lower = int(np.count_nonzero(ids < _HALF))
        return order, [(0, lower), (lower, len(ids))]


class Collected(NamedTuple):
    """Room for what is held, and for each unit that holds it: its slot, and how many intervals it has.

    Each share is written where it begins.
    """

    unit: Ids
    start: Times
    end: Times
    slot: Slots
    many: Slots

    @classmethod
    def empty(cls, room: int) -> "Collected":
        """Return room for so many intervals; what is not written costs nothing."""
        unit, start, end = np.empty(room, np.uint64), np.empty(room, np.int64), np.empty(room, np.int64)
        return cls(unit, start, end, np.empty(room, np.int32), np.empty(room, np.int32))


class Front(NamedTuple):
    """A level: intervals on their way to units, each from the slot of a part that is in the unit now, or _NONE."""

    unit: Ids
    start: Times
    end: Times
    came_from: Slots


def _most_units(edges: Edges) -> int:
    """Return how many units edges have: at most so many where they are few, about so many where they are many."""
    if len(edges.component) < 1 << _LARGE_BITS:
        return 2 * len(edges.component)
    sampled = [ids[ids < _SAMPLED] for ids in (edges.component, edges.product)]
    return len(distinct(np.concatenate(sampled))) * _SAMPLES


def _halves(count: int) -> list[Share]:
    return [(0, count // 2), (count // 2, count)] if count >= 1 << _LARGE_BITS else [(0, count)]


def _closed_up(column: npt.NDArray[N], parts: list[Share]) -> npt.NDArray[N]:
    """Return the parts of a column, each so many rows from its first one on, without what lies between them."""
    used = 0
    for first, count in parts:
        if first != used:
            column[used : used + count] = column[first : first + count]
        used += count
    return column[:used]


def _together(work: Callable[[Share], T], shares: list[Share]) -> list[T]:
    """Do the work of all shares at a time: compiled code lets go of the interpreter."""
    if len(shares) == 1:
        return [work(shares[0])]
    with ThreadPoolExecutor(len(shares)) as pool:
        return list(pool.map(work, shares))


def reached(seeds: Held, edges: Edges, bad: tuple[int, int] = WHOLE_LIFE) -> Held:
    """Return the seeds and everything they were built into; see `Genealogy.reached`."""
    return Genealogy(edges, len(seeds.unit)).reached(seeds, bad)


def distinct(ids: Ids) -> Ids:
    """Return ids in order, each once; numpy's `unique` hashes them first, fifty times as long for a million."""
    ordered = np.sort(ids)
    is_first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def taken(column: npt.NDArray[N], rows: Slots, otherwise: N) -> npt.NDArray[N]:
    """Return a column's values at rows, something else where the row is -1."""
    found = np.empty(len(rows), column.dtype)
    _together(lambda share: _taken(column, rows, otherwise, share, found), _halves(len(rows)))
    return found


def by_unit(held: Held) -> tuple[Slots, Slots]:
    """Return the first row of each unit, and how many rows it has."""
    first, many = np.empty(len(held.unit), np.int32), np.empty(len(held.unit), np.int32)
    units = _by_unit(held.unit, first, many)
    return first[:units], many[:units]


def whole_life(units: Ids) -> Held:
    """Return seeds that hold what is bad, themselves, at all times."""
    return Held(units, np.full(len(units), BEGINNING, np.int64), np.full(len(units), FOREVER, np.int64))


@compiled
def _in_order(ids: Ids, shift: Any, buckets: int) -> Slots:  # noqa: ANN401  a number of numpy's
    """Return the rows ordered by the highest bits of their ids: a counting sort."""
    starts = np.zeros(buckets + 1, np.int64)
    for i in range(len(ids)):
        starts[np.int64(ids[i] >> shift) + 1] += 1
    for bucket in range(buckets):
        starts[bucket + 1] += starts[bucket]
    order = np.empty(len(ids), np.int32)
    for i in range(len(ids)):
        bucket = int(ids[i] >> shift)
        order[starts[bucket]] = i
        starts[bucket] += 1
    return order


@inlined
def _slot_of(table: Table, identity: Any, is_new: bool) -> int:  # noqa: ANN401
    """Return the slot of an id; where it has none take a free one if it is new, else _NONE. Linear probing."""
    units, lap = table.units, table.lap
    slot = np.int64(identity >> table.shift)
    while units[slot]["id"] != 0:
        if units[slot]["id"] == identity:
            return int(slot)
        slot = (slot & ~lap) | ((slot + 1) & lap)
    if not is_new:
        return _NONE
    unit = units[slot]
    unit["id"], unit["edge"], unit["held"], unit["row"], unit["parent"] = identity, _NONE, _NONE, _NONE, _NONE
    return int(slot)


@inlined
def _ahead(ids: Ids, order: Slots, share: Share, place: int, table: Table) -> int:
    """Read ahead where the slots of ids are looked for, at every so manieth place."""
    read = 0
    if (place - share[0]) % _AHEAD == 0:
        for following in range(place, min(place + _AHEAD, share[1])):
            read += table.units[ids[order[following]] >> table.shift]["edge"]
    return read


@inlined
def _chain(edges: Edges, stays: int, order: Slots, share: Share, links: Rows, table: Table) -> int:
    """Chain the edges that leave each component."""
    read = 0
    for place in range(share[0], share[1]):
        read += _ahead(edges.component, order, share, place, table)
        edge = order[place]
        slot = _slot_of(table, edges.component[edge], True)
        link, unit = links[place], table.units[slot]
        link["product"], link["start"], link["end"] = edges.product[edge], edges.start[edge], edges.end[edge]
        link["following"], link["at"] = unit["edge"], slot if edge < stays else -2 - slot
        unit["edge"] = place
    return read


@inlined
def _know(ids: Ids, rows: Slots, order: Slots, share: Share, table: Table) -> int:
    """Note the rows of units that are in the table."""
    read = 0
    for place in range(share[0], share[1]):
        read += _ahead(ids, order, share, place, table)
        i = order[place]
        slot = _slot_of(table, ids[i], False)
        if slot != _NONE:
            table.units[slot]["row"] = rows[i]
    return read


@inlined
def _end(links: Rows, share: Share, table: Table, last_seen: Times) -> None:
    """End the open edges of units that are no part of anything any more, though nothing said so: those with a row."""
    for edge in range(share[0], share[1]):
        link = links[edge]
        if link["end"] == FOREVER and link["at"] >= 0:
            row = table.units[link["at"]]["row"]
            if row != _NONE:
                link["end"] = last_seen[row]


@inlined
def _add(kept: Rows, at_row: int, units: Rows, slot: int, start: int, end: int) -> None:
    """Add time to a unit, one interval with all that it overlaps or touches; nothing where all of it is known."""
    first = units[slot]["held"]
    at = first
    while at != _NONE:
        if kept[at]["is_live"] == 1 and kept[at]["start"] <= start and end <= kept[at]["end"]:
            return
        at = kept[at]["following"]
    at = first
    while at != _NONE:
        if kept[at]["is_live"] == 1 and kept[at]["start"] <= end and start <= kept[at]["end"]:
            start, end = min(start, kept[at]["start"]), max(end, kept[at]["end"])
            kept[at]["is_live"] = 0
        at = kept[at]["following"]
    row = kept[at_row]
    row["slot"], row["start"], row["end"], row["following"], row["is_live"] = slot, start, end, first, 1
    units[slot]["held"] = at_row


@inlined
def _take(front: Front, order: Slots, share: Share, before: int, kept: Rows, table: Table, bad: Share) -> int:
    """Add a level's intervals to their units, the one at each place of the order as the row that many behind."""
    read = 0
    for place in range(share[0], share[1]):
        read += _ahead(front.unit, order, share, place, table)
        i = order[place]
        start, end = front.start[i], front.end[i]
        slot = _slot_of(table, front.unit[i], True)
        if front.came_from[i] != _NONE:
            table.units[front.came_from[i]]["parent"] = slot
        if start < end and start < bad[1] and bad[0] < end:
            _add(kept, before + place, table.units, slot, start, end)
    return read


@inlined
def _edges_ahead(kept: Rows, share: Share, place: int, links: Rows, table: Table) -> int:
    """Read ahead the first edge of what holds intervals, at every so manieth row."""
    read = 0
    if (place - share[0]) % _AHEAD == 0 and len(links) > 0:
        last = min(place + _AHEAD, share[1])
        for following in range(place, last):
            read += table.units[kept[following]["slot"]]["edge"]
        for following in range(place, last):
            read += links[max(table.units[kept[following]["slot"]]["edge"], 0)]["following"]
    return read


@compiled
def _onward(kept: Rows, share: Share, links: Rows, table: Table, bad: Share) -> tuple[Ids, Times, Times, Slots, int]:
    """Carry a level's intervals over every edge that leaves its units; only what both hold at one time goes on."""
    room, count = share[1] - share[0] + 16, 0
    ids, starts, ends = np.empty(room, np.uint64), np.empty(room, np.int64), np.empty(room, np.int64)
    came_from = np.empty(room, np.int32)
    units = table.units
    read = 0
    for at in range(share[0], share[1]):
        read += _edges_ahead(kept, share, at, links, table)
        row = kept[at]
        edge = units[row["slot"]]["edge"] if row["is_live"] == 1 else _NONE
        part = int(row["slot"])
        while edge != _NONE:
            link = links[edge]
            low, high = max(row["start"], link["start"]), min(row["end"], link["end"])
            is_open = link["end"] == FOREVER and link["at"] >= 0
            if low < high and low < bad[1] and bad[0] < high:
                if count == room:
                    ids, starts = np.concatenate((ids, ids)), np.concatenate((starts, starts))
                    ends, came_from = np.concatenate((ends, ends)), np.concatenate((came_from, came_from))
                    room *= 2
                ids[count], starts[count], ends[count] = link["product"], low, high
                came_from[count] = part if is_open else _NONE
                count += 1
            if is_open:
                part = _NONE  # of several that are open, by several labels, the first in the chain counts
            edge = link["following"]
    return ids[:count], starts[:count], ends[:count], came_from[:count], read


@inlined
def _collected(kept: Rows, share: Share, table: Table, found: Collected) -> tuple[int, int]:
    """Write what is held from the share's first row on: the intervals of each unit together and in order, its slot.

    Returns how many intervals and units there are; of those in the first share there are no more than it has rows.
    """
    count, units = share[0], share[0]
    for row in range(share[0], share[1]):
        unit = table.units[kept[row]["slot"]]
        if unit["held"] != row:
            continue  # the unit's turn comes with its latest interval
        first, at = count, np.int64(row)
        while at != _NONE:
            if kept[at]["is_live"] == 1:
                into = count
                while into > first and found.start[into - 1] > kept[at]["start"]:
                    found.start[into], found.end[into] = found.start[into - 1], found.end[into - 1]
                    into -= 1
                found.unit[count], found.start[into], found.end[into] = unit["id"], kept[at]["start"], kept[at]["end"]
                count += 1
            at = np.int64(kept[at]["following"])
        found.slot[units], found.many[units] = kept[row]["slot"], count - first
        units += 1
    return count - share[0], units - share[0]


@inlined
def _taken(column: Any, rows: Slots, otherwise: Any, share: Share, found: Any) -> None:  # noqa: ANN401  of any type
    for place in range(share[0], share[1]):
        row = rows[place]
        found[place] = otherwise if row == _NONE else column[row]


@inlined
def _by_unit(ids: Ids, first: Slots, many: Slots) -> int:
    units = 0
    for row in range(len(ids)):
        if row == 0 or ids[row] != ids[row - 1]:
            first[units], many[units] = row, 0
            units += 1
        many[units - 1] += 1
    return units


@inlined
def _parent_of(slot: int, links: Rows, table: Table, may_add: bool) -> int:
    """Return the slot of what a unit is in now, its own where it is in nothing; _NONE where that has none yet."""
    edge = np.int64(table.units[slot]["edge"])
    while edge != _NONE and (links[edge]["end"] != FOREVER or links[edge]["at"] < 0):
        edge = np.int64(links[edge]["following"])
    return slot if edge == _NONE else _slot_of(table, links[edge]["product"], may_add)


@inlined
def _outermost(slot: int, links: Rows, table: Table, may_add: bool) -> int:
    """Return the slot of the outermost unit that a unit is in now, and remember it as -2 less it; _NONE for none."""
    top, steps = np.int64(slot), 0
    parent = np.int64(table.units[slot]["parent"])
    while parent >= _NONE and steps < _LONGEST_CHAIN:
        if parent == _NONE:
            parent = np.int64(_parent_of(int(top), links, table, may_add))
        if parent == _NONE:
            return _NONE
        if parent == top:
            break
        top, steps = parent, steps + 1
        parent = np.int64(table.units[top]["parent"])
    top = -2 - parent if parent < _NONE else top
    table.units[slot]["parent"] = -2 - top
    return int(top)


@inlined
def _add_outermost(slots: Slots, links: Rows, table: Table) -> None:
    """Give a slot to everything that units are in; by one thread, as nothing keeps two from taking the same one."""
    for place in range(len(slots) - 1, -1, -1):
        _outermost(int(slots[place]), links, table, True)


@inlined
def _parents_ahead(slots: Slots, low: int, high: int, table: Table) -> int:
    """Read ahead units, what they are in, and what that is in."""
    read, units = 0, table.units
    for place in range(low, high):
        read += units[slots[place]]["parent"]
    for place in range(low, high):
        read += units[_next_out(slots[place], table)]["parent"]
    for place in range(low, high):
        read += units[_next_out(_next_out(slots[place], table), table)]["row"]
    return read


@inlined
def _next_out(slot: int, table: Table) -> int:
    """Return the slot that a unit's own says it is in, directly or outermost; its own where that says nothing."""
    parent = np.int64(table.units[slot]["parent"])
    return slot if parent == _NONE else int(max(parent, -2 - parent))


@inlined
def _find_places(slots: Slots, share: Share, links: Rows, table: Table, found: Places) -> tuple[int, int]:
    """Find the rows of units and of where they are; share: the blocks, counted from the last, of this rest by that.

    What was reached last, and is outermost, comes first. Threads may read what another remembers: a slot is written at
    once, and the old and the new value lead to the same unit. Returns how many units are in something without a slot.
    """
    turn, turns = share
    end, without, read = len(slots) - turn * _BLOCK, 0, 0
    while end > 0:
        for place in range(end - 1, max(end - _BLOCK, 0) - 1, -1):
            if (end - 1 - place) % _AHEAD == 0:
                read += _parents_ahead(slots, max(place + 1 - _AHEAD, 0), place + 1, table)
            slot = np.int64(slots[place])
            top = _outermost(int(slot), links, table, False)
            without += int(top == _NONE)
            own = table.units[slot]["row"]
            row = own if top == _NONE else table.units[top]["row"]
            found.own[place], found.where[place] = own, own if row == _NONE else row
        end -= turns * _BLOCK
    return without, read
