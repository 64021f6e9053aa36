"""What a bad part ended up in: times of holding, carried along the edges of assemblies and transformations.

Flow: edges (component, product, from, to), seeds -> every unit reached, with the intervals in which it held one.

An edge holds in [start, end). A unit holds a seed at a time if a chain of edges, all holding at that time, leads from
the seed to it; so intervals are intersected along a chain, and a part that was removed and installed again has two.
A chain counts where it held at a time when the seed was bad.

Ids are hashes, so their highest bits are spread evenly: they are a unit's place in the table of units, and rows are
taken in the order of those places, so that millions of them find their units in the processor's cache. Compiled; all of
it in this file, for the compiler notices changes of the file alone.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled

Ids = npt.NDArray[np.uint64]
Times = npt.NDArray[np.int64]
Slots = npt.NDArray[np.int32]
Rows = npt.NDArray[np.void]

BEGINNING: Final = int(np.iinfo(np.int64).min)
FOREVER: Final = int(np.iinfo(np.int64).max)
"""The end of an edge that still holds, and of a unit that is bad for its whole life."""
WHOLE_LIFE: Final = (BEGINNING, FOREVER)

_NONE: Final = -1
_LONGEST_CHAIN: Final = 64
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
    """Of some units: the row of each among what is known, and that of the outermost unit it is in now; -1 for none."""

    own: Slots
    outermost: Slots


class Genealogy:
    """The edges, ready to be asked; 0 is no id."""

    def __init__(self, edges: Edges, room: int = 0, stays: int | None = None) -> None:
        """Chain the edges by component.

        Args:
            edges: who was in whom.
            room: how many units will be asked about that are in no edge.
            stays: so many of the edges, the first ones, are of parts, all of them if left out; the others are of what was
                made of something, which is not where that is.
        """
        bits = max(4, (int(1.4 * (room + 2 * len(edges.component))) | 1).bit_length())
        self._shift = np.uint64(64 - bits)
        self._units = np.zeros(1 << bits, _UNIT)
        self._links = np.empty(len(edges.component), _EDGE)
        of_parts = len(edges.component) if stays is None else stays
        _chain(edges, of_parts, self._order(edges.component), self._links, self._units, self._shift)
        self._held, self._used = np.zeros(0, _HELD), 0
        self._known = (np.empty(0, np.uint64), np.empty(0, np.int32))

    def know(self, units: Ids, is_part: npt.NDArray[np.bool_], last_seen: Times) -> None:
        """Note the rows of what is known of units; an edge that leaves one that is no part any more ended there."""
        self._known = (units, self._order(units))
        _know(*self._known, self._units, self._shift)
        _end(self._links, self._units, is_part, last_seen)

    def edges(self) -> Edges:
        """Return the edges as they are now, those ended that `know` has ended."""
        links = self._links
        slots = np.where(links["at"] < 0, -2 - links["at"], links["at"])
        return Edges(self._units["id"][slots], links["product"].copy(), links["start"].copy(), links["end"].copy())

    def reached(self, seeds: Held, bad: tuple[int, int] = WHOLE_LIFE) -> Held:
        """Return the seeds and everything that edges lead to from them, with the times of holding.

        Only what held at a time within `bad` counts. A cycle of edges ends by itself: only time that was not known to
        be held before is carried on. May be asked once.
        """
        front: tuple[Ids, Times, Times, Slots]
        front = (seeds.unit, seeds.start, seeds.end, np.full(len(seeds.unit), _NONE, np.int32))
        self._held = np.zeros(len(seeds.unit), _HELD)
        while len(front[0]):
            if self._used + len(front[0]) > len(self._held):
                self._held = np.concatenate([self._held, np.zeros(self._used + len(front[0]), _HELD)])
            before = self._used
            order = self._order(front[0])
            self._used = _take(*front, order, self._held, before, self._units, self._shift, *bad)
            front = _onward(self._held, before, self._used, self._links, self._units, *bad)
        return Held(*_collected(self._held[: self._used], self._units))

    def places(self, units: Ids) -> Places:
        """Return where units are to be looked for: their own rows, and those of the outermost they are in."""
        outermost = _outermost(units, self._order(units), self._links, self._units, self._shift)
        _know(*self._known, self._units, self._shift)
        own = _rows(units, self._order(units), self._units, self._shift)
        return Places(own, self._units["row"][outermost])

    def _order(self, ids: Ids) -> Slots:
        bits = min(9, max(0, len(ids).bit_length() - 14))
        return _in_order(ids, np.uint64(64 - bits), 1 << bits) if bits else np.arange(len(ids), dtype=np.int32)


def reached(seeds: Held, edges: Edges, bad: tuple[int, int] = WHOLE_LIFE) -> Held:
    """Return the seeds and everything they were built into; see `Genealogy.reached`."""
    return Genealogy(edges, len(seeds.unit)).reached(seeds, bad)


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
        bucket = np.int64(ids[i] >> shift)
        order[starts[bucket]] = i
        starts[bucket] += 1
    return order


@compiled
def _slot_of(units: Rows, identity: Any, shift: Any, is_new: bool) -> int:  # noqa: ANN401
    """Return the slot of an id; where it has none take a free one if it is new, else _NONE. Linear probing."""
    mask = len(units) - 1
    slot = np.int64(identity >> shift)
    while units[slot]["id"] != 0:
        if units[slot]["id"] == identity:
            return int(slot)
        slot = (slot + 1) & mask
    if not is_new:
        return _NONE
    unit = units[slot]
    unit["id"], unit["edge"], unit["held"], unit["row"], unit["parent"] = identity, _NONE, _NONE, _NONE, _NONE
    return int(slot)


@compiled
def _chain(edges: Edges, stays: int, order: Slots, links: Rows, units: Rows, shift: Any) -> None:  # noqa: ANN401
    """Chain the edges that leave each component."""
    for place in range(len(order)):
        edge = order[place]
        slot = _slot_of(units, edges.component[edge], shift, True)
        link, unit = links[place], units[slot]
        link["product"], link["start"], link["end"] = edges.product[edge], edges.start[edge], edges.end[edge]
        link["following"], link["at"] = unit["edge"], slot if edge < stays else -2 - slot
        unit["edge"] = place


@compiled
def _know(ids: Ids, order: Slots, units: Rows, shift: Any) -> None:  # noqa: ANN401
    """Note the rows of units that are in the table."""
    for place in range(len(order)):
        row = order[place]
        slot = _slot_of(units, ids[row], shift, False)
        if slot != _NONE:
            units[slot]["row"] = row


@compiled
def _end(links: Rows, units: Rows, is_part: npt.NDArray[np.bool_], last_seen: Times) -> None:
    """End the open edges of units that are no part of anything any more, though nothing said so."""
    for edge in range(len(links)):
        link = links[edge]
        if link["end"] == FOREVER and link["at"] >= 0:
            row = units[link["at"]]["row"]
            if row != _NONE and not is_part[row]:
                link["end"] = last_seen[row]


@compiled
def _add(kept: Rows, used: int, units: Rows, slot: int, start: int, end: int) -> bool:
    """Add time to a unit at place `used`, one interval with all that it overlaps or touches; False if all is known."""
    first = units[slot]["held"]
    at = first
    while at != _NONE:
        if kept[at]["is_live"] == 1 and kept[at]["start"] <= start and end <= kept[at]["end"]:
            return False
        at = kept[at]["following"]
    at = first
    while at != _NONE:
        if kept[at]["is_live"] == 1 and kept[at]["start"] <= end and start <= kept[at]["end"]:
            start, end = min(start, kept[at]["start"]), max(end, kept[at]["end"])
            kept[at]["is_live"] = 0
        at = kept[at]["following"]
    row = kept[used]
    row["slot"], row["start"], row["end"], row["following"], row["is_live"] = slot, start, end, first, 1
    units[slot]["held"] = used
    return True


@compiled
def _take(  # noqa: PLR0913, PLR0917  arrays one by one, as in the domain
    ids: Ids, starts: Times, ends: Times, came_from: Slots, order: Slots, kept: Rows, used: int, units: Rows,
    shift: Any, bad_start: int, bad_end: int,
) -> int:  # fmt: skip  # noqa: ANN401
    """Add a level's intervals to their units; return how many rows are kept now."""
    for place in range(len(order)):
        i = order[place]
        start, end = starts[i], ends[i]
        slot = _slot_of(units, ids[i], shift, True)
        if came_from[i] != _NONE:
            units[came_from[i]]["parent"] = slot
        if start < end and start < bad_end and bad_start < end and _add(kept, used, units, slot, start, end):
            used += 1
    return used


