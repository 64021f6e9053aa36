"""Scans by day, stacked by outcome.

Flow: rows of day, outcome, scans -> an ECharts option.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.console.plots.canvas import OUTCOME_COLOURS, Option, canvas, category_axis


def days_plot(rows: Sequence[Mapping[str, Any]]) -> Option:
    """Return a bar per day on which anything came."""
    days = sorted({row["day"] for row in rows})
    counts = {(row["day"], row["outcome"]): row["scans"] for row in rows}
    series = [
        {
            "name": outcome, "type": "bar", "stack": "scans", "barMaxWidth": 26, "itemStyle": {"color": colour},
            "data": [
                {"value": counts.get((day, outcome), 0), "name": f"{day}: {counts.get((day, outcome), 0):,} {outcome}"}
                for day in days
            ],
        }
        for outcome, colour in OUTCOME_COLOURS.items()
        if any((day, outcome) in counts for day in days)
    ]  # fmt: skip
    x, y = category_axis([str(day) for day in days]), {"type": "value", "minInterval": 1}
    option = canvas(x=x, y=y, series=series, legend=[str(one["name"]) for one in series])
    option["tooltip"]["formatter"] = "{b}"
    option["grid"] |= {"bottom": 12}
    return option
