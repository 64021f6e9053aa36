"""A Weibull probability plot: failure ages and shares on axes where a Weibull is a straight line, with its fit.

Flow: the answer of `weibull_answer` -> an ECharts option.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from analytics.answers import Answer
from analytics.console.plots.canvas import (
    COLOURS,
    MOST_GROUPS,
    QUIET,
    Option,
    canvas,
    log_axis,
    round_down,
    round_up,
    short,
    value_axis,
)

SHARES: Final = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)
_B10: Final = 0.1


def cloglog(share: float) -> float:
    """Return ln(-ln(1 - share)), the height at which a share failed is drawn."""
    return math.log(-math.log1p(-share))


def weibull_plot(answer: Answer) -> Option:
    """Return points and fitted lines per group, and a line at 10 % failed (B10)."""
    fits = {fit["group"]: fit for fit in answer["fits"]}
    points = [point for point in answer["points"] if 0 < point["probability"] < 1 and point["time"] > 0]
    shown = [group for group in fits if any(point["group"] == group for point in points)][:MOST_GROUPS]
    ages = [point["time"] for point in points if point["group"] in shown]
    least, most = _heights(point["probability"] for point in points)
    series: list[Option] = []
    for place, group in enumerate(shown):
        mine = [point for point in points if point["group"] == group]
        series += _group(short(group or "all units"), mine, fits[group], (least, most), place)
    if series:
        series[0]["markLine"] = _b10_line()
    y = value_axis("", min=least, max=most, interval=1, axisLabel={"show": False})
    y |= {"splitLine": {"show": False}, "axisTick": {"show": False}}
    x = log_axis("age in days", min=round_down(min(ages, default=1)), max=round_up(max(ages, default=10)))
    legend = [short(group or "all units") for group in shown]
    option = canvas(x=x, y=y, series=[*series, _scale(least, most, x["min"])], legend=legend)
    option["tooltip"]["formatter"] = "{b}"
    option["grid"] |= {"left": 64}
    return option


def _heights(shares: Iterable[float]) -> tuple[float, float]:
    """Return the least and the greatest height drawn: all points lie between, and 1 % to 50 % at least."""
    heights = [cloglog(share) for share in shares] or [cloglog(_B10)]
    drawn = [cloglog(share) for share in SHARES]
    least = max((height for height in drawn if height < min(heights)), default=min(heights) - 1)
    most = min((height for height in drawn if height > max(heights)), default=max(heights) + 1)
    return min(least, cloglog(0.01)), max(most, cloglog(0.5))


def _group(
    name: str, points: Sequence[Mapping[str, Any]], fit: Mapping[str, Any], heights: tuple[float, float], place: int
) -> list[Option]:
    colour = COLOURS[place]
    data = [
        {
            "value": [point["time"], cloglog(point["probability"])],
            "name": f"{name}: {point['probability']:.2%} by {point['time']:,.4g} days",
        }
        for point in points
    ]
    scatter: Option = {
        "name": name, "type": "scatter", "symbolSize": 7, "itemStyle": {"color": colour}, "data": data,
    }  # fmt: skip
    if fit["shape"] is None or fit["scale"] is None:
        return [scatter]
    ends = [[fit["scale"] * math.exp(height / fit["shape"]), height] for height in heights]
    line = {
        "name": name, "type": "line", "symbol": "none", "silent": True, "data": ends, "clip": True,
        "lineStyle": {"color": colour, "width": 2}, "itemStyle": {"color": colour},
    }  # fmt: skip
    return [scatter, line]


def _b10_line() -> Option:
    return {
        "symbol": ["none", "none"], "silent": True, "lineStyle": {"type": "dashed", "color": QUIET},
        "label": {"formatter": "B10", "position": "insideEndTop", "color": QUIET},
        "data": [{"yAxis": cloglog(_B10)}],
    }  # fmt: skip


def _scale(least: float, most: float, left: float) -> Option:
    """Return the labels of the upright axis: points at its foot with the shares as text, for it is no even scale."""
    shares = [share for share in SHARES if least <= cloglog(share) <= most]
    return {
        "type": "scatter", "symbolSize": 1, "silent": True, "itemStyle": {"color": QUIET},
        "data": [
            {"value": [left, cloglog(share)],
             "label": {"show": True, "position": "left", "formatter": f"{100 * share:g} %", "color": QUIET}}
            for share in shares
        ],
    }  # fmt: skip
