"""Warranty triangles: the published one, ages, forecasts and their limits."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.answers import Answer
from analytics.nevada_answer import Asked, nevada_answer
from analytics.statistics.nevada import Shipments, Timing, by_age, coming, present_period, sample_of_shipments
from analytics.statistics.weibull_fit import NO_MAXIMUM, TOO_FEW
from analytics.tables.cells import read_table
from analytics.tables.nevada_rows import read_triangle
from analytics.tables.periods import Period, format_period, parse_period
from pipeline.errors import TableWrong
from tests.unit.statistics import published


def answer_of(text: str, folder: Path, asked: Asked) -> Answer:
    file = folder / "own.csv"
    file.write_text(text, encoding="utf-8")
    return nevada_answer(read_triangle(read_table(file), asked.timing), asked, {})


def exact(periods: int = 3, cost: float | None = None) -> Asked:
    return Asked(Timing.EXACT, 0.95, periods, cost)


def interval(periods: int = 3) -> Asked:
    return Asked(Timing.INTERVAL, 0.95, periods, None)


def test_the_published_triangle_has_its_ages_and_its_fit(tmp_path: Path) -> None:
    found = answer_of(published.WARRANTY, tmp_path, exact())
    assert found["ages"] == [
        {"age": 1, "returns": 9, "suspensions": 146},
        {"age": 2, "returns": 7, "suspensions": 134},
        {"age": 3, "returns": 5, "suspensions": 89},
    ]
    for name, number in published.WARRANTY_FIT.items():
        assert found["fit"][name] == pytest.approx(number, abs=5e-5)


def test_the_forecast_is_survivors_times_the_conditional_chance(tmp_path: Path) -> None:
    found = answer_of(published.WARRANTY, tmp_path, exact())
    shape, scale = found["fit"]["shape"], found["fit"]["scale"]

    def failed_by(age: float) -> float:
        return float(1 - np.exp(-((age / scale) ** shape)))

    for ahead, row in enumerate(found["forecast"]):
        expected = sum(
            left * (failed_by(age + ahead + 1) - failed_by(age + ahead)) / (1 - failed_by(age))
            for age, left in ((3, 89), (2, 134), (1, 146))
        )
        assert row["expected"] == pytest.approx(expected, rel=1e-9)
        assert row["low"] < row["expected"] < row["high"]
    assert [row["period"] for row in found["forecast"]] == ["2010-10", "2010-11", "2010-12"]
    assert found["total"]["expected"] == pytest.approx(sum(row["expected"] for row in found["forecast"]))


def test_with_intervals_survivors_are_censored_at_the_end_of_the_last_period(tmp_path: Path) -> None:
    found = answer_of("ship,quantity,1,2,3\n1,100,2,3,4\n2,50,,1,2\n3,20,,,0\n", tmp_path, interval())
    assert found["ages"] == [
        {"age": 0, "returns": 3, "suspensions": 0},
        {"age": 1, "returns": 5, "suspensions": 20},
        {"age": 2, "returns": 4, "suspensions": 47},
        {"age": 3, "returns": 0, "suspensions": 91},
    ]
    assert [row["period"] for row in found["forecast"]] == [4, 5, 6]
    assert found["fit"]["n"] == 170
    assert found["events"] == 12


def test_the_reserve_is_the_forecast_times_the_cost(tmp_path: Path) -> None:
    found = answer_of(published.WARRANTY, tmp_path, exact(cost=12.5))
    for row in [*found["forecast"], found["total"]]:
        assert row["reserve"] == row["expected"] * 12.5
        assert (row["reserve_low"], row["reserve_high"]) == (row["low"] * 12.5, row["high"] * 12.5)


def test_the_draws_have_a_fixed_seed(tmp_path: Path) -> None:
    assert answer_of(published.WARRANTY, tmp_path, exact()) == answer_of(published.WARRANTY, tmp_path, exact())


def test_too_few_returns_have_no_forecast_and_say_why(tmp_path: Path) -> None:
    found = answer_of("ship,quantity,0,1\n0,100,0,1\n1,50,,0\n", tmp_path, interval(2))
    assert [row["expected"] for row in found["forecast"]] == [None, None]
    assert found["forecast"][0]["reason"] == found["fit"]["reason"] == TOO_FEW


@pytest.mark.parametrize(
    "triangle",
    [
        "ship,quantity,1,2\n1,1,0,1\n2,200,,1\n",
        "ship,quantity,2,3\n2,1,0,1\n3,100,,1\n",
        "ship,quantity,1,2,3\n1,100,0,2,98\n2,100,,0,2\n3,100,,,0\n",
    ],
)
def test_where_nothing_bounds_the_shape_there_is_no_forecast(triangle: str, tmp_path: Path) -> None:
    """Whoever is old enough is back: the steeper the better, for ever; no limit of steps may look like a maximum."""
    found = answer_of(triangle, tmp_path, interval(2))
    assert found["fit"]["reason"] == NO_MAXIMUM
    assert [row["expected"] for row in found["forecast"]] == [None, None]


def test_a_shipment_whose_returns_are_not_yet_known_is_forecast_from_where_it_was_last_seen(tmp_path: Path) -> None:
    """The second row's period 3 is not yet known, so its survivors are 1 old; returns in period 4 are at age 2 to 3."""
    found = answer_of("ship,quantity,1,2,3\n1,100,5,6,8\n2,50,,4,\n", tmp_path, interval(1))
    shape, scale = found["fit"]["shape"], found["fit"]["scale"]

    def survived(age: float) -> float:
        return float(np.exp(-((age / scale) ** shape)))

    expected = 81 * (survived(3) - survived(4)) / survived(3) + 46 * (survived(2) - survived(3)) / survived(1)
    assert found["forecast"][0]["expected"] == pytest.approx(expected, rel=1e-9)


