"""Parameters of a Weibull distribution drawn as the data leave them open, from the likelihood itself."""

import numpy as np

from analytics.statistics.arrays import Floats
from analytics.statistics.weibull_fit import shapes_within
from analytics.statistics.weibull_likelihood import Sample, alpha_where, best_alpha, log_likelihood, repeated, slice_at

_SHAPES, _SCALES = 100, 60
_DROP = 12.0


def parameter_draws(sample: Sample, draws: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Return shapes of one sample, and the logarithms of its scales: a scale itself may lie beyond all numbers.

    Drawn from the likelihood with the weight 1 / (shape · scale), under which limits for a Weibull distribution are
    exact in complete samples, on a grid that holds all but e^-12 of it, evenly within each cell.
    Source: Sun 1997; Meeker and Escobar 1998, 14.3 (prior in log scale and log shape).
    """
    least, most = shapes_within(sample, _DROP)
    log_shape = np.linspace(np.log(least), np.log(most), _SHAPES)
    at = slice_at(repeated(sample, _SHAPES), np.exp(log_shape))
    best = best_alpha(at)
    floor = log_likelihood(at, best).max() - _DROP
    edges = [alpha_where(at, np.minimum(floor, log_likelihood(at, best) - 1.0), best, side) for side in (-1, 1)]
    part = np.linspace(0.0, 1.0, _SCALES)
    alpha = edges[0] + (edges[1] - edges[0]) * part[:, None]
    height = np.stack([log_likelihood(at, row) for row in alpha])
    # flat in (log shape, log scale): dα = shape · d(log scale); a row's cells are as wide as its range of α
    density = np.exp(height - height.max()) * (edges[1] - edges[0]) / np.exp(log_shape)
    chosen = generator.choice(density.size, draws, p=(density / density.sum()).ravel())
    row, column = np.unravel_index(chosen, density.shape)
    jitter = generator.uniform(-0.5, 0.5, (2, draws))
    log_scale = -alpha / np.exp(log_shape)
    shapes = np.exp(log_shape[column] + jitter[0] * (log_shape[1] - log_shape[0]))
    width = (log_scale[1] - log_scale[0])[column]
    return shapes, log_scale[row, column] + jitter[1] * width + np.log(sample.unit)
