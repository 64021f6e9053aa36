"""Weibull by maximum likelihood: published fits, lifelines, the profile searched by brute force, what has no fit."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import WeibullFitter
from scipy.optimize import brentq, minimize_scalar

from analytics.statistics import weibull_fit
from analytics.statistics.age_table import age_table
from analytics.statistics.arrays import Floats
from analytics.statistics.weibull_fit import WeibullFits, fit
from analytics.statistics.weibull_likelihood import repeated, sample_of, sample_of_intervals
from tests.unit.statistics import fleets, published
from tests.unit.statistics.fleets import Life, some_lives, table_of

HALF_CHI_SQUARE = 1.959963984540054**2 / 2


def fitted(lives: list[Life]) -> WeibullFits:
    return fit(sample_of(table_of(lives)))


def a_fleet(seed: int, units: int = 60, *, entering: bool = False) -> list[Life]:
    generator = np.random.default_rng(seed)
    entry = generator.uniform(0, 60, units) if entering else np.zeros(units)
    failure, end = generator.weibull(1.7, units) * 100, generator.uniform(20, 150, units)
    kept = np.minimum(failure, end) > entry
    columns = (np.minimum(failure, end)[kept], (failure <= end)[kept], entry[kept])
    return [Life(float(t), int(e), float(v)) for t, e, v in zip(*columns, strict=True)]


def log_likelihood(lives: list[Life], shape: float, scale: float) -> float:
    """The definition, unit by unit: log hazard at failures, less the hazard accumulated while at risk."""
    terms = (
        life.event * (np.log(shape / scale) + (shape - 1) * np.log(life.time / scale))
        - (life.time / scale) ** shape
        + (life.entry / scale) ** shape
        for life in lives
    )
    return float(sum(terms))


def test_the_bearing_cages_have_the_published_fit() -> None:
    running = [Life(age, 0, weight=count) for age, count in published.BEARING_CAGE_RUNNING.items()]
    found = fitted([*[Life(age, 1) for age in published.BEARING_CAGE_FAILURES], *running])
    for name, number in published.BEARING_CAGE_FIT.items():
        assert float(getattr(found, name)[0]) == pytest.approx(number, rel=2e-4)
    assert found.reason == ("",)


def test_the_ball_bearings_have_the_published_fit() -> None:
    found = fitted([Life(age, 1) for age in published.BALL_BEARINGS])
    for name, number in published.BALL_BEARINGS_FIT.items():
        assert float(getattr(found, name)[0]) == pytest.approx(number, rel=2e-4)


@pytest.mark.parametrize("entering", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fit_is_that_of_lifelines(seed: int, entering: bool) -> None:
    lives = a_fleet(seed, entering=entering)
    time, event, entry, _ = zip(*lives, strict=True)
    theirs = WeibullFitter().fit(time, event, entry=entry if entering else None)
    ours = fitted(lives)
    assert float(ours.shape[0]) == pytest.approx(theirs.rho_, rel=1e-4)
    assert float(ours.scale[0]) == pytest.approx(theirs.lambda_, rel=1e-4)
    assert float(ours.log_likelihood[0]) >= theirs.log_likelihood_ - 1e-9
    assert float(ours.log_likelihood[0]) == pytest.approx(theirs.log_likelihood_, rel=1e-8)


@pytest.mark.parametrize("entering", [False, True])
def test_the_limits_are_where_the_profile_has_fallen_by_half_a_chi_square(entering: bool) -> None:
    lives = a_fleet(7, entering=entering)
    found = fitted(lives)

    def best_with_shape(shape: float) -> float:
        by_scale = minimize_scalar(lambda x: -log_likelihood(lives, shape, np.exp(x)), bounds=(2, 9), method="bounded")
        return -float(by_scale.fun)

    def best_with_age(age: float, hazard: float) -> float:
        def short(log_shape: float) -> float:
            shape = np.exp(log_shape)
            return -log_likelihood(lives, shape, age / hazard ** (1 / shape))

        return -float(minimize_scalar(short, bounds=(-3, 3), method="bounded").fun)

    cut = float(found.log_likelihood[0]) - HALF_CHI_SQUARE

    def check(name: str, profile: Callable[[float], float], least: float, most: float) -> None:
        best = float(getattr(found, name)[0])
        low = brentq(lambda x: profile(x) - cut, least, best, xtol=1e-10)
        high = brentq(lambda x: profile(x) - cut, best, most, xtol=1e-10)
        assert float(getattr(found, f"{name}_low")[0]) == pytest.approx(low, rel=1e-4)
        assert float(getattr(found, f"{name}_high")[0]) == pytest.approx(high, rel=1e-4)

    check("shape", best_with_shape, 0.1, 10)
    check("scale", lambda age: best_with_age(age, 1.0), 10, 2000)
    check("b10", lambda age: best_with_age(age, float(-np.log(0.9))), 0.5, 200)


def test_many_samples_at_once_have_the_fits_of_each_alone() -> None:
    lives = a_fleet(11)
    together = fit(repeated(sample_of(table_of(lives)), 3))
    alone = fitted(lives)
    for ours, theirs in zip(together[:-1], alone[:-1], strict=True):
        assert np.allclose(ours, theirs[0], rtol=1e-12)


@settings(max_examples=50)
@given(some_lives(weight=4), st.just(0))
def test_a_weight_is_exactly_as_many_rows(lives: list[Life], _: int) -> None:
    for ours, theirs in zip(fitted(lives)[:-1], fitted(fleets.repeated(lives))[:-1], strict=True):
        assert np.array_equal(ours, theirs, equal_nan=True)


@settings(max_examples=200)
@given(some_lives(most=12))
def test_the_maximum_lies_between_its_limits_and_nothing_beats_it(lives: list[Life]) -> None:
    found = fitted(lives)
    shape, scale = float(found.shape[0]), float(found.scale[0])
    if np.isnan(shape):
        assert found.reason[0] in (weibull_fit.TOO_FEW, weibull_fit.NO_MAXIMUM)
        return
    for name in ("shape", "scale", "b10"):
        low, best, high = (float(getattr(found, name + end)[0]) for end in ("_low", "", "_high"))
        assert (np.isnan(low) or 0 < low <= best) and (np.isnan(high) or best <= high)
        assert (f"{name}_low" in found.reason[0]) == bool(np.isnan(low))
    top = log_likelihood(lives, shape, scale)
    assert float(found.log_likelihood[0]) == pytest.approx(top, rel=1e-9, abs=1e-9)
    for other in (0.9, 1.1):
        assert log_likelihood(lives, shape * other, scale) <= top + 1e-9
        assert log_likelihood(lives, shape, scale * other) <= top + 1e-9


@pytest.mark.parametrize(
    ("lives", "reason"),
    [
        ([Life(5, 0)], weibull_fit.TOO_FEW),
        ([Life(5, 1), Life(9, 0)], weibull_fit.TOO_FEW),
        ([Life(9, 1), Life(9, 1), Life(4, 0)], weibull_fit.NO_MAXIMUM),
    ],
)
def test_what_has_no_fit_says_why(lives: list[Life], reason: str) -> None:
    found = fitted(lives)
    assert found.reason == (reason,)
    assert all(np.isnan(column[0]) for column in found[:-1])


def test_ages_that_nearly_agree_have_a_steep_fit() -> None:
    """The shape is the root of the likelihood's slope in 40 digits."""
    found = fitted([Life(1_000_000, 1), Life(1_000_003, 1), Life(1_000_005, 1), Life(1_000_009, 0)])
    assert float(found.shape[0]) == pytest.approx(245_240.48340723221, rel=1e-12)
    assert float(found.scale[0]) == pytest.approx(1_000_006.7187, rel=1e-10)
    assert float(found.log_likelihood[0]) == pytest.approx(-10.197736, abs=1e-6)
    assert found.reason == ("",)


