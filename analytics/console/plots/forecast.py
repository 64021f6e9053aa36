"""Returns to come by month: bars with their prediction limits.

Flow: rows of a forecast -> an ECharts option.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.console.plots.canvas import COLOURS, INK, Option, canvas, category_axis, round_up


def forecast_plot(rows: Sequence[Mapping[str, Any]]) -> Option:
    """Return a bar per month and a line over its limits."""
    limits = [
        [{"coord": [place, row["low"]]}, {"coord": [place, row["high"]]}]
        for place, row in enumerate(rows)
        if row["low"] is not None
    ]
    data = [{"value": row["expected"], "name": f"{row['period']}: {_said(row)}"} for row in rows]
    marks = {
        "symbol": ["none", "none"], "silent": True, "label": {"show": False}, "data": limits,
        "lineStyle": {"color": INK, "width": 2, "type": "solid"},
    }  # fmt: skip
    bars = {
        "type": "bar", "barWidth": "46%", "itemStyle": {"color": COLOURS[0]}, "data": data, "markLine": marks,
    }  # fmt: skip
    greatest = max((row["high"] for row in rows if row["high"] is not None), default=0)
    y = {"type": "value", "min": 0, "max": round_up(greatest)}
    option = canvas(x=category_axis([str(row["period"]) for row in rows]), y=y, series=[bars])
    option["tooltip"]["formatter"] = "{b}"
    return option


def _said(row: Mapping[str, Any]) -> str:
    return f"{row['expected']:,.1f} ({row['low']:,.0f} to {row['high']:,.0f})"
