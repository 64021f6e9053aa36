"""Do the limits hold what they promise: 2,000 simulated fleets of fixed seed, and the Poisson limits by computation.

A fleet: units with a Weibull life of shape 1.5, looked at when they are 0 to 1 old, the scale such that the given share
has failed by then. Truncated: every other unit came under observation late, at up to half its age then, and is in the
fleet only because it had not failed before. Limits that are null on one side are open there; a fleet without a curve at
the median age counts as missed.
"""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import poisson

from analytics.statistics.age_table import age_table
from analytics.statistics.arrays import Floats, Truths
from analytics.statistics.forecast import forecast
from analytics.statistics.nevada import Shipments, Timing, coming, sample_of_shipments
from analytics.statistics.poisson import poisson_limits
from analytics.statistics.survival import kaplan_meier
from analytics.statistics.weibull_fit import fit
from analytics.statistics.weibull_likelihood import Sample

FLEETS = 2000
SHAPE = 1.5
LEAST, MOST = 0.93, 0.97
MEDIAN_AGE = 0.5


class Fleets(NamedTuple):
    """Simulated fleets. Shape: (fleets, units)."""

    entry: Floats
    leave: Floats
    failed: Truths
    scale: float


def simulated(units: int, failing: float, *, truncated: bool) -> Fleets:
    generator = np.random.default_rng(units + truncated)
    shape = (FLEETS, units)
    end = generator.uniform(0, 1, shape)
    late = np.arange(units) % 2 * truncated
    entry = generator.uniform(0, 0.5, shape) * end * late

    def excess(log_scale: float) -> float:
        hazard = (end / np.exp(log_scale)) ** SHAPE - (entry / np.exp(log_scale)) ** SHAPE
        return float(np.mean(-np.expm1(-hazard))) - failing

    scale = float(np.exp(brentq(excess, -3, 5)))
    life = scale * ((entry / scale) ** SHAPE + generator.exponential(size=shape)) ** (1 / SHAPE)
    return Fleets(entry, np.minimum(life, end), life <= end, scale)


def samples_of(fleets: Fleets) -> Sample:
    """Return one sample per fleet."""
    greatest = fleets.leave.max(axis=1)
    leave, entry = fleets.leave / greatest[:, None], fleets.entry / greatest[:, None]
    entered = entry > 0
    log_age = np.log(np.concatenate([leave, np.where(entered, entry, 1.0)], axis=1))
    weight = np.concatenate([np.ones_like(leave), -entered.astype(np.float64)], axis=1)
    log_sum = (fleets.failed * np.log(leave)).sum(axis=1)
    nothing = np.zeros((len(leave), 0))
    failures = fleets.failed.sum(axis=1).astype(np.float64)
    return Sample(greatest, failures, log_sum, log_age, weight, nothing, nothing, nothing)


def share_within(low: Floats, true: float, high: Floats) -> float:
    """Return the share of limits that hold the truth, an undefined one being open."""
    return float(np.mean((np.nan_to_num(low, nan=-np.inf) <= true) & (true <= np.nan_to_num(high, nan=np.inf))))


def share_of_curves_within(fleets: Fleets) -> float:
    survival = float(np.exp(-((MEDIAN_AGE / fleets.scale) ** SHAPE)))
    held = 0
    for entry, leave, failed in zip(fleets.entry, fleets.leave, fleets.failed, strict=True):
        curve = kaplan_meier(age_table(entry, leave, failed))
        place = int(np.searchsorted(curve.risk.time, MEDIAN_AGE, side="right")) - 1
        held += bool(curve.low[place] <= survival <= curve.high[place])
    return held / len(fleets.leave)


def check(units: int, failing: float, *, truncated: bool) -> None:
    fleets = simulated(units, failing, truncated=truncated)
    fits = fit(samples_of(fleets))
    found = {
        "shape": share_within(fits.shape_low, SHAPE, fits.shape_high),
        "scale": share_within(fits.scale_low, fleets.scale, fits.scale_high),
        "survival at the median age": share_of_curves_within(fleets),
    }
    assert all(LEAST <= share <= MOST for share in found.values()), found


@pytest.mark.parametrize("truncated", [False, True])
def test_the_limits_of_small_fleets_hold_the_truth_95_times_in_100(truncated: bool) -> None:
    check(100, 0.1, truncated=truncated)


@pytest.mark.slow
@pytest.mark.parametrize("truncated", [False, True])
@pytest.mark.parametrize(("units", "failing"), [(200, 0.1), (500, 0.2)])
def test_the_limits_of_larger_fleets_hold_the_truth_95_times_in_100(
    units: int, failing: float, truncated: bool
) -> None:
    check(units, failing, truncated=truncated)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_exact_poisson_limits_hold_the_mean_at_least_as_often_as_promised(confidence: float) -> None:
    """Computed, not simulated: the chance of every count whose limits hold the mean."""
    counts = np.arange(400)
    low, high = poisson_limits(counts, confidence)
    means = np.linspace(0.5, 100, 1991)
    holds = (low <= means[:, None]) & (means[:, None] <= high)
    covered = (holds * poisson.pmf(counts, means[:, None])).sum(axis=1)
    assert covered.min() >= confidence
    assert covered.max() < confidence + (1 - confidence)


def returned(generator: np.random.Generator, periods: int, units: int, scale: float) -> tuple[Shipments, int]:
    """Return a triangle of shipments as known at the end of its last period, and how many come back in the next."""
    shipped = np.arange(periods, dtype=np.float64)
    whole_age = np.floor(scale * generator.weibull(SHAPE, (periods, units)))
    period = shipped[:, None] + whole_age
    known = period < periods
    returns = np.stack(
        [
            np.bincount(ages[seen].astype(np.int64), minlength=periods)
            for ages, seen in zip(whole_age, known, strict=True)
        ]
    )
    quantity, last = np.full(periods, float(units)), np.full(periods, periods - 1.0)
    return Shipments(shipped, quantity, last, returns.astype(np.float64)), int((period == periods).sum())


def share_of_forecasts_within(fleets: int) -> float:
    """Return how often the limits hold the returns of the next period, of which 57 are expected."""
    generator = np.random.default_rng(4)
    held = 0
    for _ in range(fleets):
        shipments, next_returns = returned(generator, periods=5, units=1000, scale=38.0)
        sample = sample_of_shipments(shipments, Timing.INTERVAL)
        fits = fit(sample)
        ahead = coming(shipments, Timing.INTERVAL, 1)
        found = forecast(sample, float(fits.shape[0]), ahead, 0.95)
        held += bool(found.low[0] <= next_returns <= found.high[0])
    return held / fleets


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_prediction_limits_hold_what_comes_95_times_in_100() -> None:
    assert LEAST <= share_of_forecasts_within(FLEETS) <= MOST


def test_prediction_limits_of_a_few_fleets_are_not_far_off() -> None:
    """60 fleets: with 93 in 100 fewer than 49 hold in 1 of 1,000 runs."""
    assert share_of_forecasts_within(60) >= 49 / 60
