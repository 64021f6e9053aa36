"""Units by age: how many entered, failed, ended otherwise and were censored at each age, with frequencies as weights.

Everything about lifetimes is worked out from such a table, so a row with weight w is the same as w equal rows.
A unit is at risk at t where entry < t <= exit; at equal t failures come before censorings.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analytics.statistics.arrays import Floats, floats, summed

EVENT, COMPETING, CENSORED = 1, 2, 0
"""What ended a unit's time at risk: the event itself, something that makes it impossible, or only our looking."""


class AgeTable(NamedTuple):
    """The units of one group by age.

    Shape: five float64 arrays of one length; ages ascend and are distinct. `entered` counts units whose entry is that
    age, the others units whose exit is.
    """

    age: Floats
    events: Floats
    competing: Floats
    censored: Floats
    entered: Floats

    @property
    def exits(self) -> Floats:
        """Return how many units leave the risk set at each age."""
        return self.events + self.competing + self.censored


class RiskSets(NamedTuple):
    """Who was at risk at each distinct exit age.

    Shape: six float64 arrays of one length. `entered` counts the units that have joined since the row before, so
    at_risk = the row before's at_risk - events - competing - censored, + entered.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    competing: Floats
    censored: Floats
    entered: Floats


class Stop(NamedTuple):
    """Why a curve ends before the last row: after `time` nobody is left to tell how it goes on."""

    time: float
    reason: str


def age_table(entry: ArrayLike, leave: ArrayLike, event: ArrayLike, weight: ArrayLike | None = None) -> AgeTable:
    """Return the table of units that are at risk on (entry, leave].

    Args:
        entry: The age from which a unit is at risk; 0 for a whole life.
        leave: The age at which it ends.
        event: EVENT, COMPETING or CENSORED.
        weight: How often the row counts; once where left out.

    Raises: ValueError where a unit is at risk at no age, that is leave <= entry.
    """
    start, end = floats(entry), floats(leave)
    if np.any(~(end > start)):
        message = "a unit is at risk on (entry, leave]: leave must be greater than entry"
        raise ValueError(message)
    how = np.asarray(event, dtype=np.int64)
    count = np.ones(len(end)) if weight is None else floats(weight)
    ages, place = np.unique(np.concatenate([start, end]), return_inverse=True)
    starts, ends = place[: len(start)], place[len(start) :]
    by_end = [summed(ends, count * (how == kind), len(ages)) for kind in (EVENT, COMPETING, CENSORED)]
    return AgeTable._make([ages, *by_end, summed(starts, count, len(ages))])


def pooled(tables: list[AgeTable]) -> AgeTable:
    """Return the table of all groups together."""
    ages, place = np.unique(np.concatenate([table.age for table in tables]), return_inverse=True)
    columns = (np.concatenate(column) for column in zip(*(table[1:] for table in tables), strict=True))
    return AgeTable._make([ages, *(summed(place, column, len(ages)) for column in columns)])


def from_age(table: AgeTable, age: float) -> AgeTable:
    """Return those still at risk after `age`, entering there at the earliest: what is given survival to it."""
    later = table.age > age
    present = float(table.entered[~later].sum() - table.exits[~later].sum())
    kept = [np.concatenate([[0.0], column[later]]) for column in table]
    kept[0][0], kept[-1][0] = age, present
    return AgeTable(*kept)


def risk_sets(table: AgeTable) -> RiskSets:
    """Return who was at risk at each distinct exit age: entry < t <= exit."""
    leaves = table.exits > 0
    joined_before = np.concatenate([[0.0], np.cumsum(table.entered)[:-1]])[leaves]
    left_before = np.concatenate([[0.0], np.cumsum(table.exits)[:-1]])[leaves]
    time, events, competing, censored, _ = (column[leaves] for column in table)
    entered = np.diff(joined_before, prepend=0.0)
    return RiskSets(time, joined_before - left_before, events, competing, censored, entered)


def stop_of(table: AgeTable, *, stops_at_zero: bool = True) -> Stop | None:
    """Return where a curve says nothing more although units are seen at later ages; None where it never is so.

    That is where everyone at risk has left and nobody has entered, and for a survival curve (`stops_at_zero`) where
    everyone at risk failed at once: whatever comes later does not raise it from 0. A hazard goes on accumulating.
    """
    risk = risk_sets(table)
    present = np.cumsum(table.entered - table.exits)[table.exits > 0]
    over = (present <= 0) | (stops_at_zero & (risk.events >= risk.at_risk))
    if not np.any(over[:-1]):
        return None
    place = int(np.argmax(over))
    time = float(risk.time[place])
    later = float(table.entered[table.age >= time].sum())
    if present[place] > 0:
        return Stop(time, f"survival is 0 after age {time:g}, whatever becomes of the {later:g} who enter from then on")
    return Stop(time, f"nobody is left at risk after age {time:g}, although {later:g} enter later")


def until(risk: RiskSets, stop: Stop | None) -> RiskSets:
    """Return the rows up to a stop."""
    return risk if stop is None else RiskSets(*(column[risk.time <= stop.time] for column in risk))