@compiled
def _onward(  # noqa: PLR0913, PLR0917
    kept: Rows, done: int, used: int, links: Rows, units: Rows, bad_start: int, bad_end: int
) -> tuple[Ids, Times, Times, Slots]:
    """Carry a level's intervals over every edge that leaves its units; only what both hold at one time goes on."""
    room, count = used - done + 16, 0
    ids, starts, ends = np.empty(room, np.uint64), np.empty(room, np.int64), np.empty(room, np.int64)
    came_from = np.empty(room, np.int32)
    for at in range(done, used):
        row = kept[at]
        edge = units[row["slot"]]["edge"] if row["is_live"] == 1 else _NONE
        while edge != _NONE:
            link = links[edge]
            low, high = max(row["start"], link["start"]), min(row["end"], link["end"])
            if low < high and low < bad_end and bad_start < high:
                if count == room:
                    ids, starts = np.concatenate((ids, ids)), np.concatenate((starts, starts))
                    ends, came_from = np.concatenate((ends, ends)), np.concatenate((came_from, came_from))
                    room *= 2
                ids[count], starts[count], ends[count] = link["product"], low, high
                came_from[count] = row["slot"] if link["end"] == FOREVER and link["at"] >= 0 else _NONE
                count += 1
            edge = link["following"]
    return ids[:count], starts[:count], ends[:count], came_from[:count]


