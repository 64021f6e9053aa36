"""The mean cumulative function: Nelson's valve seats, a worked example, the definition unit by unit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.recurrences import Histories, MeanCurve, histories, mean_cumulative
from tests.unit.statistics import published

History = tuple[float, float, int, list[float]]  # entry, end, weight, events


def histories_of(units: list[History]) -> Histories:
    entry, end, weight, events = zip(*units, strict=True)
    owner = [place for place, ages in enumerate(events) for _ in ages]
    return histories(entry, end, owner, [age for ages in events for age in ages], weight)


@st.composite
def some_units(draw: st.DrawFn, weight: int = 1) -> list[History]:
    units: list[History] = []
    for _ in range(draw(st.integers(1, 8))):
        entry = draw(st.sampled_from([0, 0, 1, 3]))
        end = entry + draw(st.integers(1, 8))
        events = draw(st.lists(st.integers(entry + 1, end), max_size=4))
        units.append((entry, end, draw(st.integers(1, weight)), [float(age) for age in events]))
    return units


def by_definition(units: list[History], time: float) -> tuple[float, float]:
    """Return mean and variance: Lawless and Nadeau 1995, summed unit by unit."""
    ages = sorted({age for unit in units for age in unit[3] if age <= time})
    number = {age: sum(w for entry, end, w, _ in units if entry < age <= end) for age in ages}
    step = {age: sum(w * events.count(age) for _, _, w, events in units) / number[age] for age in ages}
    variance = 0.0
    for entry, end, weight, events in units:
        seen = (age for age in ages if entry < age <= end)
        variance += weight * sum((events.count(age) - step[age]) / number[age] for age in seen) ** 2
    return sum(step.values()), variance


@given(some_units(weight=3))
def test_mean_and_variance_are_the_definition(units: list[History]) -> None:
    curve = mean_cumulative(histories_of(units))
    for place, time in enumerate(curve.time.tolist()):
        mean, variance = by_definition(units, time)
        assert float(curve.value[place]) == pytest.approx(mean, abs=1e-12)
        assert float(curve.std_err[place]) == pytest.approx(math.sqrt(variance), abs=1e-7)


@given(some_units(weight=3))
def test_a_weight_is_exactly_as_many_units(units: list[History]) -> None:
    many = [(entry, end, 1, events) for entry, end, weight, events in units for _ in range(weight)]
    heavy, long = mean_cumulative(histories_of(units)), mean_cumulative(histories_of(many))
    assert np.array_equal(heavy.value, long.value)
    assert np.array_equal(heavy.at_risk, long.at_risk)
    assert np.allclose(heavy.std_err, long.std_err, rtol=1e-9, atol=1e-8)


def test_three_systems_have_the_variance_worked_out_by_hand() -> None:
    """Three systems, one failure at 5 when all run: mean 1/3, variance (1/3)²((2/3)² + 2(1/3)²) = 6/81."""
    curve = mean_cumulative(histories_of([(0, 9, 1, [5.0]), (0, 9, 1, []), (0, 9, 1, [])]))
    assert float(curve.value[0]) == pytest.approx(1 / 3)
    assert float(curve.std_err[0]) ** 2 == pytest.approx(6 / 81)
    factor = math.exp(1.959963984540054 * math.sqrt(6 / 81) * 3)
    assert [float(curve.low[0]), float(curve.high[0])] == pytest.approx([1 / 3 / factor, factor / 3])


def valve_seats() -> MeanCurve:
    rows = published.valve_seat_rows()
    names = sorted({name for name, _, _ in rows})
    ends = {name: age for name, age, is_event in rows if not is_event}
    events = [(names.index(name), age) for name, age, is_event in rows if is_event]
    owner, ages = zip(*events, strict=True)
    return mean_cumulative(histories(np.zeros(41), [ends[name] for name in names], owner, ages))


def test_the_valve_seats_are_replaced_as_published() -> None:
    """48 replacements on 41 engines; each step is replacements over engines then running, which the table gives."""
    curve = valve_seats()
    at = dict(zip(curve.time.tolist(), zip(curve.value.tolist(), curve.at_risk.tolist(), strict=True), strict=True))
    assert curve.events.sum() == 48
    assert at[61.0] == (pytest.approx(1 / 41), 41)
    assert at[139.0] == (pytest.approx(9 / 41), 41)  # two of them of one engine on one day
    assert at[389.0][1] == 41
    assert at[404.0] == (pytest.approx(at[389.0][0] + 1 / 40), 40)


def test_limits_are_undefined_until_something_happens() -> None:
    curve = mean_cumulative(histories_of([(0, 2, 1, []), (0, 9, 1, [4.0])]))
    assert curve.time.tolist() == [2, 4, 9]
    assert np.isnan(curve.low).tolist() == [True, False, False]
    assert curve.std_err.tolist() == [0, 0, 0]


def test_the_curve_stops_where_nobody_is_observed() -> None:
    curve = mean_cumulative(histories_of([(0, 2, 1, [1.0]), (5, 9, 1, [6.0])]))
    assert curve.time.tolist() == [1, 2]
    assert curve.stop is not None
    assert "although 1 enter later" in curve.stop.reason


@pytest.mark.parametrize("age", [1.0, 4.5])
def test_an_event_outside_its_unit_s_time_is_refused(age: float) -> None:
    with pytest.raises(ValueError, match="every event must lie in there"):
        histories_of([(1, 4, 1, [age])])