def test_early_failures_are_forecast_though_their_scale_is_beyond_all_numbers(tmp_path: Path) -> None:
    """Twenty of a million fail at once and then one: the scale is e^403; the numbers are of another maximization."""
    found = answer_of("ship,quantity,1,2,3,4,5,6\n1,1000000,20,1,0,0,0,0\n", tmp_path, interval(2))
    assert found["fit"]["shape"] == pytest.approx(0.026825, abs=1e-6)
    assert found["fit"]["scale"] is None
    assert found["fit"]["reason"].startswith("no finite limit: scale")
    assert [row["expected"] for row in found["forecast"]] == pytest.approx([0.087015, 0.075667], abs=1e-6)
    assert found["forecast"][0]["low"] <= found["forecast"][0]["high"] < 10


def test_late_failures_are_forecast_though_nobody_outlives_the_periods_to_come(tmp_path: Path) -> None:
    head, none = ",".join(map(str, range(1, 301))), "0," * 297
    found = answer_of(f"ship,quantity,{head}\n0,400,{none}1,9,90\n", tmp_path, exact(1200))
    assert found["total"]["expected"] == pytest.approx(300)
    assert (found["total"]["low"], found["total"]["high"]) == (300, 300)


PLANNED = "ship,quantity,1,2,3\n1,1000,3,5,8\n2,1000,,4,6\n3,1000,,,2\n5,1000,,,\n"


def test_a_planned_shipment_puts_off_no_period_and_is_forecast_from_its_own(tmp_path: Path) -> None:
    found = answer_of(PLANNED, tmp_path, interval(3))
    assert [row["period"] for row in found["forecast"]] == [4, 5, 6]
    assert [row["expected"] for row in found["forecast"]] == pytest.approx([22.604, 30.294, 37.077], abs=1e-3)
    without = answer_of(PLANNED.replace("5,1000,,,\n", ""), tmp_path, interval(3))
    assert found["forecast"][0]["expected"] == without["forecast"][0]["expected"]
    assert found["fit"]["shape"] == without["fit"]["shape"]


@pytest.mark.parametrize(
    ("text", "coming_periods"),
    [
        ("ship,quantity,-3,-2,-1\n-3,1000,3,5,8\n-2,1000,,4,6\n-1,1000,,,2\n", [0, 1]),
        ("ship,quantity,1,2\n2,9,,\n1,9,,\n", [1, 2]),
        ("ship,quantity,1,2\n", []),
    ],
)
def test_the_forecast_begins_after_the_last_period_known_of_any_shipment(
    text: str, coming_periods: list[int], tmp_path: Path
) -> None:
    for asked in (interval(2), exact(2)):
        shown = text.replace("-3,1000,3", "-3,1000,").replace(",,4", ",,").replace(",,,2", ",,,")
        found = answer_of(text if asked.timing is Timing.INTERVAL else shown, tmp_path, asked)
        assert [row["period"] for row in found["forecast"]] == coming_periods


def test_of_shipments_that_all_lie_ahead_the_present_is_before_the_first() -> None:
    ahead = Shipments(np.array([7.0, 5.0]), np.ones(2), np.array([6.0, 4.0]), np.zeros((2, 1)))
    assert present_period(ahead) == 4


