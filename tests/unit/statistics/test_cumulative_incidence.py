"""Aalen-Johansen: with competing ends, by hand; without them 1 - Kaplan-Meier."""

import math

import numpy as np
import pytest
from hypothesis import given
from lifelines import AalenJohansenFitter

from analytics.statistics.age_table import EVENT
from analytics.statistics.cumulative_incidence import aalen_johansen
from analytics.statistics.survival import kaplan_meier
from tests.unit.statistics.fleets import Life, at_risk, died, some_lives, table_of


@given(some_lives())
def test_where_nothing_competes_it_is_one_less_the_survival_with_its_limits(lives: list[Life]) -> None:
    share, survival = aalen_johansen(table_of(lives)), kaplan_meier(table_of(lives))
    assert np.allclose(share.value, 1 - survival.value, rtol=0, atol=1e-12)
    for ours, theirs in (
        (share.std_err, survival.std_err),
        (share.low, 1 - survival.high),
        (share.high, 1 - survival.low),
    ):
        known = ~np.isnan(theirs)
        assert np.allclose(ours[known], theirs[known], rtol=0, atol=1e-7)


@given(some_lives(kinds=2))
def test_every_step_and_its_variance_are_the_definition(lives: list[Life]) -> None:
    curve = aalen_johansen(table_of(lives))
    times = curve.risk.time.tolist()
    survival, share, steps = 1.0, 0.0, []
    for place, time in enumerate(times):
        number, failed = at_risk(lives, time), died(lives, time)
        ended = failed + died(lives, time, kind=2)
        share += survival * failed / number
        steps.append((share, survival, number, failed, ended))
        survival *= 1 - ended / number
        variance = sum(_term(share, *step) for step in steps)
        assert float(curve.value[place]) == pytest.approx(share, abs=1e-12)
        if share < 1:
            assert float(curve.std_err[place]) ** 2 == pytest.approx(max(variance, 0.0), abs=1e-9)


def _term(now: float, share: float, survival: float, number: int, failed: int, ended: int) -> float:
    """Gaynor et al. 1993: what the failures at one age add to the variance at a later one."""
    among = (now - share) ** 2 * ended / (number * (number - ended)) if number > ended else 0.0
    own = survival**2 * failed * (number - failed) / number**3
    return among + own - 2 * (now - share) * survival * failed / number**2


def test_what_competes_takes_its_part() -> None:
    """Ten units; one fails at 1, two are scrapped at 2, one fails at 3: 1/10 + (9/10)(7/9)(1/7); 1 - KM is more."""
    lives = [Life(1, 1), Life(2, 2), Life(2, 2), Life(3, 1), *[Life(4, 0)] * 6]
    assert aalen_johansen(table_of(lives)).value == pytest.approx([0.1, 0.1, 0.2, 0.2], abs=1e-15)
    assert float(1 - kaplan_meier(table_of(lives)).value[2]) == pytest.approx(1 - 0.9 * 6 / 7)


def test_it_stops_where_all_at_risk_ended_although_others_enter_that_day() -> None:
    curve = aalen_johansen(table_of([Life(5, 1), Life(5, 2), Life(9, 1, entry=5)]))
    assert curve.value.tolist() == [0.5]
    assert curve.stop is not None
    assert curve.stop.reason.startswith("survival is 0 after age 5")


def test_without_entries_and_ties_it_is_that_of_lifelines() -> None:
    lives = [Life(time, kind) for time, kind in zip(range(1, 13), [1, 2, 0, 1, 2, 2, 1, 0, 1, 1, 2, 0], strict=True)]
    fitter = AalenJohansenFitter(calculate_variance=False)
    theirs = fitter.fit([life.time for life in lives], [life.event for life in lives], event_of_interest=EVENT)
    ours = aalen_johansen(table_of(lives))
    found = theirs.cumulative_density_.loc[ours.risk.time].to_numpy().ravel()
    assert np.allclose(ours.value, found, rtol=0, atol=1e-12)


def test_the_limits_lie_around_the_share_and_within_0_and_1() -> None:
    curve = aalen_johansen(table_of([Life(1, 1), Life(2, 2), Life(3, 1), Life(4, 0)]))
    assert 0 < float(curve.low[0]) < float(curve.value[0]) < float(curve.high[0]) < 1
    assert not math.isnan(float(curve.std_err[-1]))
