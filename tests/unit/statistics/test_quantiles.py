"""Quantiles of survival curves, against lifelines and by hand."""

import math

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from analytics.statistics.age_table import CENSORED, EVENT, age_table
from analytics.statistics.quantiles import quantile
from analytics.statistics.survival import kaplan_meier


def test_the_median_and_its_limits_are_those_of_lifelines() -> None:
    chance = np.random.default_rng(7)
    times = chance.integers(1, 50, 60)
    events = chance.random(60) < 0.7
    curve = kaplan_meier(age_table(np.zeros(60), times, np.where(events, EVENT, CENSORED)))
    fitted = KaplanMeierFitter().fit(times, events)
    found = quantile(curve, 0.5)
    assert found.time == fitted.median_survival_time_
    low, high = median_survival_times(fitted.confidence_interval_survival_function_).iloc[0]
    assert (found.low, found.high) == (low, high)


def test_exactly_a_half_is_a_half_although_floats_are_a_little_above_it() -> None:
    curve = kaplan_meier(age_table([0] * 6, [1, 2, 3, 9, 9, 9], [EVENT] * 3 + [CENSORED] * 3))
    assert quantile(curve, 0.5).time == 3


def test_what_the_curve_never_reaches_is_not_a_number() -> None:
    curve = kaplan_meier(age_table([0, 0], [1, 2], [CENSORED, CENSORED]))
    assert all(math.isnan(number) for number in quantile(curve, 0.5))


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_lies_between_0_and_1(share: float) -> None:
    curve = kaplan_meier(age_table([0], [1], [EVENT]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(curve, share)
