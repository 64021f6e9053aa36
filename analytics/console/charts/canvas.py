"""What all charts share: colours that stand on light and on dark ground, axes, and a chart's frame.

Flow: series and axes -> an ECharts option, JSON through and through.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Option = dict[str, Any]

COLOURS: Final = ("#3b82c4", "#d9682b", "#2e9e73", "#b65fa8", "#b58a00", "#1aa0b4", "#7a6fd0", "#8e8e93")
"""One a group, told apart also by most people who see few colours; 3:1 at least against white and against #14181d."""
MOST_GROUPS: Final = len(COLOURS)
"""A chart shows as many groups; its table shows all."""

TOOLTIP: Final[Option] = {"trigger": "item", "confine": True, "renderMode": "richText"}
"""Drawn on the canvas: as HTML it would need inline styles, and names that sites chose would be markup."""

OUTCOME_COLOURS: Final[Mapping[str, str]] = {
    "ACCEPTED": "#2e9e73", "FLAGGED": "#d9882b", "REPEATED": "#8e8e93", "REJECTED": "#d0454c", "UNDECIDED": "#7a6fd0",
}  # fmt: skip


def canvas(title: str, *, x: Option, y: Option, series: Sequence[Option], **other: Any) -> Option:  # noqa: ANN401
    """Return a whole chart; `title` is what a screen reader says of it."""
    return {
        "aria": {"enabled": True, "label": {"description": title}},
        "animation": False,
        "color": list(COLOURS),
        "grid": {"left": 12, "right": 24, "top": 44, "bottom": 12, "containLabel": True},
        "legend": {"type": "scroll", "top": 4, "left": 8, "right": 8},
        "tooltip": TOOLTIP | {},
        "xAxis": x,
        "yAxis": y,
        "series": list(series),
    } | other


def value_axis(name: str, **other: Any) -> Option:  # noqa: ANN401  whatever an axis of ECharts takes
    """Return an axis of numbers, named in its middle."""
    return {"type": "value", "name": name, "nameLocation": "middle", "nameGap": 30, "scale": True} | other


def log_axis(name: str, **other: Any) -> Option:  # noqa: ANN401  whatever an axis of ECharts takes
    """Return an axis of numbers by their logarithm."""
    return value_axis(name) | {"type": "log", "minorTick": {"show": True}} | other


def category_axis(names: Sequence[str], **other: Any) -> Option:  # noqa: ANN401  whatever an axis of ECharts takes
    """Return an axis of words."""
    return {"type": "category", "data": list(names), "axisTick": {"show": False}} | other


def short(name: str, most: int = 28) -> str:
    """Return a name that a chart has room for; its end tells items apart, so that is kept."""
    return name if len(name) <= most else "…" + name[1 - most :]
