"""Returns to come: expected from a Weibull fit for each coming period, with prediction limits by simulation."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.arrays import Floats, floats
from analytics.statistics.weibull_draws import parameter_draws
from analytics.statistics.weibull_likelihood import Sample, best_alpha, slice_at

DRAWS = 10_000
SEED = 20_250_101
_MOST_LOG_HAZARD = 700.0
"""Where e to it is still a number: nobody is left there, and infinity less infinity would be none."""


class Coming(NamedTuple):
    """The units whose returns are forecast, in groups of one age.

    Shape: number (groups,): survivors when last looked at; age (groups, 2 + periods): the age to which they are known
    to have survived, then the age at the end of the present period, of the next and so on.
    """

    number: Floats
    age: Floats


class Forecast(NamedTuple):
    """Returns expected in each coming period.

    Shape: three float64 arrays (periods,), and the same three numbers for all periods together.
    """

    expected: Floats
    low: Floats
    high: Floats
    total: tuple[float, float, float]


def forecast(sample: Sample, shape: float, coming: Coming, confidence: float) -> Forecast:
    """Return the forecast from the shape that fits the sample best.

    The scale need not be a number: where nearly all failures are early ones it may lie beyond all of them.

    Expected is the sum of survivors × (F(k + 1) - F(k)) / (1 - F(k)), further periods given survival to the present.
    The limits hold the given share of 10,000 draws of fixed seed, each with parameters drawn as the data leave them
    open and, given those, counts drawn binomially: both uncertainties.
    """
    alpha = float(best_alpha(slice_at(sample, np.array([shape])))[0])
    hazard = _accumulated(coming.age, shape, np.log(sample.unit) - alpha / shape)
    survival = np.exp(hazard[:, :1] - hazard[:, 1:])
    expected = (coming.number[:, None] * -np.diff(survival, axis=1)).sum(axis=0)
    counts = _drawn_counts(sample, coming)
    tail = (1 - confidence) / 2
    low, high = np.quantile(counts, [tail, 1 - tail], axis=0, method="inverted_cdf")
    sums = np.quantile(counts.sum(axis=1), [tail, 1 - tail], method="inverted_cdf")
    return Forecast(expected, low, high, (float(expected.sum()), float(sums[0]), float(sums[1])))


def _drawn_counts(sample: Sample, coming: Coming) -> Floats:
    """Return what the draws give. Shape: (draws, periods)."""
    generator = np.random.default_rng(SEED)
    shape, log_scale = (column[:, None] for column in parameter_draws(sample, DRAWS, generator))
    left = np.broadcast_to(coming.number.astype(np.int64), (DRAWS, len(coming.number)))
    counts = []
    for age, later in zip(coming.age.T[:-1], coming.age.T[1:], strict=True):
        chance = -np.expm1(_accumulated(age, shape, log_scale) - _accumulated(later, shape, log_scale))
        failed = generator.binomial(left, chance) if np.any(later > age) else np.zeros_like(left)
        left = left - failed
        counts.append(failed.sum(axis=1))
    return np.stack(counts[1:], axis=1).astype(np.float64)


def _accumulated(age: Floats, shape: Floats | float, log_scale: Floats) -> Floats:
    """Return the hazard accumulated by each age: (age / scale) ** shape, without the scale itself."""
    with np.errstate(divide="ignore"):
        log_age = np.log(age)
    return floats(np.exp(np.minimum(shape * (log_age - log_scale), _MOST_LOG_HAZARD)))
