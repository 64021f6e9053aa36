"""Maximum likelihood for a Weibull distribution, with profile-likelihood limits of shape, scale and B10."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.arrays import Floats, Truths, floats
from analytics.statistics.normal import two_sided
from analytics.statistics.poisson import DEFAULT_CONFIDENCE
from analytics.statistics.roots import find_roots
from analytics.statistics.weibull_likelihood import (
    Sample,
    Slice,
    alpha_where,
    best_alpha,
    log_likelihood,
    samples_at,
    slice_at,
    slope_alpha,
    slope_shape,
)

METHOD = "Weibull by maximum likelihood (entry and censoring honoured), profile-likelihood limits"
LEAST_FAILURES = 2
TOO_FEW = "fewer than 2 failures: they fit any shape"
NO_MAXIMUM = "the likelihood has no finite maximum: nothing bounds the shape (as where all fail at the greatest age)"
B10_SHARE = 0.1
_SHAPES = floats(2.0 ** np.arange(-10, 15))
_STEEP_SHAPES = floats(2.0 ** np.arange(15, 31))
"""Looked at only where some sample needs them: its ages differ by no more than one part in thousands."""
_FLAT = 1e-6
_MOST_LOG_AGE = 300.0


class WeibullFits(NamedTuple):
    """One fit per sample; nan where there is none, with the reason in words.

    Shape: ten float64 arrays (samples,), and a text per sample, empty where everything is defined.
    Units: scale and b10 in the unit of the ages; b10 is the age by which 10 % have failed.
    """

    shape: Floats
    shape_low: Floats
    shape_high: Floats
    scale: Floats
    scale_low: Floats
    scale_high: Floats
    log_likelihood: Floats
    b10: Floats
    b10_low: Floats
    b10_high: Floats
    reason: tuple[str, ...]


class _Profile(NamedTuple):
    """The greatest log-likelihood of each sample at each shape. Shape: (shapes,) and (shapes, samples)."""

    shapes: Floats
    height: Floats


class _Region(NamedTuple):
    """The shapes whose profile is above the cut; `low` and `high` are ends of the search where nothing bounds them."""

    best: Floats
    low: Floats
    high: Floats
    cut: Floats
    is_low_finite: Truths
    is_high_finite: Truths


def fit(sample: Sample, confidence: float = DEFAULT_CONFIDENCE) -> WeibullFits:
    """Fit every sample.

    The limits of a parameter are the least and the greatest value it takes where the likelihood is at least
    exp(-χ²/2) of its maximum, χ² the quantile of one degree of freedom: the profile-likelihood limits, found along the
    region's edge.

    Source: Meeker and Escobar 1998, sections 8.3 and 8.4; entry as in their 11.6.
    """
    number = sample.failures + sample.returned.sum(axis=1)
    enough = np.flatnonzero(number >= LEAST_FAILURES)
    drop = two_sided(confidence) ** 2 / 2
    profile = _profiles(samples_at(sample, enough), drop)
    rises = profile.height.max(axis=0) - np.maximum(profile.height[0], profile.height[-1]) > _FLAT
    rising = _Profile(profile.shapes, profile.height[:, rises])
    fitted = _fitted(samples_at(sample, enough[rises]), rising, drop)
    columns = np.full((len(fitted), len(number)), np.nan)
    columns[:, enough[rises]] = fitted
    return WeibullFits._make([*columns, _reasons(number, columns)])


def _fitted(sample: Sample, profile: _Profile, drop: float) -> list[Floats]:
    """Return the columns of `WeibullFits` for samples that have a maximum."""
    region = _region(sample, profile, drop)
    at = slice_at(sample, region.best)
    alpha = best_alpha(at)
    return [
        region.best,
        np.where(region.is_low_finite, region.low, np.nan),
        np.where(region.is_high_finite, region.high, np.nan),
        *_age_limits(sample, region, alpha, 0.0),
        log_likelihood(at, alpha) - sample.failures * np.log(sample.unit),
        *_age_limits(sample, region, alpha, float(np.log(-np.log1p(-B10_SHARE)))),
    ]


def shapes_within(sample: Sample, drop: float) -> tuple[float, float]:
    """Return the least and the greatest shape of one sample whose profile is at most `drop` below the maximum."""
    region = _region(sample, _profiles(sample, drop), drop)
    return float(region.low[0]), float(region.high[0])


def _profiles(sample: Sample, drop: float) -> _Profile:
    """Return the profile on a grid of shapes, which goes on where one has not fallen by `drop` at its end."""
    height = _heights(sample, _SHAPES)
    if np.all(height[-1] < height.max(axis=0) - drop - _FLAT):
        return _Profile(_SHAPES, height)
    steep = _heights(sample, _STEEP_SHAPES)
    return _Profile(np.concatenate([_SHAPES, _STEEP_SHAPES]), np.concatenate([height, steep]))


def _heights(sample: Sample, shapes: Floats) -> Floats:
    return np.stack([_profile(sample, np.full(sample.unit.shape, shape)) for shape in shapes])


def _profile(sample: Sample, shape: Floats) -> Floats:
    at = slice_at(sample, shape)
    return log_likelihood(at, best_alpha(at))


def _region(sample: Sample, profile: _Profile, drop: float) -> _Region:
    def slope(log_shape: Floats) -> Floats:
        at = slice_at(sample, np.exp(log_shape))
        return slope_shape(at, best_alpha(at))

    shapes, height = profile
    top = height.argmax(axis=0)
    inner = np.clip(top, 1, len(shapes) - 2)
    best = np.exp(find_roots(slope, np.log(shapes[inner - 1]), np.log(shapes[inner + 1])))
    best = np.where(np.isnan(best), shapes[top], best)
    cut = _profile(sample, best) - drop

    def above(log_shape: Floats) -> Floats:
        return _profile(sample, np.exp(log_shape)) - cut

    index = np.arange(len(shapes))[:, None]
    below = height < cut
    before = np.where(below & (shapes[:, None] < best), index, -1).max(axis=0)
    after = np.where(below & (shapes[:, None] > best), index, len(shapes)).min(axis=0)
    left, right = shapes[np.maximum(before, 0)], shapes[np.minimum(after, len(shapes) - 1)]
    low = np.exp(find_roots(above, np.log(left), np.log(best)))
    high = np.exp(find_roots(above, np.log(best), np.log(right)))
    is_low, is_high = before >= 0, after < len(shapes)
    return _Region(best, np.where(is_low, low, left), np.where(is_high, high, right), cut, is_low, is_high)


def _age_limits(sample: Sample, region: _Region, alpha: Floats, log_hazard: float) -> list[Floats]:
    """Return the age at which e^log_hazard has accumulated, and its limits: the extremes over the region's edge."""
    best = _finite_age(sample, (log_hazard - alpha) / region.best)
    return [best, *(_extreme(sample, region, log_hazard, side) for side in (1, -1))]


