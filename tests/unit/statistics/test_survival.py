"""Kaplan-Meier: published curves, lifelines, a table worked by hand where entries tie with failures, the definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from analytics.statistics.age_table import age_table, from_age, risk_sets
from analytics.statistics.survival import Curve, kaplan_meier
from tests.unit.statistics import published
from tests.unit.statistics.fleets import Life, at_risk, died, repeated, some_lives, table_of


def at(curve: Curve, time: float) -> dict[str, float]:
    place = int(np.flatnonzero(curve.risk.time == time)[0])
    return {name: float(getattr(curve, name)[place]) for name in ("value", "std_err", "low", "high")}


def test_the_remission_of_leukaemia_is_the_published_curve() -> None:
    times, events = published.censored(published.MERCAPTOPURINE)
    curve = kaplan_meier(age_table(np.zeros(21), times, events))
    for time, survival in published.MERCAPTOPURINE_SURVIVAL.items():
        assert at(curve, time)["value"] == pytest.approx(survival, abs=5e-5)
        assert at(curve, time)["std_err"] == pytest.approx(published.MERCAPTOPURINE_STD_ERR[time], abs=5e-5)


@given(some_lives(), st.sampled_from([0.8, 0.95]))
def test_without_entries_curve_and_limits_are_those_of_lifelines(lives: list[Life], confidence: float) -> None:
    whole = [life._replace(entry=0.0) for life in lives]
    curve = kaplan_meier(table_of(whole), confidence)
    theirs = KaplanMeierFitter(alpha=1 - confidence).fit([x.time for x in whole], [x.event for x in whole])
    survival = theirs.survival_function_at_times(curve.risk.time).to_numpy()
    assert np.allclose(curve.value, survival, rtol=0, atol=1e-12)
    limits = theirs.confidence_interval_.loc[curve.risk.time].to_numpy()
    inside = (curve.value > 0) & (curve.value < 1)
    assert np.allclose(np.stack([curve.low, curve.high], axis=1)[inside], limits[inside], rtol=0, atol=1e-9)
    assert np.all(np.isnan(curve.low[~inside])) and np.all(np.isnan(curve.high[~inside]))


def test_an_entry_that_ties_with_a_failure_is_not_yet_at_risk() -> None:
    """Worked by hand.

    unit  entry  exit           at 4: at risk are those with entry < 4 <= exit: a, b, c; d and e enter at 4, not yet.
    a     0      4 failed       S(4) = 1 - 1/3 = 2/3
    b     0      6 failed       at 6: b, c, d, e at risk; S(6) = 2/3 · 3/4 = 1/2
    c     0      9 censored     at 7: c, d, e at risk, d censored: S unchanged
    d     4      7 censored     at 9: c and e at risk, e failed, c censored there after it: S(9) = 1/2 · 1/2 = 1/4
    e     4      9 failed       Greenwood: 1/(3·2), + 1/(4·3), + 1/(2·1): S(9)² · (1/6 + 1/12 + 1/2) = 3/64
    """
    lives = [Life(4, 1), Life(6, 1), Life(9, 0), Life(7, 0, entry=4), Life(9, 1, entry=4)]
    curve = kaplan_meier(table_of(lives))
    assert curve.risk.at_risk.tolist() == [3, 4, 3, 2]
    assert curve.risk.entered.tolist() == [3, 2, 0, 0]
    assert curve.value == pytest.approx([2 / 3, 1 / 2, 1 / 2, 1 / 4], abs=1e-15)
    assert curve.std_err == pytest.approx([2 / 3 * math.sqrt(1 / 6), 1 / 4, 1 / 4, math.sqrt(3 / 64)], abs=1e-15)
    theta = 1.959963984540054 * math.sqrt(1 / 6) / math.log(2 / 3)
    assert float(curve.low[0]) == pytest.approx((2 / 3) ** math.exp(-theta), abs=1e-12)


@given(some_lives())
def test_every_step_is_the_definition(lives: list[Life]) -> None:
    curve = kaplan_meier(table_of(lives))
    survival, variance = 1.0, 0.0
    for place, time in enumerate(curve.risk.time.tolist()):
        number, failed = at_risk(lives, time), died(lives, time)
        assert curve.risk.at_risk[place] == number
        survival *= 1 - failed / number
        variance += failed / (number * (number - failed)) if number > failed else math.inf
        assert float(curve.value[place]) == pytest.approx(survival, abs=1e-12)
        if survival > 0:
            assert float(curve.std_err[place]) == pytest.approx(survival * math.sqrt(variance), abs=1e-12)
        else:
            assert math.isnan(float(curve.std_err[place]))


@given(some_lives(kinds=2, weight=5))
def test_a_weight_is_exactly_as_many_rows(lives: list[Life]) -> None:
    heavy, long = kaplan_meier(table_of(lives)), kaplan_meier(table_of(repeated(lives)))
    for ours, theirs in zip((*heavy.risk, *heavy[1:5]), (*long.risk, *long[1:5]), strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs), equal_nan=True)


@given(some_lives(kinds=2, weight=3))
def test_the_risk_sets_balance(lives: list[Life]) -> None:
    risk = risk_sets(table_of(lives))
    left = risk.events + risk.competing + risk.censored
    before = np.concatenate([[0.0], (risk.at_risk - left)[:-1]])
    assert np.array_equal(risk.at_risk, before + risk.entered)
    assert risk.entered.sum() == left.sum() == sum(life.weight for life in lives)


def test_the_curve_stops_where_nobody_is_left_although_others_enter_later() -> None:
    curve = kaplan_meier(table_of([Life(2, 1), Life(3, 0), Life(9, 1, entry=5), Life(10, 0, entry=6)]))
    assert curve.risk.time.tolist() == [2, 3]
    assert curve.stop is not None
    assert curve.stop.time == 3
    assert "nobody is left at risk after age 3, although 2 enter later" in curve.stop.reason


def test_the_curve_stops_where_all_at_risk_failed_at_once_although_one_enters_that_day() -> None:
    curve = kaplan_meier(table_of([Life(3, 1), Life(3, 1), Life(9, 0, entry=3)]))
    assert curve.risk.time.tolist() == [3]
    assert curve.stop is not None
    assert curve.stop.reason == "survival is 0 after age 3, whatever becomes of the 1 who enter from then on"


def test_one_who_enters_the_day_the_last_is_censored_keeps_the_curve_going() -> None:
    curve = kaplan_meier(table_of([Life(3, 0), Life(9, 1, entry=3), Life(12, 0, entry=3)]))
    assert curve.stop is None
    assert curve.value.tolist() == [1.0, 0.5, 0.5]


def test_a_curve_that_ends_at_its_last_unit_has_no_stop() -> None:
    assert kaplan_meier(table_of([Life(2, 1), Life(3, 1)])).stop is None


@given(some_lives(), st.integers(0, 6))
def test_from_an_age_it_is_the_curve_of_those_who_outlived_it(lives: list[Life], age: int) -> None:
    kept = [life._replace(entry=max(life.entry, age)) for life in lives if life.time > age]
    if not kept:
        return
    ours, theirs = kaplan_meier(from_age(table_of(lives), age)), kaplan_meier(table_of(kept))
    for column, other in zip((*ours.risk, *ours[1:5]), (*theirs.risk, *theirs[1:5]), strict=True):
        assert np.array_equal(np.asarray(column), np.asarray(other), equal_nan=True)


def test_who_is_at_risk_at_no_age_is_refused() -> None:
    with pytest.raises(ValueError, match="leave must be greater than entry"):
        age_table([3.0], [3.0], [1])
