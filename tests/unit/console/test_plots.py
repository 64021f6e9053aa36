"""Charts are plain data, and show the numbers that their tables show."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.answers import curve_answer, weibull_answer
from analytics.console.plots.canvas import MOST_GROUPS, round_down, round_up, short
from analytics.console.plots.curves import curve_plot, numbers_at_risk, ticks
from analytics.console.plots.forecast import forecast_plot
from analytics.console.plots.forest import MOST_ROWS, Columns, forest_plot
from analytics.console.plots.time_line import time_line_plot
from analytics.console.plots.weibull import cloglog, weibull_plot
from analytics.statistics.age_table import CENSORED, COMPETING, EVENT, AgeTable, age_table
from tests.unit.console.rows import a_scan_row

LIVES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 30), st.sampled_from([EVENT, COMPETING, CENSORED]), st.integers(1, 3)),
    min_size=1,
    max_size=20,
)
RATE = Columns("value", "low", "high", "% per year")


def table_of(lives: list[tuple[int, int, int, int]]) -> AgeTable:
    entry, length, how, weight = (np.array(column) for column in zip(*lives, strict=True))
    return age_table(entry, entry + length, how, weight)


def drawn(option: Mapping[str, Any], name: str) -> list[list[float]]:
    """Returns the points of a line of that name that is no band."""
    return next(one["data"] for one in option["series"] if one.get("name") == name and not one["silent"])


@given(LIVES)
def test_numbers_at_risk_are_those_counted_one_by_one(lives: list[tuple[int, int, int, int]]) -> None:
    ages, (row,) = numbers_at_risk({None: table_of(lives)})
    counted = [
        sum(weight for entry, length, _, weight in lives if entry < age <= entry + length) for age in ages
    ]  # fmt: skip
    assert row["at_risk"] == counted
    assert row["group"] == "all units"


@given(LIVES, st.sampled_from(["survival", "hazard", "cumulative_incidence"]))
def test_a_curve_shows_its_points_and_is_json(lives: list[tuple[int, int, int, int]], kind: str) -> None:
    answer = curve_answer(kind, {None: table_of(lives)}, {}, 0.95)
    option = curve_plot(answer)
    column = {"survival": "survival", "hazard": "cumulative_hazard"}.get(kind, kind)
    assert drawn(option, "all units")[1:] == [[point["time"], point[column]] for point in answer["points"]]
    bands = [one["data"] for one in option["series"] if one["silent"]]
    for low, height in zip(*bands, strict=True) if bands else ():
        point = next(point for point in answer["points"] if point["time"] == low[0])
        assert low[1] + height[1] == pytest.approx(point["high"])
    json.dumps(option, allow_nan=False)


def test_more_groups_than_colours_are_in_the_table_only() -> None:
    tables: dict[str | None, AgeTable] = {f"i{n}": table_of([(0, 5, EVENT, 2), (0, 9, CENSORED, 4)]) for n in range(12)}
    option = curve_plot(curve_answer("survival", tables, {}, 0.95))
    assert len(option["legend"]["data"]) == MOST_GROUPS
    assert len(numbers_at_risk(tables)[1]) == 12


@given(st.floats(0, 1e7))
def test_ticks_are_round_and_few_and_none_lies_beyond(greatest: float) -> None:
    ages = ticks(greatest)
    assert len(ages) <= 8
    assert all(age == int(age) and age <= greatest for age in ages)
    assert len(ages) >= 3 or greatest < 12


def test_a_forest_draws_an_interval_per_row_and_the_whole() -> None:
    rows: list[dict[str, Any]] = [
        {"value": 2.0, "low": 1.0, "high": 4.0},
        {"value": 3.0, "low": None, "high": None},
    ]
    option = forest_plot(rows, ["a", "b"], RATE, 2.5)
    (series,) = option["series"]
    assert [point["value"] for point in series["data"]] == [[2.0, 0], [3.0, 1]]
    assert series["data"][0]["name"] == "a: 2 (1 to 4)"
    interval, whole = series["markLine"]["data"]
    assert [end["coord"] for end in interval] == [[1.0, 0], [4.0, 0]]
    assert whole["xAxis"] == 2.5
    assert option["xAxis"]["max"] >= 4


def test_a_forest_of_nothing_and_of_very_many_is_drawn() -> None:
    assert forest_plot([], [], RATE, None)["series"][0]["data"] == []
    row = {"value": 1.0, "low": 0.0, "high": 2.0}
    many = forest_plot([row] * 100, [str(n) for n in range(100)], RATE, 1.0)
    assert len(many["series"][0]["data"]) == MOST_ROWS


def test_the_fitted_line_goes_through_the_scale_and_b10() -> None:
    lives = [(0, age, EVENT, 1) for age in (3, 7, 9, 14, 22, 31)] + [(0, 40, CENSORED, 10)]
    answer = weibull_answer({None: table_of(lives)}, {}, 0.95)
    option, fit = weibull_plot(answer), answer["fits"][0]
    (line,) = (one["data"] for one in option["series"] if one["type"] == "line")
    (x0, y0), (x1, y1) = line
    slope = (y1 - y0) / (math.log(x1) - math.log(x0))
    assert slope == pytest.approx(fit["shape"])
    at_b10 = y0 + slope * (math.log(fit["b10"]) - math.log(x0))
    assert at_b10 == pytest.approx(cloglog(0.1))
    points = option["series"][0]["data"]
    assert [point["value"] for point in points] == [
        [point["time"], cloglog(point["probability"])] for point in answer["points"]
    ]
    json.dumps(option, allow_nan=False)


def test_a_fit_that_is_not_there_leaves_the_points_alone() -> None:
    option = weibull_plot(weibull_answer({"a": table_of([(0, 5, EVENT, 1), (0, 9, CENSORED, 5)])}, {}, 0.95))
    assert [one["type"] for one in option["series"]] == ["scatter", "scatter"]
    assert weibull_plot({"fits": [], "points": []}).get("legend") is None


def test_the_time_line_joins_what_took_effect_and_shows_all() -> None:
    rows = [
        a_scan_row(3, site="B"),
        a_scan_row(2, site="C", outcome="REJECTED", reason="UNKNOWN_UNIT"),
        a_scan_row(1, site="A", step="COMMISSION"),
        a_scan_row(4, site="A", step="VOID"),
    ]
    option = time_line_plot(rows)
    assert option["yAxis"]["data"] == ["A", "C", "B"]
    way = option["series"][0]["data"]
    assert [place for _, place in way] == [0, 2]
    assert option["legend"]["data"] == ["ACCEPTED", "REJECTED"]
    said = [point["name"] for one in option["series"][1:] for point in one["data"]]
    assert "STORE at C, 2024-05-01 02:00:00 UTC: REJECTED UNKNOWN_UNIT" in said
    assert len(said) == 4
    json.dumps(option)


def test_a_time_line_of_nothing_is_drawn() -> None:
    assert time_line_plot([])["series"] == []


def test_the_end_of_a_long_name_is_kept() -> None:
    assert short("gtin:09506000134352/WIDGET-1/ABC", 12) == "…IDGET-1/ABC"
    assert short("abc", 12) == "abc"


@given(st.floats(1e-6, 1e12))
def test_an_axis_ends_at_a_round_number_not_far_away(value: float) -> None:
    assert value <= round_up(value) <= 2 * value
    assert value / 2 <= round_down(value) <= value


def test_a_forecast_has_a_bar_and_its_limits_for_each_month() -> None:
    rows = [{"period": "2025-07", "expected": 4.4, "low": 1.0, "high": 9.0}]
    option = forecast_plot(rows)
    (bars,) = option["series"]
    assert bars["data"] == [{"value": 4.4, "name": "2025-07: 4.4 (1 to 9)"}]
    assert [[end["coord"] for end in line] for line in bars["markLine"]["data"]] == [[[0, 1.0], [0, 9.0]]]
    assert option["yAxis"]["max"] >= 9
