"""Which values of which attributes go with failing: compared within item and age band, ranked by what is certain."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.arrays import Floats, Places, summed
from analytics.statistics.discoveries import adjusted
from analytics.statistics.poisson import DEFAULT_CONFIDENCE
from analytics.statistics.rate_ratio import rate_ratio

FALSE_DISCOVERY_RATE = 0.05
SHARED_FAILURES = 0.8


class Exposed(NamedTuple):
    """Unit-days and failures of each attribute value within each stratum (item and age band).

    Shape: four arrays of one length; value and stratum are numbers from 0. Stratum totals are given once, below.
    """

    value: Places
    stratum: Places
    unit_days: Floats
    failures: Floats


class Strata(NamedTuple):
    """Unit-days and failures of all units within each stratum.

    Shape: two float64 arrays by stratum number.
    """

    unit_days: Floats
    failures: Floats


class Cause(NamedTuple):
    """A value that goes with failing, and those that are hardly anything but the same failures."""

    value: int
    same: tuple[int, ...]
    failures: float
    expected: float
    ratio: float
    low: float
    high: float
    q: float


class Compared(NamedTuple):
    """Every value's comparison with the units that do not have it.

    Shape: six float64 arrays by value number; nan where the value has no stratum to share with others.
    """

    failures: Floats
    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    q: Floats


def compare(exposed: Exposed, strata: Strata, values: int, confidence: float = DEFAULT_CONFIDENCE) -> Compared:
    """Compare each value's failures with those expected of its unit-days at its strata's rates.

    Only strata in which others have unit-days too take part. q is Benjamini and Hochberg's over all values compared.
    """
    whole_days, whole_failures = strata.unit_days[exposed.stratum], strata.failures[exposed.stratum]
    shared = exposed.unit_days < whole_days
    share = np.divide(exposed.unit_days, whole_days, out=np.zeros_like(whole_days), where=whole_days > 0)
    failures, expected, total = (
        summed(exposed.value, np.where(shared, column, 0.0), values)
        for column in (exposed.failures, share * whole_failures, whole_failures)
    )
    found = rate_ratio(failures, expected, total, confidence)
    tested = ~np.isnan(found.p)
    q = np.full(values, np.nan)
    q[tested] = adjusted(found.p[tested])
    return Compared(failures, expected, found.value, found.low, found.high, q)


def causes(compared: Compared, value: Places, failure: Places, rate: float = FALSE_DISCOVERY_RATE) -> list[Cause]:
    """Return the discoveries, the greatest lower limit of the ratio first.

    Args:
        compared: From `compare`.
        value: With `failure`, which failures (numbers from 0) belong to which values: one row for each belonging.
        failure: See `value`.
        rate: The false-discovery rate.

    Values that share more than 80 % of their failures, of the larger set, are shown as one, under the first of them.
    """
    chosen = np.flatnonzero(compared.q <= rate)
    ranked = chosen[np.lexsort((chosen, -compared.low[chosen]))]
    members = {int(each): set(failure[value == each].tolist()) for each in ranked}
    groups: dict[int, list[int]] = {}
    for each in map(int, ranked):
        leader = next((first for first in groups if _are_same(members[first], members[each])), each)
        groups.setdefault(leader, []).append(each)
    return [
        Cause(first, tuple(same[1:]), *(float(column[first]) for column in compared)) for first, same in groups.items()
    ]


def _are_same(one: set[int], other: set[int]) -> bool:
    return len(one & other) > SHARED_FAILURES * max(len(one), len(other))