def _extreme(sample: Sample, region: _Region, log_hazard: float, side: int) -> Floats:
    """Return the least (side 1: the greatest hazard) or greatest age over the edge; it turns where g is 0."""

    def edge(log_shape: Floats) -> tuple[Slice, Floats]:
        at = slice_at(sample, np.exp(log_shape))
        return at, alpha_where(at, region.cut, best_alpha(at), side)

    def turning(log_shape: Floats) -> Floats:
        at, alpha = edge(log_shape)
        return at.shape * slope_shape(at, alpha) - (log_hazard - alpha) * slope_alpha(at, alpha)

    log_shape = find_roots(turning, np.log(region.low), np.log(region.high))
    usable = np.where(np.isnan(log_shape), 0.0, log_shape)
    _, alpha = edge(usable)
    return np.where(np.isnan(log_shape), np.nan, _finite_age(sample, (log_hazard - alpha) / np.exp(usable)))


def _finite_age(sample: Sample, log_age: Floats) -> Floats:
    """Return the age in the unit of the sample, nan where it is beyond all numbers: as good as unbounded."""
    with np.errstate(over="ignore"):
        age = np.exp(np.clip(log_age, -_MOST_LOG_AGE, _MOST_LOG_AGE)) * sample.unit
    return np.where((np.abs(log_age) < _MOST_LOG_AGE) & (age > 0) & np.isfinite(age), age, np.nan)


def _reasons(number: Floats, columns: Floats) -> tuple[str, ...]:
    return tuple(
        TOO_FEW if few else NO_MAXIMUM if np.isnan(column[0]) else _without_limit(np.isnan(column).tolist())
        for few, column in zip((number < LEAST_FAILURES).tolist(), columns.T, strict=True)
    )


def _without_limit(missing: list[bool]) -> str:
    names = [name for name, gone in zip(WeibullFits._fields, missing, strict=False) if gone]
    return f"no finite limit: {', '.join(names)}" if names else ""
