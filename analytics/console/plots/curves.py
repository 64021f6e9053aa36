"""Curves of lifetimes: survival, hazard or incidence by age, with bands and the numbers at risk below.

Flow: the answer of `curve_answer` -> an ECharts option; age tables -> rows of numbers at risk.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from analytics.answers import Answer, plain
from analytics.console.plots.canvas import COLOURS, MOST_GROUPS, Option, canvas, short, value_axis
from analytics.statistics.age_table import AgeTable

_COLUMNS: Final = {
    "survival": ("survival", 1.0),
    "hazard": ("cumulative_hazard", 0.0),
    "cumulative_incidence": ("cumulative_incidence", 0.0),
}
_FLOORS: Final = (0.95, 0.9, 0.8, 0.5)
"""Where the axis of a survival curve may begin, if everything drawn is above."""
_TICKS: Final = 8
_STEPS: Final = (1, 2, 5)
_MOST_POINTS: Final = 2_000

Point = Mapping[str, Any]


def curve_plot(answer: Answer) -> Option:
    """Return a step curve per group, each with its band; the first groups where there are more than colours."""
    column, start = _COLUMNS[answer["kind"]]
    groups = _by_group(answer["points"])
    begins = {row["group"]: row["age"] for row in answer["starts"]}
    series: list[Option] = []
    for place, (group, points) in enumerate(list(groups.items())[:MOST_GROUPS]):
        first = {"time": begins.get(group, answer["from_age"]), column: start, "low": None, "high": None}
        series += _curve(short(group or "all units"), [first, *_thinned(points)], column, place)
    x = value_axis("age in days", min=answer["from_age"] or 0)
    return canvas(
        x=x, y=_upright(series, start), series=series, legend=[one["name"] for one in series if _is_line(one)]
    )


def numbers_at_risk(tables: Mapping[str | None, AgeTable]) -> tuple[list[float], list[dict[str, Any]]]:
    """Return round ages and, by group, how many units are at risk at each: entry < t <= exit."""
    greatest = max((float(table.age[-1]) for table in tables.values() if len(table.age)), default=0.0)
    ages = ticks(greatest)
    rows = [{"group": group or "all units", "at_risk": _at_risk(table, ages)} for group, table in tables.items()]
    return ages, rows


def ticks(greatest: float) -> list[float]:
    """Return round ages from the first step on, three to eight of them, none beyond the greatest."""
    if not greatest >= 1:
        return []
    rough = greatest / _TICKS
    ten = 10.0 ** np.floor(np.log10(rough))
    step = max(1.0, next((ten * times for times in _STEPS if ten * times >= rough), ten * 10))
    return [float(step * n) for n in range(1, int(greatest // step) + 1)]


def _is_line(one: Option) -> bool:
    return not one["silent"]


def _upright(series: Sequence[Option], start: float) -> Option:
    """Return the axis of shares: from 0, but a survival curve that stays high begins where it can be told apart."""
    drawn = [point[1] for one in series if _is_line(one) or "areaStyle" not in one for point in one["data"]]
    if not start:
        return {"type": "value", "min": 0}
    return {"type": "value", "max": 1, "min": next((floor for floor in _FLOORS if min(drawn, default=0) > floor), 0)}


def _at_risk(table: AgeTable, ages: Sequence[float]) -> list[int | float]:
    before = np.searchsorted(table.age, ages, side="left")
    present = np.concatenate([[0.0], np.cumsum(table.entered - table.exits)])
    return [plain(number) for number in present[before]]


def _by_group(points: Sequence[Point]) -> dict[str | None, list[Point]]:
    groups: dict[str | None, list[Point]] = {}
    for point in points:
        groups.setdefault(point["group"], []).append(point)
    return groups


def _thinned(points: list[Point]) -> list[Point]:
    """Leave out points where nothing happened, where there are more than a screen can show; ends and steps stay."""
    if len(points) <= _MOST_POINTS:
        return points
    return [point for point in points[:-1] if point["events"]] + points[-1:]


def _curve(name: str, points: list[Point], column: str, place: int) -> list[Option]:
    colour = COLOURS[place]
    line = {
        "name": name, "type": "line", "step": "end", "showSymbol": False, "silent": False,
        "lineStyle": {"color": colour, "width": 2}, "itemStyle": {"color": colour},
        "data": [[point["time"], point[column]] for point in points],
    }  # fmt: skip
    return [line, *_band(name, points, colour, place)]


def _band(name: str, points: list[Point], colour: str, place: int) -> list[Option]:
    """Return the band as two stacked steps: the lower limit, unseen, and the height above it."""
    with_limits = [point for point in points if point["low"] is not None and point["high"] is not None]
    if not with_limits:
        return []
    shared = {
        "name": name, "type": "line", "step": "end", "symbol": "none", "silent": True, "stack": f"band {place}",
        "stackStrategy": "all", "lineStyle": {"opacity": 0}, "itemStyle": {"color": colour},
        "tooltip": {"show": False}, "z": 1,
    }  # fmt: skip
    low = [[point["time"], point["low"]] for point in with_limits]
    height = [[point["time"], point["high"] - point["low"]] for point in with_limits]
    return [shared | {"data": low}, shared | {"data": height, "areaStyle": {"color": colour, "opacity": 0.16}}]
