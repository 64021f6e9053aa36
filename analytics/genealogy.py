"""What a bad part ended up in: times of holding, carried along the edges of assemblies and transformations.

Flow: edges (component, product, from, to), seeds -> every unit reached, with the intervals in which it held one.

An edge holds in [start, end). A unit holds a seed at a time if a chain of edges, all holding at that time, leads from
the seed to it; so intervals are intersected along a chain, and a part that was removed and installed again has two.
A chain counts where it held at a time when the seed was bad.

Units are rows (`analytics/unit_rows.py`). A level of intervals is put in the order of its units, in blocks of rows that
the processor's cache holds: within a block the intervals are taken, and at once carried on. Compiled; all of it in this
file, for the compiler notices changes of the file alone.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.together import Share, closed_up, halves, together, turns
from analytics.unit_rows import Flags, Rows
from pipeline.domain.compiled import compiled
from pipeline.domain.inlined import inlined

Times = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64]
Records = npt.NDArray[np.void]

BEGINNING: Final = int(np.iinfo(np.int64).min)
FOREVER: Final = int(np.iinfo(np.int64).max)
"""The end of an edge that still holds, and of a unit that is bad for its whole life."""
WHOLE_LIFE: Final = (BEGINNING, FOREVER)

_NONE: Final = -1
_LONGEST_CHAIN: Final = 4_096
"""What leads further goes round."""
_MOST_BLOCK_BITS: Final = 9
"""Units are shared out to at most twice as many blocks, as a power of two."""
_AT_ONCE: Final = 1 << 14
_HELD: Final = np.dtype([("start", "i8"), ("end", "i8"), ("unit", "i4"), ("following", "i4")])
"""An interval; `unit` is _NONE where another one has it too; `following` is the next earlier one of the unit."""


class Edges(NamedTuple):
    """Who was in whom, and when: rows of units; milliseconds since 1970, `end` not included."""

    component: Rows
    product: Rows
    start: Times
    end: Times

    def turned(self) -> "Edges":
        """Return the edges from product to component: what a unit contains."""
        return Edges(self.product, self.component, self.start, self.end)

    def followed_by(self, more: "Edges") -> "Edges":
        """Return these edges and more behind them."""
        ends = np.append(self.component, more.component), np.append(self.product, more.product)
        return Edges(*ends, np.append(self.start, more.start), np.append(self.end, more.end))


class Held(NamedTuple):
    """Intervals in which units held something bad, disjoint and in order for each unit.

    Shape: one row per unit and interval, those of one unit together.
    """

    unit: Rows
    start: Times
    end: Times

    def now(self) -> Flags:
        """Whether each interval has no end: the unit holds it still."""
        held: Flags = self.end == FOREVER
        return held

    def only(self, chosen: Flags) -> "Held":
        """Return the rows chosen."""
        return Held(self.unit[chosen], self.start[chosen], self.end[chosen])

    def followed_by(self, more: "Held") -> "Held":
        """Return these rows and more behind them."""
        return Held(np.append(self.unit, more.unit), np.append(self.start, more.start), np.append(self.end, more.end))


class Level(NamedTuple):
    """Intervals on their way to units, in any order, and how many go to each block of units."""

    unit: Rows
    start: Times
    end: Times
    many: Counts


class Ways(NamedTuple):
    """Edges in the order of their components: those of a unit are from its `first` on, up to that of the one behind it.

    `is_part` is of each edge: it is of a part. A block of units has 2 ** `bits` of them.
    """

    edges: Edges
    is_part: Flags
    first: Rows
    bits: int


class Genealogy:
    """The edges of so many units, ready to be asked."""

    def __init__(self, edges: Edges, units: int, parts: int | None = None) -> None:
        """Put the edges in the order of their components.

        Args:
            edges: who was in whom.
            units: how many units there are.
            parts: so many of the edges, the first ones, are of parts, all of them if left out; the others are of what
                was made of something, which is not where that is.
        """
        self._units = units
        bits = max(0, units.bit_length() - _MOST_BLOCK_BITS)
        is_part = np.ones(len(edges.component), np.bool_)
        is_part[len(is_part) if parts is None else parts :] = False
        if (edges.component[1:] < edges.component[:-1]).any():
            order = _in_order(edges.component, units)
            ends = edges.component[order], edges.product[order]
            edges, is_part = Edges(*ends, edges.start[order], edges.end[order]), is_part[order]
        self._ways = Ways(edges, is_part, _firsts(edges.component, units), bits)

    def reached(self, seeds: Held, bad: Share = WHOLE_LIFE) -> Held:
        """Return the seeds and everything that edges lead to from them, with the times of holding.

        Only what held at a time within `bad` counts. A cycle of edges ends by itself: only time that was not known to
        be held before is carried on.
        """
        seeds = seeds.only((seeds.start < seeds.end) & (seeds.start < bad[1]) & (bad[0] < seeds.end))
        kept, used = np.empty(len(seeds.unit) + len(self._ways.is_part), _HELD), 0
        latest = np.full(self._units, _NONE, np.int32)
        levels = [Level(*seeds, _many(seeds.unit, self._ways.bits, self._units))]
        while count := sum(len(level.unit) for level in levels):
            if used + count > len(kept):
                kept = np.concatenate([kept, np.empty(used + count, _HELD)])
            blocks = self._laid_out(levels, kept, used)
            levels = self._carried_on(kept, blocks, latest, bad)
            used += count
        return _collected(kept, used, latest)

    def _laid_out(self, levels: list[Level], kept: Records, used: int) -> Counts:
        """Write a level behind what is kept, block by block; return where each begins, and where the last one ends."""
        many = np.array([level.many for level in levels])
        blocks = used + np.append(0, np.cumsum(many.sum(axis=0)))
        begins = blocks[:-1] + np.cumsum(many, axis=0) - many
        work = list(zip(levels, begins, strict=True))
        together(lambda one: _lay_out(one[0], one[1], kept, self._ways.bits), work)
        return blocks

    def _carried_on(self, kept: Records, blocks: Counts, latest: Rows, bad: Share) -> list[Level]:
        def carried_on(turn: Share) -> Level:
            many = np.zeros(len(blocks) - 1, np.int64)
            return Level(*_carry_on(kept, blocks, turn, latest, self._ways, bad, many), many)

        return together(carried_on, turns(int(blocks[-1] - blocks[0])))

    def outermost(self, units: Rows) -> Rows:
        """Return the outermost unit that each is part of now, itself where it is part of nothing."""
        known, found = np.full(self._units, _NONE, np.int32), np.empty(len(units), np.int32)
        work = lambda turn: _outermost(units, turn, self._ways, known, found)  # noqa: E731
        together(work, turns(len(units)))
        return found


def whole_life(units: Rows) -> Held:
    """Return seeds that hold what is bad, themselves, at all times."""
    return Held(units, np.full(len(units), BEGINNING, np.int64), np.full(len(units), FOREVER, np.int64))


def end_left(edges: Edges, parts: int, is_part: Flags, last_seen: Times) -> None:
    """End the open edges of units that are part of nothing any more, though nothing said so: when they were seen last.

    Only the first `parts` of them, those of parts. `is_part` and `last_seen` are by row of the units known.
    """
    together(lambda share: _end_left(edges, share, is_part, last_seen), halves(parts))


def by_unit(held: Held) -> tuple[Rows, Rows]:
    """Return the first row of each unit, and how many rows it has."""
    first, many = np.empty(len(held.unit), np.int32), np.empty(len(held.unit), np.int32)
    units = _by_unit(held.unit, first, many)
    return first[:units], many[:units]


def _collected(kept: Records, used: int, latest: Rows) -> Held:
    """Return what is held: the intervals of each unit together and in order."""
    shares = halves(used)
    room = len(shares) * used  # each share may have units with intervals in the other one
    found = Held(np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64))
    work = [(share, place * used) for place, share in enumerate(shares)]
    counts = together(lambda one: _collect(kept, one[0], one[1], latest, found), work)
    parts = [(first, count) for (_, first), count in zip(work, counts, strict=True)]
    return Held(closed_up(found.unit, parts), closed_up(found.start, parts), closed_up(found.end, parts))


@compiled
def _firsts(rows: Rows, units: int) -> Rows:
    """Return, for rows in order, the first place of each unit, and behind the last one their number."""
    first = np.zeros(units + 1, np.int32)
    for row in rows:
        first[row + 1] += 1
    for unit in range(units):
        first[unit + 1] += first[unit]
    return first


@compiled
def _in_order(rows: Rows, units: int) -> Rows:
    """Return the places in the order of their rows: a counting sort."""
    first, order = _firsts(rows, units), np.empty(len(rows), np.int32)
    for place in range(len(rows)):
        order[first[rows[place]]] = place
        first[rows[place]] += 1
    return order


@compiled
def _many(units: Rows, bits: int, most: int) -> Counts:
    """Return how many of some units are in each block."""
    many = np.zeros((most >> bits) + 1, np.int64)
    for unit in units:
        many[unit >> bits] += 1
    return many


@inlined
def _lay_out(level: Level, begins: Counts, kept: Any, bits: int) -> None:  # noqa: ANN401  an array of records
    for i in range(len(level.unit)):
        block = level.unit[i] >> bits
        row = kept[begins[block]]
        row["start"], row["end"], row["unit"] = level.start[i], level.end[i], level.unit[i]
        begins[block] += 1


@inlined
def _take(kept: Any, at: int, latest: Rows) -> None:  # noqa: ANN401
    """Add an interval to its unit, one with all that it overlaps or touches; nothing where all of it is known.

    A unit's intervals are chained from the latest to the earliest, those that became part of another left out: what
    comes in the order of time, or holds still, is at its place at once, however many there are.
    """
    row = kept[at]
    unit, start, end = row["unit"], row["start"], row["end"]
    later, other = np.int64(_NONE), np.int64(latest[unit])
    while other != _NONE and kept[other]["start"] > end:
        later, other = other, np.int64(kept[other]["following"])
    if other != _NONE and kept[other]["start"] <= start and end <= kept[other]["end"]:
        row["unit"] = _NONE
        return
    while other != _NONE and kept[other]["end"] >= start:
        start, end = min(start, kept[other]["start"]), max(end, kept[other]["end"])
        kept[other]["unit"] = _NONE
        other = np.int64(kept[other]["following"])
    row["start"], row["end"], row["following"] = start, end, other
    if later == _NONE:
        latest[unit] = at
    else:
        kept[later]["following"] = at


@compiled
def _carry_on(  # noqa: PLR0917
    kept: Any,  # noqa: ANN401
    blocks: Counts,
    turn: Share,
    latest: Rows,
    ways: Ways,
    bad: Share,
    many: Counts,
) -> tuple[Rows, Times, Times]:
    """Take the intervals of every so manieth block, and carry them over every edge that leaves their units.

    Only what both hold at one time goes on, counted by blocks in `many`.
    """
    edges = ways.edges
    room, count = (blocks[-1] - blocks[0]) // turn[1] + 16, 0
    units, starts, ends = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    for block in range(turn[0], len(blocks) - 1, turn[1]):
        for at in range(blocks[block], blocks[block + 1]):
            _take(kept, at, latest)
        for at in range(blocks[block], blocks[block + 1]):
            row = kept[at]
            if row["unit"] == _NONE:
                continue
            for edge in range(ways.first[row["unit"]], ways.first[row["unit"] + 1]):
                start, end = max(row["start"], edges.start[edge]), min(row["end"], edges.end[edge])
                if start >= end or start >= bad[1] or bad[0] >= end:
                    continue
                if count == room:
                    units = np.concatenate((units, units))
                    starts, ends = np.concatenate((starts, starts)), np.concatenate((ends, ends))
                    room *= 2
                units[count], starts[count], ends[count] = edges.product[edge], start, end
                many[edges.product[edge] >> ways.bits] += 1
                count += 1
    return units[:count], starts[:count], ends[:count]


@inlined
def _collect(kept: Any, share: Share, first: int, latest: Rows, found: Held) -> int:  # noqa: ANN401
    """Write what units hold whose latest interval is in the share, from a row on; return how many there are."""
    count = first
    for row in range(share[0], share[1]):
        unit = kept[row]["unit"]
        if unit == _NONE or latest[unit] != row:
            continue
        many, at = 0, np.int64(row)
        while at != _NONE:
            many, at = many + 1, np.int64(kept[at]["following"])
        at = np.int64(row)
        for into in range(count + many - 1, count - 1, -1):
            found.unit[into], found.start[into], found.end[into] = unit, kept[at]["start"], kept[at]["end"]
            at = np.int64(kept[at]["following"])
        count += many
    return count - first


@inlined
def _by_unit(units: Rows, first: Rows, many: Rows) -> int:
    count = 0
    for row in range(len(units)):
        if row == 0 or units[row] != units[row - 1]:
            first[count], many[count] = row, 0
            count += 1
        many[count - 1] += 1
    return count


@inlined
def _end_left(edges: Edges, share: Share, is_part: Flags, last_seen: Times) -> None:
    for edge in range(share[0], share[1]):
        unit = edges.component[edge]
        if edges.end[edge] == FOREVER and unit < len(is_part) and not is_part[unit]:
            edges.end[edge] = last_seen[unit]


@inlined
def _parent_of(unit: int, ways: Ways) -> int:
    """Return what a unit is part of now, itself where nothing; of several, by several labels, the last one counts.

    A unit that was built into another of its labels is not part of anything by that.
    """
    for edge in range(ways.first[unit + 1] - 1, ways.first[unit] - 1, -1):
        if ways.is_part[edge] and ways.edges.end[edge] == FOREVER and ways.edges.product[edge] != unit:
            return int(ways.edges.product[edge])
    return unit


@inlined
def _least_of_ring(unit: int, ways: Ways) -> int:
    """Return the first row of units that are part of each other, one of which is given."""
    least, at, steps = np.int64(unit), np.int64(_parent_of(unit, ways)), 0
    while at != unit and steps < _LONGEST_CHAIN:
        least, at, steps = min(least, at), np.int64(_parent_of(int(at), ways)), steps + 1
    return int(least)


@inlined
def _outermost(units: Rows, turn: Share, ways: Ways, known: Rows, found: Rows) -> None:
    """Find the outermost unit of every so manieth stretch of units, from the last, and note it by unit.

    What was reached last, and is outermost, comes first. Threads may read what another notes: an entry is written at
    once, and with or without it the way ends at the same unit; where units go round, at the first of them.
    """
    end = len(units) - turn[0] * _AT_ONCE
    while end > 0:
        for place in range(end - 1, max(end - _AT_ONCE, 0) - 1, -1):
            unit, steps = np.int64(units[place]), 0
            while known[unit] == _NONE and steps < _LONGEST_CHAIN:
                parent = np.int64(_parent_of(int(unit), ways))
                if parent == unit:
                    break
                unit, steps = parent, steps + 1
            if steps == _LONGEST_CHAIN and known[unit] == _NONE:
                unit = np.int64(_least_of_ring(int(unit), ways))
                known[unit] = unit
            found[place] = unit if known[unit] == _NONE else known[unit]
            known[units[place]] = found[place]
        end -= turn[1] * _AT_ONCE
