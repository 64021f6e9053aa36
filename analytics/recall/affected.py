"""Which units a recall concerns: the seeds, what they were built into, what they contain; when they held it, and where.

Flow: the ledger's columns, what is asked -> units with their intervals, each once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.genealogy import Edges, Genealogy, Held, Times, by_unit, whole_life
from analytics.recall.asked import Asked
from analytics.recall.columns import Ledger
from analytics.unit_rows import NO_ROW, Flags, Ids, Rows, among, distinct, taken

UNKNOWN = 5
"""The place of a unit that nothing is known of, only that something was built into it."""
_NOWHERE = np.uint64(0)
_NO_ROWS, _NO_TIMES = np.empty(0, np.int32), np.empty(0, np.int64)


class Affected(NamedTuple):
    """Units, and where they are. Shape: one row per unit.

    `row` is its row in what is known, NO_ROW where it is only known by name; it held something bad in the `many`
    intervals [start, end) from `first` on.
    """

    unit: Ids
    holds_now: Flags
    place: npt.NDArray[np.uint8]
    site: Ids
    row: Rows
    first: Rows
    many: Rows
    start: Times
    end: Times

    @property
    def has_held(self) -> Flags:
        """Whether each holds it or held it; not one that was only to be placed."""
        has_held: Flags = self.many > 0
        return has_held

    def only(self, chosen: Flags) -> "Affected":
        """Return the units chosen."""
        rows = {name: getattr(self, name)[chosen] for name in self._fields if name not in ("start", "end")}
        return self._replace(**rows)

    def intervals(self, at: int) -> list[tuple[int, int]]:
        """Return the intervals of the unit at a place, in order."""
        those = slice(int(self.first[at]), int(self.first[at] + self.many[at]))
        return list(zip(self.start[those].tolist(), self.end[those].tolist(), strict=True))


def affected(ledger: Ledger, asked: Asked, also: Ids | None = None) -> Affected:
    """Return what is affected, as far as the ledger knows; `also` are units to be placed besides, with no interval."""
    more = _NO_ROWS if also is None else ledger.units.named(also)
    genealogy, units = Genealogy(ledger.edges, len(ledger.units), ledger.stays), len(ledger.units)
    seeds = _seeds(ledger, asked, genealogy)
    held = genealogy.reached(seeds, asked.bad())
    if asked.with_down:
        down = Genealogy(ledger.edges.turned(), units).reached(seeds, asked.bad())
        held = _united(held, down, units)
    if len(ledger.transformations):
        held = held.only(~among(held.unit, ledger.transformations, units))
    if asked.current_only:
        held = held.only(among(held.unit, held.unit[held.now()], units))
    return _placed(ledger, genealogy, held, more)


def _seeds(ledger: Ledger, asked: Asked, genealogy: Genealogy) -> Held:
    """Return the units that the predicate fits; where it names component lots, while they held such a component."""
    fitting = ledger.present(ledger.known.fitting(ledger.labels))
    if not asked.predicate.component_lots:
        return whole_life(fitting)
    units, edges, begun = len(ledger.units), ledger.edges, ledger.is_of_component_lots()
    held = genealogy.reached(Held(edges.product[begun], edges.start[begun], edges.end[begun]), asked.bad())
    return held.only(among(held.unit, fitting, units))


def _united(one: Held, other: Held, units: int) -> Held:
    """Return the times of both; what touches is one interval."""
    return Genealogy(Edges(_NO_ROWS, _NO_ROWS, _NO_TIMES, _NO_TIMES), units).reached(one.followed_by(other))


def _placed(ledger: Ledger, genealogy: Genealogy, held: Held, more: Rows) -> Affected:
    """Look up where units are: those that hold something, and more behind them."""
    first, many = by_unit(held)
    is_one_each = len(first) == len(held.unit)
    unit, last = (held.unit, first) if is_one_each else (held.unit[first], first + many - 1)
    holds_now = held.now()[last]
    if len(more):
        others = distinct(more[~among(more, unit, len(ledger.units))], len(ledger.units))
        unit, nothing = np.append(unit, others), np.zeros(len(others), np.int32)
        first, many, holds_now = np.append(first, nothing), np.append(many, nothing), np.append(holds_now, nothing > 0)
    own = _known(ledger, unit, NO_ROW)
    where = _known(ledger, genealogy.outermost(unit), own)
    return Affected(
        unit=ledger.units.ids[unit],
        holds_now=holds_now,
        place=ledger.known.place(where, UNKNOWN),
        site=taken(ledger.known.site, where, _NOWHERE),
        row=own,
        first=first,
        many=many,
        start=held.start,
        end=held.end,
    )


def _known(ledger: Ledger, rows: Rows, otherwise: Rows | int) -> Rows:
    """Return rows of units, something else where nothing is known of one."""
    known = len(ledger.known.unit)
    return rows if known == len(ledger.units) else np.where(rows < known, rows, np.int32(otherwise))
