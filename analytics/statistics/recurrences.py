"""The mean cumulative function: how often a unit has failed, on average, by each age; every failure counts."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analytics.statistics.age_table import Stop
from analytics.statistics.arrays import Floats, Places, floats, sum_before, summed
from analytics.statistics.hazard import log_limits
from analytics.statistics.poisson import DEFAULT_CONFIDENCE

METHOD = (
    "mean cumulative function, robust variance of Lawless and Nadeau, limits mcf exp(± z se / mcf), null while mcf is "
    "0; a unit is observed where entry < t <= end"
)

_ROUNDING = 1e-12
"""Where all units are alike their squares cancel; what is left below this part of them is rounding."""


class Histories(NamedTuple):
    """The observed lives of units and their events.

    Shape: entry, end, weight per unit (a unit without events may stand for many: its weight); unit and age per event,
    unit being an index into the first three.
    """

    entry: Floats
    end: Floats
    weight: Floats
    unit: Places
    age: Floats


class MeanCurve(NamedTuple):
    """The mean number of events per unit, one row per distinct age at which a unit had an event or left.

    Shape: seven float64 arrays of one length. Undefined: nan.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    value: Floats
    std_err: Floats
    low: Floats
    high: Floats
    stop: Stop | None


class _Ages(NamedTuple):
    """At each distinct age: who is there, what happens, and the mean's growth up to it.

    `growth` is the sum of events / at_risk², one longer than the ages: index i holds what was added before age i.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    growth: Floats


def histories(
    entry: ArrayLike, end: ArrayLike, unit: ArrayLike, age: ArrayLike, weight: ArrayLike | None = None
) -> Histories:
    """Return checked histories.

    Raises: ValueError where an event is not in its unit's (entry, end], or a unit has no such time.
    """
    start, last = floats(entry), floats(end)
    owner, when = np.asarray(unit, dtype=np.int64), floats(age)
    if np.any(~(last > start)) or np.any(~(when > start[owner])) or np.any(when > last[owner]):
        message = "a unit is observed on (entry, end], and every event must lie in there"
        raise ValueError(message)
    count = np.ones(len(start)) if weight is None else floats(weight)
    return Histories(start, last, count, owner, when)


def mean_cumulative(units: Histories, confidence: float = DEFAULT_CONFIDENCE) -> MeanCurve:
    """Return the mean cumulative function of the events.

    Units: events per unit; limits undefined while it is 0.
    Source: Nelson 1988; variance Lawless and Nadeau 1995, as Meeker and Escobar 1998, (16.3): over units, the squared
    sum of (own events - mean) / at_risk.
    """
    ages = _ages_of(units)
    mean = np.cumsum(ages.events / ages.at_risk)
    means, events = _squares_of_means(units, ages), _squares_of_events(units, ages)
    variance = means + events
    std_err = np.sqrt(np.where(variance > _ROUNDING * means, variance, 0.0))
    low, high = log_limits(mean, std_err, confidence)
    stop = _stop_of(units, ages)
    kept = len(ages.time) if stop is None else int(np.searchsorted(ages.time, stop.time, side="right"))
    columns = (ages.time, ages.at_risk, ages.events, mean, std_err, low, high)
    return MeanCurve._make([*(column[:kept] for column in columns), stop])


def _ages_of(units: Histories) -> _Ages:
    time = np.unique(np.concatenate([units.age, units.end]))
    at_risk = sum_before(units.entry, units.weight, time) - sum_before(units.end, units.weight, time)
    events = summed(np.searchsorted(time, units.age), units.weight[units.unit], len(time))
    growth = np.concatenate([[0.0], np.cumsum(events / at_risk**2)])
    return _Ages(time, at_risk, events, growth)


def _stop_of(units: Histories, ages: _Ages) -> Stop | None:
    """Return where nobody is observed any more although units enter later: the mean's growth in between is unknown."""
    present = np.searchsorted(np.sort(units.entry), ages.time, side="right")
    over = present - np.searchsorted(np.sort(units.end), ages.time, side="right") <= 0
    if not np.any(over[:-1]):
        return None
    time = float(ages.time[int(np.argmax(over))])
    later = float(units.weight[units.entry > time].sum())
    return Stop(time, f"nobody is observed after age {time:g}, although {later:g} enter later")


def _squares_of_means(units: Histories, ages: _Ages) -> Floats:
    """Return the sum over units of C², C the mean's growth over the unit's own time up to each age."""
    first, last = _growth_at(ages, units.entry), _growth_at(ages, units.end)
    now, weight = ages.growth[1:], units.weight
    zero, one, two = (_present(units, ages, weight * first**power) for power in (0, 1, 2))
    left = sum_before(units.end, weight * (last - first) ** 2, ages.time)
    return now**2 * zero - 2 * now * one + two + left


def _squares_of_events(units: Histories, ages: _Ages) -> Floats:
    """Return the sum over units of E² - 2 E C, E the unit's own events, each divided by the number then at risk."""
    order = np.lexsort((units.age, units.unit))
    unit, age = units.unit[order], units.age[order]
    weight = units.weight[unit]
    place = np.searchsorted(ages.time, age)
    share = 1.0 / ages.at_risk[place]
    before = _sums_before(unit, share)
    first, last = _growth_at(ages, units.entry)[unit], _growth_at(ages, units.end)[unit]
    squares = np.cumsum(summed(place, weight * share * (share + 2 * before), len(ages.time)))
    now = ages.growth[1:]
    on = np.cumsum(summed(place, weight * share, len(ages.time)))
    on_first = np.cumsum(summed(place, weight * share * first, len(ages.time)))
    end = units.end[unit]
    gone = sum_before(end, weight * share, ages.time)
    gone_first = sum_before(end, weight * share * first, ages.time)
    gone_last = sum_before(end, weight * share * last, ages.time)
    crossed = now * (on - gone) - on_first + gone_first + (gone_last - gone_first)
    return squares - 2 * crossed


def _sums_before(unit: Places, share: Floats) -> Floats:
    """Return the sum of a unit's earlier shares, the rows being sorted by unit."""
    total = np.cumsum(share) - share
    starts = np.concatenate([[True], unit[1:] != unit[:-1]]) if len(unit) else np.zeros(0, dtype=bool)
    return total - np.maximum.accumulate(np.where(starts, total, 0.0))


def _growth_at(ages: _Ages, age: Floats) -> Floats:
    """Return the growth up to and with an age."""
    return floats(ages.growth[np.searchsorted(ages.time, age, side="right")])


def _present(units: Histories, ages: _Ages, amount: Floats) -> Floats:
    """Return the sum of an amount over those observed at each age."""
    return sum_before(units.entry, amount, ages.time) - sum_before(units.end, amount, ages.time)
