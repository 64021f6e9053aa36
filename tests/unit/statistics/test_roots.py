"""Roots of many functions at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.arrays import Floats, floats
from analytics.statistics.roots import find_roots


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=5), st.sampled_from([1, 3, 0.2]))
def test_each_root_is_found_wherever_it_lies(wanted: list[float], power: float) -> None:
    root = np.array(wanted)

    def function(x: Floats) -> Floats:
        return floats(np.sign(x - root) * np.abs(x - root) ** power)

    found = find_roots(function, np.full(root.shape, -60.0), np.full(root.shape, 61.0))
    assert found == pytest.approx(root, abs=1e-6)


def test_without_a_change_of_sign_there_is_no_root_and_the_others_are_found_all_the_same() -> None:
    found = find_roots(lambda x: x**2 - np.array([4.0, -1.0]), np.zeros(2), np.full(2, 9.0))
    assert float(found[0]) == pytest.approx(2, abs=1e-12)
    assert np.isnan(found[1])


def test_a_root_at_an_end_is_found() -> None:
    assert find_roots(lambda x: x, np.zeros(1), np.ones(1)).tolist() == [0.0]


def test_a_smooth_function_takes_few_looks() -> None:
    looks = 0

    def function(x: Floats) -> Floats:
        nonlocal looks
        looks += 1
        return floats(np.exp(x) - 3)

    assert float(find_roots(function, np.zeros(1), np.full(1, 5.0))[0]) == pytest.approx(np.log(3), rel=1e-13)
    assert looks < 20
