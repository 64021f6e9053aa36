"""Benjamini-Hochberg: the example of the paper, scipy, and what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from analytics.statistics.discoveries import adjusted

# Benjamini and Hochberg 1995, section 4: 15 hypotheses of thrombolytic treatment, of which 4 are discoveries at 0.05.
PAPER = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
    1.0000,
)  # fmt: skip


def test_the_paper_s_example_has_four_discoveries() -> None:
    assert (adjusted(PAPER) <= 0.05).sum() == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_it_is_scipy_s(p_values: list[float]) -> None:
    assert adjusted(p_values) == pytest.approx(false_discovery_control(p_values), abs=1e-12)


def test_the_order_of_tests_does_not_matter() -> None:
    shuffled = np.random.default_rng(1).permutation(len(PAPER))
    assert np.array_equal(adjusted(np.array(PAPER)[shuffled]), adjusted(PAPER)[shuffled])


def test_nothing_tested_has_no_discoveries() -> None:
    assert adjusted([]).shape == (0,)


@pytest.mark.parametrize("p_values", [[-0.1], [1.1], [float("nan")]])
def test_what_is_no_chance_is_refused(p_values: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted(p_values)
