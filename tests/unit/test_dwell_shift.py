"""Shifts of dwell from counted stays: longer, shorter, too few, too many places at once."""

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest

from analytics.dwell_shift import shifted

THRESHOLDS = {"q": 0.05, "times": 1.5, "least_ended": 20.0}
Row = dict[str, Any]


def stays(site: str, before: float, recent: float, count: int = 200, seed: int = 1) -> list[Row]:
    """Returns counted stays of exponential lengths with these means, the recent ones censored after a week."""
    chance = np.random.default_rng(seed)
    rows: list[Row] = []
    for is_recent, mean, limit in ((False, before, 80_640), (True, recent, 10_080)):
        minutes = np.ceil(chance.exponential(mean, count)).astype(int)
        counted = Counter((min(one, limit), one <= limit) for one in minutes.tolist())
        rows += [a_row(site, is_recent, leave, has_ended, units) for (leave, has_ended), units in counted.items()]
    return rows


def a_row(site: str, is_recent: bool, leave: int, has_ended: bool, units: int, entry: int = 0) -> Row:
    named = {"site": site, "step": "STAGE", "is_recent": is_recent, "window_from": 1_000, "window_to": 2_000}
    return named | {"entry": entry, "leave": leave, "has_ended": has_ended, "units": units}


def found(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row["subject"], json.loads(row["evidence"])["dwell"]) for row in shifted(rows, **THRESHOLDS)]


@pytest.mark.parametrize(("recent", "dwell"), [(2_500.0, "longer"), (300.0, "shorter")])
def test_a_shift_is_found_with_its_direction(recent: float, dwell: str) -> None:
    assert found(stays("munich", 1_000.0, recent)) == [("site:munich", dwell)]


def test_a_site_where_nothing_leaves_any_more_is_found() -> None:
    before = [a_row("munich", False, minutes, True, 10) for minutes in range(100, 2_000, 100)]
    assert found([*before, a_row("munich", True, 10_080, False, 60)]) == [("site:munich", "longer")]


def test_what_is_as_it_was_is_not_found() -> None:
    assert found(stays("munich", 1_000.0, 1_000.0)) == []


def test_a_difference_that_is_sure_and_small_does_not_count() -> None:
    assert found(stays("munich", 1_000.0, 1_200.0, count=20_000)) == []


def test_few_stays_say_nothing() -> None:
    assert found(stays("munich", 1_000.0, 5_000.0, count=15)) == []
    assert found([]) == []
    assert found([row for row in stays("munich", 1_000.0, 2_500.0) if row["is_recent"]]) == []


def test_a_stay_that_was_begun_before_is_at_risk_from_the_age_it_had() -> None:
    old = [a_row("munich", True, 50_000, False, 500, entry=40_000)]  # older than any that ended: nothing was missed
    assert found(stays("munich", 1_000.0, 1_000.0) + old) == []


def test_of_many_healthy_places_few_are_found() -> None:
    rows = [row for n in range(200) for row in stays(f"site-{n:03}", 1_000.0, 1_000.0, count=60, seed=n)]
    assert len(shifted(rows, q=0.05, times=1.0, least_ended=20.0)) <= 2


def test_the_window_and_the_place_are_those_of_the_rows() -> None:
    (row,) = shifted(stays("munich", 1_000.0, 2_500.0), **THRESHOLDS)
    assert (row["window_from"], row["window_to"], row["window_name"], row["site_name"]) == (
        1_000,
        2_000,
        "STAGE",
        "munich",
    )
