"""Reports as the one page of all of them shows them."""

import json
from typing import Any

import pytest

from analytics.console.reports_view import cell, chart_of, drawn_of


def an_answer(*columns: tuple[str, str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"columns": [{"name": name, "unit": unit, "about": ""} for name, unit in columns], "rows": rows}


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "days", "–"), (0.5, "share", "50.00 %"), (1234, "count", "1,234"), (1.234, "days", "1.23"),
        (0.04321, "probability", "0.0432"), (True, "", "yes"), ("S1", "", "S1"), ("", "", "–"),
    ],
)  # fmt: skip
def test_a_cell_is_written_by_its_unit(value: object, unit: str, shown: str) -> None:
    assert cell(value, unit) == shown


def test_a_share_is_drawn_with_its_limits_the_greatest_first() -> None:
    columns = (("site", ""), ("sold", "count"), ("rate", "share"), ("rate_low", "share"), ("rate_high", "share"))
    rows = [
        {"site": "a", "sold": 9, "rate": 0.1, "rate_low": 0.0, "rate_high": 0.2},
        {"site": "b", "sold": 9, "rate": 0.5, "rate_low": 0.4, "rate_high": 0.6},
        {"site": "c", "sold": 0, "rate": None, "rate_low": None, "rate_high": None},
    ]
    chart = chart_of(an_answer(*columns, rows=rows))
    assert chart is not None
    (series,) = chart.option["series"]
    assert [point["value"] for point in series["data"]] == [[50.0, 0], [10.0, 1]]
    assert chart.says == "The 2 greatest of 3: rate, %, with 95 % limits."
    json.dumps(dict(chart.option))


def test_a_median_is_drawn_before_other_quantiles() -> None:
    columns = [(f"{name}_{part}", "days") for name in ("p10", "median") for part in ("days", "low", "high")]
    drawn = drawn_of(an_answer(("site", ""), *columns, rows=[]))
    assert drawn == ("median_days", "median_low", "median_high")


def test_a_count_is_drawn_as_bars() -> None:
    chart = chart_of(an_answer(("item", ""), ("units", "count"), rows=[{"item": "i", "units": 3}]))
    assert chart is not None
    assert chart.option["series"][0]["type"] == "bar"


def test_what_has_no_numbers_or_no_rows_has_no_chart() -> None:
    assert chart_of(an_answer(("item", ""), rows=[{"item": "i"}])) is None
    assert chart_of(an_answer(("item", ""), ("units", "count"), rows=[])) is None
