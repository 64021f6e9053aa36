"""A table of lifetimes of one's own: when each unit came under observation, when it left and how, and how often.

Columns: time, event (1/0/true/false), and as wanted entry (blank is 0), group, unit, weight (how many rows it is).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.statistics.age_table import CENSORED, COMPETING, EVENT, AgeTable, age_table
from analytics.statistics.arrays import Floats
from analytics.tables.cells import Faults, Row, Table, no_whole_number, number, require_columns, whole_number

_EVENTS = {"1": EVENT, "true": EVENT, "0": CENSORED, "false": CENSORED}
_COMPETING_EVENTS = _EVENTS | {"2": COMPETING}


@dataclass(frozen=True)
class Columns:
    """Which column holds what; None where the table has no such thing."""

    time: str
    event: str
    entry: str | None = None
    group: str | None = None
    unit: str | None = None
    weight: str | None = None


class Lifetimes(NamedTuple):
    """The rows of a table.

    Shape: time, entry, weight float64, event int64, group and unit text; all of one length. `rows` are their places in
    the file.
    """

    time: Floats
    entry: Floats
    event: NDArray[np.int64]
    weight: Floats
    group: list[str | None]
    unit: list[str]
    rows: list[Row]

    @property
    def zero_weight(self) -> int:
        """Return how many rows have the weight 0, and take no part."""
        return int(np.sum(self.weight == 0))


class _Read(NamedTuple):
    time: float
    entry: float
    event: int
    weight: int


def read_lifetimes(table: Table, columns: Columns, *, competing: bool = False) -> Lifetimes:
    """Read and check every row; with `competing`, event may be 2: ended by what makes the event impossible.

    Raises: TableWrong naming each bad row, its column, its value and what would be right.
    """
    named = (columns.time, columns.event, columns.entry, columns.group, columns.unit, columns.weight)
    require_columns(table, [name for name in named if name is not None])
    faults = Faults(table.file)
    read = [(row, _row(row, columns, _COMPETING_EVENTS if competing else _EVENTS, faults)) for row in table.rows]
    faults.raise_any()
    kept = [(row, values) for row, values in read if values is not None]
    numbers = np.array([values for _, values in kept], dtype=np.float64).reshape(-1, len(_Read._fields))
    return Lifetimes(
        numbers[:, 0],
        numbers[:, 1],
        numbers[:, 2].astype(np.int64),
        numbers[:, 3],
        [row.cells[columns.group] if columns.group else None for row, _ in kept],
        [row.cells[columns.unit] if columns.unit else str(row.number) for row, _ in kept],
        [row for row, _ in kept],
    )


def tables_by_group(lives: Lifetimes) -> dict[str | None, AgeTable]:
    """Return the age table of each group, in the order of their names; None is the one group of a table without."""
    places = places_by_group(lives.group, lives.weight)
    return {
        name: age_table(lives.entry[own], lives.time[own], lives.event[own], lives.weight[own])
        for name, own in places.items()
    }


def places_by_group(names: Sequence[str | None], weight: Floats) -> dict[str | None, NDArray[np.int64]]:
    """Return which rows belong to each group, those of weight 0 to none; groups in order of their names."""
    found: dict[str | None, list[int]] = {}
    for place in np.flatnonzero(weight > 0).tolist():
        found.setdefault(names[place], []).append(place)
    ordered = sorted(found, key=lambda name: (name is not None, name or ""))
    return {name: np.array(found[name], dtype=np.int64) for name in ordered}


def _row(row: Row, columns: Columns, events: dict[str, int], faults: Faults) -> _Read | None:
    before = len(faults.told)
    time = number(row.cells[columns.time])
    if time is None:
        faults.add(row, columns.time, "is no number; a time is a number greater than the entry, as 12.5")
    entry = _entry(row, columns, faults)
    event = events.get(row.cells[columns.event].lower())
    if event is None:
        faults.add(row, columns.event, f"is none of {', '.join(events)}")
    weight = _weight(row, columns, faults)
    if columns.unit and not row.cells[columns.unit]:
        faults.add(row, columns.unit, "names no unit; write whose event or end the row is")
    if time is not None and time <= entry:
        faults.add(row, columns.time, f"is not greater than the entry {entry:g}; a unit is at risk on (entry, time]")
    if len(faults.told) > before or time is None or event is None or weight is None:
        return None
    return _Read(time, entry, event, weight)


def _weight(row: Row, columns: Columns, faults: Faults) -> int | None:
    text = row.cells[columns.weight] if columns.weight else "1"
    weight = whole_number(text)
    if weight is None:
        why = "is no weight; it says how many equal rows this is, a whole number from 0"
        faults.add(row, str(columns.weight), no_whole_number(text, why))
    return weight


def _entry(row: Row, columns: Columns, faults: Faults) -> float:
    text = row.cells[columns.entry] if columns.entry else ""
    entry = number(text) if text else 0.0
    if entry is None or entry < 0:
        faults.add(row, str(columns.entry), "is no entry; it is a number from 0, blank for 0")
        return 0.0
    return entry