def test_a_reserve_beyond_all_numbers_is_none(tmp_path: Path) -> None:
    found = answer_of(PLANNED, tmp_path, interval(1)._replace(cost_per_return=1e308))
    assert (found["total"]["reserve"], found["total"]["reserve_high"]) == (None, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ship,q,1,2\n1,10,x,1\n", "line 2 (row 1 of the data), column '1': 'x' is no count of returns"),
        ("ship,q,1,2\n1,10,0,1\n2,10,1,1\n", "line 3 (row 2 of the data), column '1': '1' are returned before"),
        ("ship,q,1,2\n1,10,0,3\n1,2,0,3\n", "line 3 (row 2 of the data), column 'q': '2' are fewer than the 3"),
        ("ship,q,1,2,3\n1,10,0,,3\n", "column '2': '' is blank though '3' after it is filled; write 0"),
        (
            "ship,q,1,2\n1,10,,3\n",
            "column '1': '' is blank though '2' after it is filled; write 0 where none came back",
        ),
        ("ship,q,4,5\n4,9,1,1\n1,9,1,1\n", "line 3 (row 2 of the data), column 'ship': '1' lies before the first"),
        ("ship,q,4,5\n1,9,1,1\n", "its returns from age 0 are missing; begin the columns with the period of its"),
        ("ship,q,4,5\n3,9,1,1\n", "or use --timing exact where none comes back in the period of its shipment"),
        ("ship,q,1,2\nJun 2010,10,0,1\n", "'Jun 2010' is no period like those of the columns"),
        ("ship,q,1,2\n1,-4,0,1\n", "'-4' is no quantity; it is a whole number from 0"),
        ("ship,q,1,2\n1,4.5,0,1\n", "'4.5' is no quantity"),
        ("ship,q,1,3\n1,10,0,1\n", "column '3' is not the period after the column before it"),
        ("ship,q,first\n1,10,0\n", "column 'first' names no period; a period is a whole number (7)"),
        ("ship,q\n1,10\n", "no periods; the columns are ship period, quantity"),
        ("ship,q,1,2\n-99999,10,0,1\n", "lies more than 10,000 periods from the last column"),
    ],
)
def test_a_bad_triangle_is_told_where_and_what_would_be_right(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(TableWrong) as wrong:
        answer_of(text, tmp_path, interval())
    assert said in str(wrong.value)


def test_exact_timing_needs_no_column_for_age_0_but_one_for_age_1(tmp_path: Path) -> None:
    assert answer_of("ship,q,4,5\n3,9,1,1\n4,9,,1\n", tmp_path, exact())["events"] == 3
    with pytest.raises(TableWrong) as wrong:
        answer_of("ship,q,4,5\n3,9,1,1\n2,9,1,1\n", tmp_path, exact())
    told = "line 3 (row 2 of the data), column 'ship': '2' lies before the first column '4', so that its returns from"
    assert f"{told} age 1 are missing; begin the columns with the period after its shipment" in str(wrong.value)


def test_exact_timing_refuses_age_0_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(TableWrong) as wrong:
        answer_of("ship,q,1,2\n1,10,1,1\n", tmp_path, exact())
    assert "column '1': '1' are returned at age 0, which exact timing refuses; use --timing interval" in str(
        wrong.value
    )
    lone = Shipments(np.array([1.0]), np.array([9.0]), np.array([1.0]), np.array([[1.0]]))
    with pytest.raises(ValueError, match="age 0"):
        sample_of_shipments(lone, Timing.EXACT)


@given(st.data(), st.sampled_from(list(Timing)))
def test_every_unit_is_a_return_or_a_suspension(data: st.DataObject, timing: Timing) -> None:
    rows = data.draw(st.integers(1, 5))
    returns = np.array(
        data.draw(st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=rows, max_size=rows))
    )
    quantity = returns.sum(axis=1) + data.draw(st.integers(0, 9))
    shipped = np.arange(rows, dtype=np.float64)
    triangle = Shipments(shipped, quantity.astype(np.float64), shipped + 3, returns.astype(np.float64))
    table = by_age(triangle, timing)
    assert table.returns.sum() + table.suspensions.sum() == quantity.sum()
    ahead = coming(triangle, timing, 2)
    assert ahead.age.shape == (rows, 4)
    assert np.all(np.diff(ahead.age, axis=1) >= 0)


def test_periods_are_written_as_they_are_read() -> None:
    for text, shown in [("7", 7), ("-2", -2), ("2024-06", "2024-06"), ("Jun. 2024", "2024-06"), ("2024-Q2", "2024-Q2")]:
        period = parse_period(text)
        assert period is not None
        assert format_period(period) == shown
    assert parse_period("Dec 2023") == Period("month", 2023 * 12 + 11)
    assert parse_period("2024-13") is None
    assert parse_period("Foo 2024") is None
