"""Many tests at once: Benjamini-Hochberg."""

import numpy as np
from numpy.typing import ArrayLike

from analytics.statistics.arrays import Floats, floats


def adjusted(p_values: ArrayLike) -> Floats:
    """Return the least false-discovery rate at which each test is among the discoveries.

    Shape: as `p_values`, one-dimensional. A test is a discovery at rate q where its adjusted value is at most q.
    Source: Benjamini and Hochberg 1995; the step-up procedure.
    Raises: ValueError for a value outside 0..1.
    """
    p = floats(p_values)
    if np.any(~((p >= 0) & (p <= 1))):
        message = "p-values lie between 0 and 1"
        raise ValueError(message)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
