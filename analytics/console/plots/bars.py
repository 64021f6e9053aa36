"""Lying bars: one number per name, the first on top.

Flow: names and numbers -> an ECharts option.
"""

from collections.abc import Sequence

from analytics.console.plots.canvas import COLOURS, Option, canvas, category_axis, round_up, short, value_axis


def bars_plot(names: Sequence[str], values: Sequence[float], axis: str) -> Option:
    """Return a bar per name."""
    data = [{"value": value, "name": f"{short(name)}: {value:,.4g}"} for name, value in zip(names, values, strict=True)]
    series = {"type": "bar", "barMaxWidth": 18, "itemStyle": {"color": COLOURS[0]}, "data": data}
    x = value_axis(axis, min=0, max=round_up(max(values, default=0.0)), scale=False)
    option = canvas(x=x, y=category_axis([short(name) for name in names], inverse=True), series=[series])
    option["tooltip"]["formatter"] = "{b}"
    return option
