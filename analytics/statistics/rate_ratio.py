"""How much more often some units fail than the others: the exact binomial test given the failures of both."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv

from analytics.statistics.arrays import Floats, floats
from analytics.statistics.poisson import DEFAULT_CONFIDENCE


class RateRatio(NamedTuple):
    """The rate of some units over that of the others.

    Shape: four float64 arrays of the shape of the counts. `p` is the chance of as many failures or more if both fail
    alike; nan where there is nothing to compare.
    """

    value: Floats
    low: Floats
    high: Floats
    p: Floats


def rate_ratio(
    failures: ArrayLike, expected: ArrayLike, total: ArrayLike, confidence: float = DEFAULT_CONFIDENCE
) -> RateRatio:
    """Compare units that had `failures` of the `total`, of which `expected` would be theirs if all failed alike.

    Given the total, their failures are binomial with the share ρ e / (ρ e + total - e), ρ the ratio. The limits are
    Clopper and Pearson's of that share, turned into ρ; with no failures the lower is 0, with all the upper unbounded.
    Source: Przyborowski and Wilenski 1940.
    """
    seen, due, whole = np.broadcast_arrays(floats(failures), floats(expected), floats(total))
    usable = (due > 0) & (due < whole)
    share = np.where(usable, due / np.where(whole > 0, whole, 1.0), 0.5)
    rest = whole - seen
    tail = (1 - confidence) / 2
    low = np.where(seen > 0, betaincinv(np.maximum(seen, 0.5), rest + 1, tail), 0.0)
    high = np.where(rest > 0, betaincinv(seen + 1, np.maximum(rest, 0.5), 1 - tail), 1.0)
    with np.errstate(divide="ignore"):
        columns = [part / (1 - part) * (1 - share) / share for part in (seen / np.maximum(whole, 1.0), low, high)]
    chance = np.where(seen > 0, betainc(np.maximum(seen, 0.5), rest + 1, share), 1.0)
    return RateRatio(*(np.where(usable, column, np.nan) for column in (*columns, chance)))
