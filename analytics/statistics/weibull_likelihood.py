"""The likelihood of a Weibull distribution, for many samples at once.

With shape β and α = -β log(scale) the hazard accumulated up to t is e^α t^β. The logarithm of the likelihood is
    d (log β + α) + (β - 1) Σ log t  -  e^α Σ ± t^β  +  Σ r log(1 - exp(-e^α (u^β - l^β)))
over d exact failures at t; all exits (+) and entries (-); and r failures known to lie in (l, u], which are also
counted as exits at l. Given β it is concave in α, so that α is found, not searched for.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from analytics.statistics.age_table import AgeTable
from analytics.statistics.arrays import Floats, Places, floats

_STEPS = 400
_SMALL = 1e-12
_STEP = 2.0
_LEAST_HAZARD, _MOST_HAZARD = 1e-150, 300.0
_MOST_EXPONENT = 300.0
_LITTLE = 1e-7
"""Hazards below this are taken by the first term of their series: the next is below the last digit that is used."""
_NEAR = -0.5


class Sample(NamedTuple):
    """What the likelihood needs of samples, ages divided by the greatest so that no power overflows.

    Shape: the first three (samples,); log_age and weight (samples, ages); the last three (samples, intervals), where
    an interval from 0 has log_lower -inf. Rows that are only padding have weight 0.
    """

    unit: Floats
    failures: Floats
    log_sum: Floats
    log_age: Floats
    weight: Floats
    log_lower: Floats
    log_upper: Floats
    returned: Floats


class Slice(NamedTuple):
    """The likelihood at one shape per sample: what is left is a function of α.

    Powers of ages are far below 1 at steep shapes and e^α far above, so only their products are made: `total` is
    Σ ± t^β over e^shift, the intervals' u^β - l^β is kept as its logarithm, and slopes by the shape as shares of both.
    """

    shape: Floats
    base: Floats
    slope_base: Floats
    failures: Floats
    shift: Floats
    total: Floats
    slope_total: Floats
    log_gap: Floats
    slope_log_gap: Floats
    returned: Floats


_Function = Callable[[Slice, Floats], Floats]


def sample_of(table: AgeTable) -> Sample:
    """Return one sample of units that failed at known ages, entered late and were censored."""
    greatest = float(table.age.max(initial=0.0)) or 1.0
    log_age, weight = _scaled(table.age, greatest), table.exits - table.entered
    weight = np.where(table.age > 0, weight, 0.0)
    log_sum = float(np.sum(table.events * log_age))
    nothing = np.zeros((1, 0))
    first = (np.array([greatest]), np.array([table.events.sum()]), np.array([log_sum]))
    return Sample(*first, log_age[None], weight[None], nothing, nothing, nothing)


def sample_of_intervals(lower: Floats, returned: Floats, censored_at: Floats, survivors: Floats) -> Sample:
    """Return one sample of units that failed within (lower, lower + 1], and of survivors at their ages."""
    lower, returned = lower[returned > 0], returned[returned > 0]
    greatest = float(max(lower.max(initial=0.0) + 1, censored_at.max(initial=0.0)))
    ages = np.concatenate([lower, censored_at])
    weight = np.where(ages > 0, np.concatenate([returned, survivors]), 0.0)
    with np.errstate(divide="ignore"):
        log_lower = np.log(lower / greatest)
    log_upper = np.log((lower + 1) / greatest)
    first = (np.array([greatest]), np.zeros(1), np.zeros(1))
    return Sample(*first, _scaled(ages, greatest)[None], weight[None], log_lower[None], log_upper[None], returned[None])


def samples_at(sample: Sample, places: Places) -> Sample:
    """Return some of the samples."""
    return Sample(*(column[places] for column in sample))


def repeated(sample: Sample, times: int) -> Sample:
    """Return one sample `times` times over, so that many shapes can be looked at at once."""
    return Sample(*(np.broadcast_to(column, (times, *column.shape[1:])) for column in sample))


def slice_at(sample: Sample, shape: Floats) -> Slice:
    """Return the likelihood at these shapes, one per sample."""
    beta = shape[:, None]
    exponent = beta * sample.log_age
    shift = exponent.max(axis=1, initial=-np.inf, where=sample.weight != 0)
    shift = np.where(np.isfinite(shift), shift, 0.0)
    power = sample.weight * np.exp(np.minimum(exponent - shift[:, None], 0.0))
    within = np.exp(beta * (sample.log_lower - sample.log_upper))
    finite_log = np.where(np.isfinite(sample.log_lower), sample.log_lower, 0.0)
    return Slice(
        shape,
        sample.failures * np.log(shape) + (shape - 1) * sample.log_sum,
        sample.failures / shape + sample.log_sum,
        sample.failures,
        shift,
        power.sum(axis=1),
        (power * sample.log_age).sum(axis=1),
        beta * sample.log_upper + np.log1p(-within),
        (sample.log_upper - within * finite_log) / (1 - within),
        sample.returned,
    )


def log_likelihood(at: Slice, alpha: Floats) -> Floats:
    """Return the logarithm of the likelihood at the slice's shape and α."""
    exponent, hazard = alpha[:, None] + at.log_gap, _hazard(at, alpha)
    failed = np.where(hazard < _LITTLE, exponent, np.log(-np.expm1(-hazard)))
    inside = (at.returned * failed).sum(axis=1)
    return floats(at.base + at.failures * alpha - _factor(at, alpha) * at.total + inside)


