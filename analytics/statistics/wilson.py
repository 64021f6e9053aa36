"""Shares (returned of sold, found of planted) with Wilson's score interval."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from analytics.statistics.poisson import DEFAULT_CONFIDENCE, Rate


def share(part: ArrayLike, whole: ArrayLike, confidence: float = DEFAULT_CONFIDENCE) -> Rate:
    """Return `part` of `whole` with Wilson's limits (no continuity correction).

    Units: fractions from 0 to 1. An empty whole: not a number.
    Source: Wilson 1927; it stays inside 0..1 and says something at 0 and at all, where the normal limits do not.
    Raises: ValueError where part is negative or more than the whole, or for a confidence outside (0, 1).
    """
    some, every = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    if np.any(some < 0) or np.any(some > every) or not 0 < confidence < 1:
        message = f"a part must lie between 0 and its whole, confidence between 0 and 1: {some}, {every}, {confidence}"
        raise ValueError(message)
    count = np.where(every > 0, every, np.nan)
    z = float(ndtri(1 - (1 - confidence) / 2))
    observed = some / count
    centre = (some + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * np.sqrt(some * (count - some) / count + z * z / 4)
    low = np.where(some == 0, 0.0, centre - half)  # exactly 0 and 1 at the ends, whatever the rounding
    high = np.where(some == count, 1.0, centre + half)
    return Rate(observed, np.where(np.isnan(count), np.nan, low), high)
