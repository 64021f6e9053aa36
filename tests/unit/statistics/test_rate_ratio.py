"""The exact comparison of two rates: scipy's binomial test, its coverage computed, its ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from analytics.statistics.rate_ratio import rate_ratio


@given(st.integers(1, 200), st.floats(0.01, 0.99), st.data())
def test_test_and_limits_are_those_of_the_binomial(total: int, share: float, data: st.DataObject) -> None:
    failures = data.draw(st.integers(0, total))
    found = rate_ratio(failures, share * total, total)
    theirs = binomtest(failures, total, share, alternative="greater")
    assert float(found.p) == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-12)
    limits = binomtest(failures, total).proportion_ci(0.95, method="exact")

    def ratio(part: float) -> float:
        return part / (1 - part) * (1 - share) / share if part < 1 else float("inf")

    assert float(found.low) == pytest.approx(ratio(limits.low), rel=1e-6, abs=1e-12)
    assert float(found.high) == pytest.approx(ratio(limits.high), rel=1e-6)
    assert float(found.value) == pytest.approx(ratio(failures / total), rel=1e-9)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_the_limits_hold_the_ratio_at_least_95_times_in_100(ratio: float) -> None:
    """Computed: the chance of every split of 40 failures whose limits hold the ratio."""
    total, share = 40, 0.2
    counts = np.arange(total + 1)
    found = rate_ratio(counts, share * total, total)
    holds = (found.low <= ratio) & (ratio <= found.high)
    true_share = ratio * share / (ratio * share + 1 - share)
    assert float((holds * binom.pmf(counts, total, true_share)).sum()) >= 0.95


def test_who_fail_as_expected_have_a_ratio_of_1() -> None:
    assert float(rate_ratio(10, 10.0, 40).value) == pytest.approx(1)


@pytest.mark.parametrize(("expected", "total"), [(0.0, 5), (5.0, 5), (0.0, 0)])
def test_with_nothing_to_compare_there_is_no_ratio(expected: float, total: int) -> None:
    assert all(np.isnan(float(number)) for number in rate_ratio(0, expected, total))