def slope_alpha(at: Slice, alpha: Floats) -> Floats:
    """Return the derivative by α."""
    hazard = _hazard(at, alpha)
    inside = at.returned * hazard / np.expm1(hazard)
    return floats(at.failures - _factor(at, alpha) * at.total + inside.sum(axis=1))


def slope_shape(at: Slice, alpha: Floats) -> Floats:
    """Return the derivative by the shape, α held."""
    hazard = _hazard(at, alpha)
    inside = at.returned * hazard * at.slope_log_gap / np.expm1(hazard)
    return floats(at.slope_base - _factor(at, alpha) * at.slope_total + inside.sum(axis=1))


def best_alpha(at: Slice) -> Floats:
    """Return the α that makes the slice greatest: in closed form without intervals, else by Newton's steps.

    It is at most what it would be if all intervals were exact ages: h / (e^h - 1) is at most 1.
    """
    number = np.log(np.maximum(at.failures + at.returned.sum(axis=1), _LEAST_HAZARD))
    with np.errstate(divide="ignore"):
        total = np.log(at.total) + at.shift
    if at.log_gap.shape[1] == 0:
        return floats(number - total)
    with np.errstate(divide="ignore"):
        gaps = np.logaddexp.reduce(np.log(at.returned) + at.log_gap, axis=1)
    return _newton(at, floats(number - np.logaddexp(total, gaps)), slope_alpha, _curvature, number - total)


def alpha_where(at: Slice, value: Floats, best: Floats, side: int) -> Floats:
    """Return the α on one side (-1 below, 1 above) of the best at which the slice has fallen to `value`.

    Newton's steps from outside stay outside: the function is concave.
    """
    drop = np.maximum(log_likelihood(at, best) - value, 0.0)
    start = best + side * np.sqrt(2 * drop / np.maximum(-_curvature(at, best), _SMALL))

    def short_of(_: Slice, alpha: Floats) -> Floats:
        return log_likelihood(at, alpha) - value

    found = _newton(at, start, short_of, slope_alpha)
    return np.where(drop > 0, found, best)


def _newton(at: Slice, start: Floats, function: _Function, slope: _Function, limit: Floats | float = np.inf) -> Floats:
    """Return where a function is 0, at most at the limit; what has far to go goes twice as far each time."""
    alpha, most, former = start, np.full_like(start, _STEP), np.zeros_like(start)
    for _ in range(_STEPS):
        height, steep = function(at, alpha), slope(at, alpha)
        step = np.divide(height, steep, out=np.zeros_like(alpha), where=steep != 0)
        most = np.where((np.abs(step) >= most) & (step * former > 0), 2 * most, _STEP)
        former = step
        alpha = np.minimum(alpha - np.clip(step, -most, most), limit)
        if np.all(np.abs(step) <= _SMALL * np.maximum(np.abs(alpha), 1.0)):
            break
    return alpha


def _curvature(at: Slice, alpha: Floats) -> Floats:
    hazard = _hazard(at, alpha)
    less = np.expm1(np.maximum(hazard, _LITTLE))
    bend = np.where(hazard < _LITTLE, -hazard / 2, hazard * (less - hazard * (less + 1)) / less**2)
    return floats((at.returned * bend).sum(axis=1) - _factor(at, alpha) * at.total)


def _factor(at: Slice, alpha: Floats) -> Floats:
    """Return what `total` is to be multiplied with."""
    return np.exp(np.minimum(alpha + at.shift, _MOST_EXPONENT))


def _hazard(at: Slice, alpha: Floats) -> Floats:
    """Return what accumulates within each interval, kept where exp neither underflows nor overflows."""
    exponent = np.minimum(alpha[:, None] + at.log_gap, _MOST_EXPONENT)
    return np.clip(np.exp(exponent), _LEAST_HAZARD, _MOST_HAZARD)


def _scaled(age: Floats, greatest: float) -> Floats:
    """Return log(age / greatest), 0 for age 0: exact to the last digit near 0, finite however far the ages spread."""
    positive = np.where(age > 0, age, greatest)
    near = np.log1p(np.maximum((positive - greatest) / greatest, _NEAR))
    return np.where(positive > (1 + _NEAR) * greatest, near, np.log(positive) - np.log(greatest))
