"""What is best at one shape is found however steep it is, where powers of ages are beyond all numbers."""

import numpy as np
import pytest
from scipy.optimize import brentq

from analytics.statistics.weibull_likelihood import best_alpha, log_likelihood, sample_of_intervals, slice_at

RETURNED_AT, RETURNED = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 98.0])
SURVIVED_TO, SURVIVORS = np.array([1.0, 2.0]), np.array([100.0, 98.0])


def slope(alpha: float, shape: float) -> float:
    """The derivative by α in plain words: ages over the greatest, in logarithms."""
    found = 0.0
    for lower, count in zip(RETURNED_AT, RETURNED, strict=True):
        log_upper = shape * np.log((lower + 1) / 3)
        log_lower = shape * np.log(lower / 3) if lower else -np.inf
        hazard = np.exp(min(alpha + log_upper + np.log1p(-np.exp(log_lower - log_upper)), 600.0))
        found += count * (hazard / np.expm1(hazard) if 0 < hazard < 600 else float(hazard == 0))
        found -= count * np.exp(min(alpha + log_lower, 600.0))
    for age, count in zip(SURVIVED_TO, SURVIVORS, strict=True):
        found -= count * np.exp(min(alpha + shape * np.log(age / 3), 600.0))
    return found


@pytest.mark.parametrize("shape", [0.01, 0.5, 1.0, 4.0, 30.0, 90.0, 200.0, 1_000.0, 20_000.0])
def test_the_best_is_where_the_slope_is_nothing(shape: float) -> None:
    sample = sample_of_intervals(RETURNED_AT, RETURNED, SURVIVED_TO, SURVIVORS)
    at = slice_at(sample, np.array([shape]))
    best = best_alpha(at)
    expected = brentq(slope, -20.0, 1.2 * shape + 20.0, args=(shape,), xtol=1e-12, rtol=1e-14)
    assert best[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    near = [log_likelihood(at, best + step)[0] for step in (-1e-3, 0.0, 1e-3)]
    assert max(near) == near[1]
