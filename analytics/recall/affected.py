"""Which units a recall concerns: the seeds, what they were built into, what they contain; when they held it, and where.

Flow: the ledger's columns, what is asked -> units with their intervals, each once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.genealogy import Edges, Genealogy, Held, Ids, Places, Slots, by_unit, distinct, taken, whole_life
from analytics.recall.asked import Asked
from analytics.recall.columns import Known, Ledger

UNKNOWN = 5
"""The place of a unit that nothing is known of, only that something was built into it."""
_NOWHERE = np.uint64(0)
_NO_UNITS, _NO_ROWS = np.empty(0, np.uint64), np.empty(0, np.int64)


class Affected(NamedTuple):
    """Units, and where they are. Shape: one row per unit.

    `row` is its row in what is known, -1 where it is only known by name; its intervals are the `many` rows of `held`
    from `first` on.
    """

    unit: Ids
    holds_now: npt.NDArray[np.bool_]
    place: npt.NDArray[np.uint8]
    site: Ids
    row: Slots
    held: Held
    first: Slots
    many: Slots

    @property
    def has_held(self) -> npt.NDArray[np.bool_]:
        """Whether each holds it or held it; not one that was only to be placed."""
        has_held: npt.NDArray[np.bool_] = self.many > 0
        return has_held

    def with_others(self, others: Ids) -> "Affected":
        """Return these and others behind them that hold nothing; their places are there already."""
        nothing = np.zeros(len(others), np.int32)
        return self._replace(
            unit=np.append(self.unit, others),
            holds_now=np.append(self.holds_now, nothing.astype(np.bool_)),
            first=np.append(self.first, nothing),
            many=np.append(self.many, nothing),
        )

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Affected":
        """Return the units chosen."""
        rows = {name: getattr(self, name)[chosen] for name in self._fields if name != "held"}
        return self._replace(**rows)

    def intervals(self, at: int) -> list[tuple[int, int]]:
        """Return the intervals of the unit at a place, in order."""
        those = slice(int(self.first[at]), int(self.first[at] + self.many[at]))
        return list(zip(self.held.start[those].tolist(), self.held.end[those].tolist(), strict=True))


def affected(ledger: Ledger, asked: Asked, also: Ids | None = None) -> Affected:
    """Return what is affected, as far as the ledger knows; `also` are units to be placed besides, with no interval."""
    seeds = _seeds(ledger, asked)
    genealogy = _genealogy(ledger, len(seeds.unit))
    held = reached = genealogy.reached(seeds, asked.bad())
    if asked.with_down:
        down = Genealogy(genealogy.edges().turned(), len(seeds.unit)).reached(seeds, asked.bad())
        held = _united(held, down)
    held = _without(held, ledger.transformations)
    if asked.current_only:
        held = held.of(held.unit[held.now()])
    return _placed(genealogy, ledger.known, held, also, are_all=held is reached)


def _seeds(ledger: Ledger, asked: Asked) -> Held:
    """Return the units that the predicate fits; where it names component lots, while they held such a component."""
    fitting = distinct(ledger.labels.units(ledger.known.fitting(ledger.labels)))
    if not asked.predicate.component_lots:
        return whole_life(fitting)
    components = distinct(ledger.labels.units(ledger.known.of_component_lots()))
    genealogy = _genealogy(ledger, len(components))
    edges = genealogy.edges()
    begun = np.isin(edges.component, components)
    held = genealogy.reached(Held(edges.product[begun], edges.start[begun], edges.end[begun]), asked.bad())
    return held.only(np.isin(held.unit, fitting))


def _genealogy(ledger: Ledger, seeds: int) -> Genealogy:
    genealogy = Genealogy(ledger.edges, seeds, ledger.stays)
    genealogy.know(ledger.known.unit, ledger.known.is_part(), ledger.known.last_seen)
    return genealogy


def _united(one: Held, other: Held) -> Held:
    """Return the times of both; what touches is one interval."""
    both = Held(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))
    return Genealogy(_no_edges(), len(both.unit)).reached(both)


def _without(held: Held, ids: Ids) -> Held:
    return held.only(~np.isin(held.unit, ids)) if len(ids) else held


def _placed(genealogy: Genealogy, known: Known, held: Held, also: Ids | None, *, are_all: bool) -> Affected:
    """Look up where units are; `are_all`: they are those that were reached, in their order."""
    first, many = genealogy.by_unit() if are_all else by_unit(held)
    unit = held.unit if len(first) == len(held.unit) else held.unit[first]
    last = first if len(first) == len(held.unit) else first + many - 1
    more = _NO_UNITS if also is None else np.setdiff1d(also, held.unit)
    places = genealogy.places(more) if are_all else _places(genealogy, np.append(unit, more))
    found = Affected(
        unit=unit,
        holds_now=held.now()[last],
        place=known.place(places.where, UNKNOWN),
        site=taken(known.site, places.where, _NOWHERE),
        row=places.own,
        held=held,
        first=first,
        many=many,
    )
    return found.with_others(more) if len(more) else found


def _places(genealogy: Genealogy, units: Ids) -> Places:
    """Return where to look for these units."""
    reached = genealogy.units()
    more = np.setdiff1d(units, reached)
    places, every = genealogy.places(more), np.concatenate([reached, more])
    order = np.argsort(every)
    at = order[np.searchsorted(every, units, sorter=order)]
    return Places(places.own[at], places.where[at])


def _no_edges() -> Edges:
    return Edges(_NO_UNITS, _NO_UNITS, _NO_ROWS, _NO_ROWS)
