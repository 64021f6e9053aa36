"""Nelson-Aalen: the definition, lifelines, and its limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from lifelines import NelsonAalenFitter

from analytics.statistics.hazard import nelson_aalen
from tests.unit.statistics.fleets import Life, at_risk, died, some_lives, table_of


@given(some_lives())
def test_every_step_is_the_definition(lives: list[Life]) -> None:
    curve = nelson_aalen(table_of(lives))
    hazard, variance = 0.0, 0.0
    for place, time in enumerate(curve.risk.time.tolist()):
        hazard += died(lives, time) / at_risk(lives, time)
        variance += died(lives, time) / at_risk(lives, time) ** 2
        assert float(curve.value[place]) == pytest.approx(hazard, abs=1e-12)
        assert float(curve.std_err[place]) == pytest.approx(math.sqrt(variance), abs=1e-12)
        assert math.isnan(float(curve.low[place])) == (hazard == 0)


def test_the_hazard_goes_on_where_others_enter_the_day_all_at_risk_failed() -> None:
    curve = nelson_aalen(table_of([Life(5, 1), Life(8, 1, entry=5), Life(9, 1, entry=5), Life(12, 0, entry=5)]))
    assert curve.stop is None
    assert curve.risk.time.tolist() == [5, 8, 9, 12]
    assert curve.value == pytest.approx([1, 4 / 3, 11 / 6, 11 / 6])


def test_the_hazard_stops_where_nobody_is_left_although_others_enter_later() -> None:
    curve = nelson_aalen(table_of([Life(5, 1), Life(9, 1, entry=6)]))
    assert curve.risk.time.tolist() == [5]
    assert curve.stop is not None
    assert curve.stop.reason == "nobody is left at risk after age 5, although 1 enter later"


@given(some_lives())
def test_without_entries_the_hazard_is_that_of_lifelines(lives: list[Life]) -> None:
    whole = [life._replace(entry=0.0) for life in lives]
    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False)  # smoothing spreads ties out
    theirs = fitter.fit([life.time for life in whole], [life.event for life in whole])
    curve = nelson_aalen(table_of(whole))
    assert np.allclose(curve.value, theirs.cumulative_hazard_at_times(curve.risk.time).to_numpy(), rtol=0, atol=1e-12)


def test_where_no_failures_tie_the_limits_are_those_of_lifelines() -> None:
    times, events = [3, 5, 6, 8, 11, 12, 15], [1, 0, 1, 1, 0, 1, 1]
    theirs = NelsonAalenFitter().fit(times, events)
    curve = nelson_aalen(table_of([Life(time, event) for time, event in zip(times, events, strict=True)]))
    limits = theirs.confidence_interval_.loc[curve.risk.time].to_numpy()
    assert np.allclose(np.stack([curve.low, curve.high], axis=1), limits, rtol=0, atol=1e-9)