@compiled
def _collected(kept: Rows, units: Rows) -> tuple[Ids, Times, Times]:
    """Return what is held, the intervals of each unit together and in order."""
    ids, starts, ends = np.empty(len(kept), np.uint64), np.empty(len(kept), np.int64), np.empty(len(kept), np.int64)
    count = 0
    for row in range(len(kept)):
        unit = units[kept[row]["slot"]]
        if unit["held"] != row:
            continue  # the unit's turn comes with its latest interval
        first, at = count, int(row)
        while at != _NONE:
            if kept[at]["is_live"] == 1:
                into = count
                while into > first and starts[into - 1] > kept[at]["start"]:
                    starts[into], ends[into] = starts[into - 1], ends[into - 1]
                    into -= 1
                ids[count], starts[into], ends[into] = unit["id"], kept[at]["start"], kept[at]["end"]
                count += 1
            at = int(kept[at]["following"])
    return ids[:count], starts[:count], ends[:count]


@compiled
def _parent_of(slot: int, links: Rows, units: Rows, shift: Any) -> int:  # noqa: ANN401
    """Return the slot of what a unit is in now, its own where it is in nothing."""
    if units[slot]["parent"] == _NONE:
        edge = np.int64(units[slot]["edge"])
        while edge != _NONE and (links[edge]["end"] != FOREVER or links[edge]["at"] < 0):
            edge = np.int64(links[edge]["following"])
        units[slot]["parent"] = slot if edge == _NONE else _slot_of(units, links[edge]["product"], shift, True)
    return int(units[slot]["parent"])


@compiled
def _outermost(ids: Ids, order: Slots, links: Rows, units: Rows, shift: Any) -> Slots:  # noqa: ANN401
    """Return the slots of the outermost units that units are in now; from the outermost on, for they are remembered."""
    found = np.empty(len(ids), np.int32)
    for place in range(len(order) - 1, -1, -1):
        i = order[place]
        slot = _slot_of(units, ids[i], shift, True)
        top, steps = slot, 0
        while steps < _LONGEST_CHAIN and _parent_of(top, links, units, shift) != top:
            top, steps = _parent_of(top, links, units, shift), steps + 1
        units[slot]["parent"] = top
        found[i] = top
    return found


@compiled
def _rows(ids: Ids, order: Slots, units: Rows, shift: Any) -> Slots:  # noqa: ANN401
    """Return the rows of what is known of units."""
    found = np.empty(len(ids), np.int32)
    for place in range(len(order)):
        i = order[place]
        found[i] = units[_slot_of(units, ids[i], shift, True)]["row"]
    return found
