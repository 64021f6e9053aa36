"""What a bad part ended up in: times of holding, carried along the edges of assemblies and transformations.

Flow: seeds with their bad interval, edges (component, product, from, to) -> every unit reached, with the intervals in
which it held something bad.

An edge holds in [start, end). A unit holds a bad seed at a time if a chain of edges, all holding at that time, leads
from the seed to it; so intervals are intersected along a chain, and a part that was removed and installed again has
two. Compiled, because a recall asks of millions of units and edges; all of it in this file, for the compiler notices
changes of the file alone.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled

Ids = npt.NDArray[np.uint64]
Times = npt.NDArray[np.int64]
Rows = npt.NDArray[np.void]

FOREVER: Final = int(np.iinfo(np.int64).max)
"""The end of an edge that still holds, and of a unit that is bad for its whole life."""

_NONE: Final = -1
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_HIGH: Final = np.uint64(32)


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

    Shape: one row per unit and interval, ordered by unit and start.
    """

    unit: Ids
    start: Times
    end: Times

    def now(self) -> npt.NDArray[np.bool_]:
        """Whether each interval has no end: the unit holds it still."""
        held: npt.NDArray[np.bool_] = self.end == FOREVER
        return held


_UNIT: Final = np.dtype([("id", "u8"), ("edge", "i8"), ("held", "i8")])
"""A slot of the table of units: the first edge that leaves it, the first interval it holds; _NONE where there is none.
A slot whose id is 0 is free."""

_EDGE: Final = np.dtype([("product", "u8"), ("start", "i8"), ("end", "i8"), ("following", "i8")])
_HELD: Final = np.dtype([("slot", "i8"), ("start", "i8"), ("end", "i8"), ("following", "i8"), ("is_live", "i8")])


def reached(seeds: Held, edges: Edges) -> Held:
    """Return the seeds and everything they were built into, with the times of holding; 0 is no id.

    A cycle of edges ends by itself: only time that was not known to be held before is carried on.
    """
    units = np.zeros(1 << max(4, (2 * (len(seeds.unit) + 2 * len(edges.product))).bit_length()), _UNIT)
    links = np.empty(len(edges.product), _EDGE)
    links["product"], links["start"], links["end"] = edges.product, edges.start, edges.end
    _chain(edges.component, links, units)
    rows = np.zeros(len(seeds.unit), _HELD)
    rows["start"], rows["end"] = seeds.start, seeds.end
    kept = _carry(seeds.unit, rows, links, units)
    kept = kept[kept["is_live"] == 1]
    unit, start = units["id"][kept["slot"]], kept["start"]
    order = np.lexsort((start, unit))
    return Held(unit[order], start[order], kept["end"][order])


@compiled
def _slot_of(units: Rows, identity: Any) -> int:  # noqa: ANN401  a number of numpy's
    """Return the slot of an id, taking a free one where it has none: open addressing over a power of two."""
    mask = len(units) - 1
    slot = np.int64((np.uint64(identity) * _SPREAD) >> _HIGH) & mask
    while units[slot]["id"] != 0:
        if units[slot]["id"] == identity:
            return int(slot)
        slot = (slot + 1) & mask
    units[slot]["id"], units[slot]["edge"], units[slot]["held"] = identity, _NONE, _NONE
    return int(slot)


@compiled
def _chain(component: Ids, links: Rows, units: Rows) -> None:
    """Chain the edges that leave each component."""
    for edge in range(len(component)):
        unit = units[_slot_of(units, component[edge])]
        links[edge]["following"] = unit["edge"]
        unit["edge"] = edge


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
def _carry(seeds: Ids, times: Rows, links: Rows, units: Rows) -> Rows:
    """Carry every interval over every edge that leaves its unit; only what both hold at one time goes on."""
    kept, used = np.zeros(2 * len(seeds) + 16, _HELD), 0
    for i in range(len(seeds)):
        start, end = times[i]["start"], times[i]["end"]
        if start < end and _add(kept, used, units, _slot_of(units, seeds[i]), start, end):
            used += 1
    done = 0
    while done < used:
        start, end = kept[done]["start"], kept[done]["end"]
        edge = units[kept[done]["slot"]]["edge"] if kept[done]["is_live"] == 1 else _NONE
        while edge != _NONE:
            link = links[edge]
            low, high = max(start, link["start"]), min(end, link["end"])
            if low < high:
                if used == len(kept):
                    grown = np.zeros(2 * used, _HELD)
                    grown[:used] = kept
                    kept = grown
                if _add(kept, used, units, _slot_of(units, link["product"]), low, high):
                    used += 1
            edge = link["following"]
        done += 1
    return kept[:used]
