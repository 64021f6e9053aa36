"""Failures per unit-year with exact Poisson limits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

DAYS_PER_YEAR = 365.0
DEFAULT_CONFIDENCE = 0.95


class Rate(NamedTuple):
    """A rate with its interval.

    Shape: three float64 arrays of the shape of the counts.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def poisson_limits(events: ArrayLike, confidence: float = DEFAULT_CONFIDENCE) -> tuple[NDArray[np.float64], ...]:
    """Return the exact lower and upper limit of a Poisson mean of which `events` were seen.

    Source: Garwood 1936: chi2(a/2, 2k)/2 and chi2(1-a/2, 2k+2)/2. Half a chi-square quantile of 2k degrees is the
    gamma quantile of shape k, which `scipy.special` has without importing all of `scipy.stats`.
    Raises: ValueError for a negative count or a confidence outside (0, 1).
    """
    count = np.asarray(events, dtype=np.float64)
    if np.any(count < 0) or not 0 < confidence < 1:
        message = f"counts must not be negative and confidence must be between 0 and 1: {count}, {confidence}"
        raise ValueError(message)
    tail = (1 - confidence) / 2
    seen = count > 0
    low = np.where(seen, gammaincinv(np.where(seen, count, 1.0), tail), 0.0).astype(np.float64)
    high = gammaincinv(count + 1, 1 - tail)
    return low, np.asarray(high, dtype=np.float64)


def failures_per_unit_year(failures: ArrayLike, unit_days: ArrayLike, confidence: float = DEFAULT_CONFIDENCE) -> Rate:
    """Return failures per unit-year; a unit-year is 365 unit-days.

    Units: `unit_days` in days; the result per unit-year (times 100: percent). No exposure: not a number.
    """
    years = np.asarray(unit_days, dtype=np.float64) / DAYS_PER_YEAR
    years = np.where(years > 0, years, np.nan)
    low, high = poisson_limits(failures, confidence)
    return Rate(np.asarray(failures, dtype=np.float64) / years, low / years, high / years)
