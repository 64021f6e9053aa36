"""A forest plot: an estimate and its interval per group, one below the other, and a line at the whole.

Flow: rows with an estimate and limits -> an ECharts option.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from analytics.console.plots.canvas import COLOURS, QUIET, Option, canvas, category_axis, round_up, short, value_axis

MOST_ROWS: Final = 24
"""A plot has room for as many; its table shows all."""


Row = Mapping[str, Any]


class Columns(NamedTuple):
    """Which columns hold what, and how the axis is named."""

    estimate: str
    low: str
    high: str
    axis: str


def forest_plot(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], columns: Columns, whole: float | None
) -> Option:
    """Return the plot of the first rows, the first on top.

    Args:
        rows: The estimates; one without limits is drawn as a point.
        names: What each row is called.
        columns: Where the numbers are.
        whole: The estimate of all together, drawn as a line; None draws none.
    """
    shown = [(short(name), row) for name, row in zip(names, rows, strict=True) if row[columns.estimate] is not None]
    shown = shown[:MOST_ROWS]
    data = [
        {"value": [row[columns.estimate], place], "name": f"{name}: {_said(row, columns)}"}
        for place, (name, row) in enumerate(shown)
    ]
    intervals = [
        [{"coord": [row[columns.low], place]}, {"coord": [row[columns.high], place]}]
        for place, (_, row) in enumerate(shown)
        if row[columns.low] is not None and row[columns.high] is not None
    ]
    marks: Option = {
        "symbol": ["none", "none"], "silent": True, "animation": False,
        "lineStyle": {"color": COLOURS[0], "width": 2, "type": "solid"}, "label": {"show": False}, "data": intervals,
    }  # fmt: skip
    if whole is not None:
        marks["data"] = [*intervals, {"xAxis": whole, "lineStyle": {"type": "dashed", "width": 1, "color": QUIET}}]
    series = {
        "type": "scatter", "symbol": "rect", "symbolSize": 9, "itemStyle": {"color": COLOURS[0]}, "data": data,
        "markLine": marks,
    }  # fmt: skip
    high = [row[columns.high] if row[columns.high] is not None else row[columns.estimate] for _, row in shown]
    x = value_axis(columns.axis, min=0, max=round_up(max([*high, whole or 0.0])), scale=False)
    y = category_axis([name for name, _ in shown], inverse=True)
    option = canvas(x=x, y=y, series=[series])
    option["tooltip"]["formatter"] = "{b}"
    return option


def _said(row: Row, columns: Columns) -> str:
    estimate, low, high = (row[name] for name in (columns.estimate, columns.low, columns.high))
    if low is None or high is None:
        return f"{estimate:,.4g}"
    return f"{estimate:,.4g} ({low:,.4g} to {high:,.4g})"
