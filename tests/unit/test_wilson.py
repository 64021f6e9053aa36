"""Wilson's interval against published values and its own definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from analytics.statistics.wilson import share


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_limits_are_those_newcombe_published(part: int, whole: int, low: float, high: float) -> None:
    found = share(part, whole)  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)
    assert float(found.value) == part / whole


@settings(deadline=None)
@given(st.integers(1, 10_000), st.data(), st.sampled_from([0.9, 0.95, 0.99]))
def test_limits_agree_with_scipy_and_hold_the_share(whole: int, data: st.DataObject, confidence: float) -> None:
    part = data.draw(st.integers(0, whole))
    found = share(part, whole, confidence)
    expected = binomtest(part, whole).proportion_ci(confidence, method="wilson")
    assert float(found.low) == pytest.approx(expected.low, abs=1e-12)
    assert float(found.high) == pytest.approx(expected.high, abs=1e-12)
    assert 0 <= float(found.low) <= float(found.value) <= float(found.high) <= 1


def test_nothing_sold_has_no_share() -> None:
    assert all(np.isnan(float(value)) for value in share(0, 0))


@pytest.mark.parametrize(("part", "whole"), [(-1, 3), (4, 3)])
def test_a_part_outside_its_whole_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="part"):
        share(part, whole)
