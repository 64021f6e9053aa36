"""Early warning: the sum itself, what is expected of a lot, false alarms of healthy years, a bad lot caught in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.arrays import Floats
from analytics.statistics.baseline import LEAST_BASELINE_FAILURES, Expected, expected_failures
from analytics.statistics.early_warning import Watched, cusum, healthy_threshold, reference

YEAR, QUARTER = 365, 91
ITEMS, LOTS, BANDS = 4, 6, 3
UNIT_DAYS = 1000.0
RATES = np.array([2.0, 1.0, 0.5]) * 10 / QUARTER / (3.5 * UNIT_DAYS)  # 10 expected failures a lot and quarter
HEALTHY_YEARS = 200


def test_the_reference_lies_between_1_and_the_ratio() -> None:
    assert reference(2) == pytest.approx(1 / np.log(2))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.floats(0.1, 3))
def test_the_sum_is_the_recursion(failures: list[int], due: float) -> None:
    seen = np.array([failures], dtype=np.float64)
    path, alarms = cusum(seen, np.full(seen.shape, due), threshold=5.0)
    now = 0.0
    for day, count in enumerate(failures):
        now = max(0.0, now + count - due / np.log(2))
        assert float(path[0, day]) == pytest.approx(now)
        assert bool(alarms[0, day]) == (now >= 5)
        now = 0.0 if now >= 5 else now


def test_what_is_expected_comes_from_the_other_lots_of_the_year_before() -> None:
    """Two lots: 4 failures in 10 unit-days a day of the other, for 400 days: 0.4 a unit-day from the second day on."""
    days = np.full((2, 400, 1), 10.0)
    failures = np.zeros((2, 400, 1))
    failures[1, :, 0] = 4.0
    found = expected_failures(days, failures)
    assert found.failures[0, 5:] == pytest.approx(np.full(395, 4.0))
    assert found.baseline[0, [5, 399]] == pytest.approx([20, 4 * 365])
    assert found.failures[1].sum() == 0  # its only other lot has no failures: no test


def test_under_20_failures_there_is_no_test() -> None:
    failures = np.zeros((2, 40, 1))
    failures[1, :19, 0] = 1.0
    found = expected_failures(np.full((2, 40, 1), 10.0), failures)
    assert not found.is_tested.any()
    failures[1, 19, 0] = 1.0
    assert expected_failures(np.full((2, 40, 1), 10.0), failures).is_tested[0].tolist() == [False] * 20 + [True] * 20
    assert LEAST_BASELINE_FAILURES == 20


def test_ages_that_no_other_lot_has_reached_are_not_expected_to_fail_or_not() -> None:
    days = np.zeros((2, 50, 2))
    days[:, :, 0], days[0, :, 1] = 10.0, 10.0
    failures = np.zeros((2, 50, 2))
    failures[1, :, 0] = 1.0
    assert expected_failures(days, failures).failures[0, 30] == pytest.approx(1.0)


def a_ledger(generator: np.random.Generator, *, times: float = 1.0) -> tuple[Expected, Floats]:
    """Return two years of one item's lots: what is expected and seen; lot 0 fails `times` as often in the second."""
    days = np.full((LOTS, 2 * YEAR, BANDS), UNIT_DAYS)
    factor = np.ones((LOTS, 2 * YEAR, 1))
    factor[0, YEAR:] = times
    failures = generator.poisson(days * RATES * factor).astype(np.float64)
    return expected_failures(days, failures), failures.sum(axis=2)


def second_year(found: Expected, seen: Floats) -> tuple[Floats, Floats, Floats]:
    return found.failures[:, YEAR:], found.baseline[:, YEAR], seen[:, YEAR:]


@pytest.fixture(scope="module")
def threshold() -> float:
    """The threshold of a ledger of 24 streams, set from one year's expectations."""
    generator = np.random.default_rng(1)
    years = [second_year(*a_ledger(generator)) for _ in range(ITEMS)]
    return healthy_threshold(
        Watched(np.concatenate([year[0] for year in years]), np.concatenate([year[1] for year in years]))
    )


def test_200_healthy_years_raise_at_most_one_false_alarm_in_90_days(threshold: float) -> None:
    generator, alarms = np.random.default_rng(2), 0
    for _ in range(HEALTHY_YEARS * ITEMS):
        expected, _, seen = second_year(*a_ledger(generator))
        alarms += int(cusum(seen, expected, threshold)[1].sum())
    assert 0 < alarms <= HEALTHY_YEARS * YEAR / 90


def test_a_lot_at_three_times_the_rate_is_caught_within_the_quarter_in_90_of_100(threshold: float) -> None:
    generator, caught = np.random.default_rng(3), 0
    for _ in range(100):
        expected, _, seen = second_year(*a_ledger(generator, times=3.0))
        caught += bool(cusum(seen[:1, :QUARTER], expected[:1, :QUARTER], threshold)[1].any())
    assert caught >= 90


def test_a_weak_baseline_asks_for_more() -> None:
    expected = np.full((20, 180), 10 / QUARTER)
    sure, unsure = (healthy_threshold(Watched(expected, np.full(20, count))) for count in (400.0, 20.0))
    assert unsure > sure > 0


def test_a_ledger_without_expectations_never_alarms() -> None:
    assert healthy_threshold(Watched(np.zeros((3, 90)), np.zeros(3))) == np.inf
