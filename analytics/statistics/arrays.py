"""The arrays that the statistics are written in."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Places = NDArray[np.int64]


def floats(values: ArrayLike) -> Floats:
    """Return the values as float64."""
    return np.asarray(values, dtype=np.float64)


def summed(place: NDArray[np.integer], amount: Floats, length: int) -> Floats:
    """Return the sum of the amounts at each place from 0 to length - 1."""
    return floats(np.bincount(place, amount, length))


def sum_before(at: Floats, amount: Floats, points: Floats) -> Floats:
    """Return for each point the sum of the amounts that lie at less than it."""
    order = np.argsort(at, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(amount[order])])
    return floats(sums[np.searchsorted(at[order], points, side="left")])
