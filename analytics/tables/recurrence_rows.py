"""Units' histories from a table with a row per event: event = 0 ends a unit's observation."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.statistics.age_table import EVENT
from analytics.statistics.recurrences import Histories, histories
from analytics.tables.cells import Faults
from analytics.tables.lifetimes import Columns, Lifetimes, places_by_group


def histories_by_group(file: Path, lives: Lifetimes, columns: Columns) -> dict[str | None, Histories]:
    """Return the histories of each group's units.

    A unit without an end is observed to its last event. All rows of a unit must agree on entry, group and weight;
    where that is 0 the unit takes no part.
    Raises: TableWrong naming each row that does not, an event after the unit's end, and a second end.
    """
    faults = Faults(file)
    of_unit = _places_by_unit(lives.unit)
    ends = np.array([_end(lives, columns, places, faults) for places in of_unit.values()])
    faults.raise_any()
    first = np.array([places[0] for places in of_unit.values()], dtype=np.int64)
    groups = places_by_group([lives.group[place] for place in first], lives.weight[first])
    return {name: _histories(lives, list(of_unit.values()), first, ends, own) for name, own in groups.items()}


def ended_at_last_event(lives: Lifetimes) -> int:
    """Return how many units have no row that ends them, so that they count as observed to their last event."""
    of_unit = _places_by_unit(lives.unit).values()
    return int(sum(lives.weight[places[0]] for places in of_unit if all(lives.event[places] == EVENT)))


def _histories(
    lives: Lifetimes,
    places: Sequence[list[int]],
    first: NDArray[np.int64],
    ends: NDArray[np.float64],
    own: NDArray[np.int64],
) -> Histories:
    events = [(unit, place) for unit, index in enumerate(own) for place in places[index] if lives.event[place] == EVENT]
    unit, place = np.array(events, dtype=np.int64).reshape(-1, 2).T
    return histories(lives.entry[first[own]], ends[own], unit, lives.time[place], lives.weight[first[own]])


def _places_by_unit(names: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    return found


def _end(lives: Lifetimes, columns: Columns, places: list[int], faults: Faults) -> float:
    """Return when a unit's observation ends."""
    first = places[0]
    ends = [place for place in places if lives.event[place] != EVENT]
    end = float(lives.time[ends[0]] if ends else lives.time[places].max())
    for place in ends[1:]:
        faults.add(lives.rows[place], columns.event, f"ends unit {lives.unit[place]!r} a second time; one end a unit")
    for place in places:
        if lives.time[place] > end:
            why = f"is after the end of unit {lives.unit[place]!r} at {end:g}; nobody watched it any more"
            faults.add(lives.rows[place], columns.time, why)
        for column, ours, theirs in (
            (columns.entry, lives.entry[place], lives.entry[first]),
            (columns.weight, lives.weight[place], lives.weight[first]),
            (columns.group, lives.group[place], lives.group[first]),
        ):
            if column is not None and ours != theirs:
                why = f"differs from {theirs!s} in line {lives.rows[first].line}; rows of one unit must agree"
                faults.add(lives.rows[place], column, why)
    return end