def test_a_steep_limit_of_the_shape_is_found() -> None:
    found = fitted([Life(10_000 + day, 1) for day in range(4)])
    assert float(found.shape_high[0]) == pytest.approx(19_626.197, abs=1e-3)
    assert found.reason == ("",)


def test_a_steep_sample_leaves_the_fits_beside_it_as_they_are() -> None:
    lives, steep = [Life(3, 1), Life(5, 1), Life(9, 1), Life(9, 0)], [Life(10_000 + day, 1) for day in range(4)]
    ours, theirs = sample_of(table_of(lives)), sample_of(table_of(steep))
    columns = zip(ours, theirs, strict=True)
    padded = [_beside(*pair) for pair in columns]
    together = fit(type(ours)(*padded))
    for column, alone, steep_alone in zip(together[:-1], fitted(lives)[:-1], fitted(steep)[:-1], strict=True):
        assert column == pytest.approx([alone[0], steep_alone[0]], rel=1e-12)


def _beside(first: Floats, second: Floats) -> Floats:
    if first.ndim == 1:
        return np.concatenate([first, second])
    width = max(first.shape[1], second.shape[1])
    return np.concatenate([np.pad(column, ((0, 0), (0, width - column.shape[1]))) for column in (first, second)])


@pytest.mark.parametrize("times", [(1e-300, 1.0, 1e300), (1e-320, 1.0, 5.0), (1e300, 1e308), (1e-300, 3e-300)])
def test_ages_however_far_apart_or_out_are_fitted_without_a_warning(times: tuple[float, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fitted([Life(time, 1) for time in times])
    assert 0 < float(found.shape[0]) < 3
    assert all(np.isnan(column[0]) or np.isfinite(column[0]) for column in found[:-1])


def test_a_limit_that_is_not_finite_is_named() -> None:
    """All came under observation late: a hazard falling as 1/age explains few failures nearly as well as any."""
    found = fitted([Life(12, 1, 10), Life(20, 1, 10), Life(15, 0, 10), Life(31, 0, 10)])
    assert np.isnan(found.shape_low[0])
    assert not np.isnan(found.shape[0])
    assert found.reason[0].startswith("no finite limit: shape_low")


def test_returns_within_ever_shorter_periods_tend_to_the_fit_of_exact_ages() -> None:
    lives = a_fleet(5)
    exact = fitted(lives)
    step = 0.01  # ages in hundredths, so that each lies within an interval of one
    ages = np.array([life.time / step for life in lives])
    failed = np.array([life.event for life in lives], dtype=np.float64)
    found = fit(sample_of_intervals(np.floor(ages), failed, ages, 1 - failed))
    assert float(found.shape[0]) == pytest.approx(float(exact.shape[0]), rel=1e-3)
    assert float(found.scale[0]) * step == pytest.approx(float(exact.scale[0]), rel=1e-3)
    assert float(found.scale_high[0]) * step == pytest.approx(float(exact.scale_high[0]), rel=1e-2)


def test_ages_of_any_unit_give_the_same_shape() -> None:
    lives = a_fleet(3, entering=True)
    days, seconds = (
        fitted(lives),
        fitted([life._replace(time=life.time * 86400, entry=life.entry * 86400) for life in lives]),
    )
    assert float(days.shape[0]) == pytest.approx(float(seconds.shape[0]), rel=1e-9)
    assert float(days.scale_low[0]) * 86400 == pytest.approx(float(seconds.scale_low[0]), rel=1e-9)
    failures = sum(life.event for life in lives)
    shift = failures * np.log(86400)
    assert float(days.log_likelihood[0]) - shift == pytest.approx(float(seconds.log_likelihood[0]), rel=1e-9)


def test_an_unfailing_column_of_zero_ages_takes_no_part() -> None:
    plain = age_table([0.0, 0.0, 0.0], [3.0, 5.0, 9.0], [1, 1, 0])
    assert plain.age[0] == 0
    assert np.isfinite(fit(sample_of(plain)).shape[0])
