"""What all plots share: colours that stand on light and on dark ground, axes, and an option's frame.

Flow: series and axes -> an ECharts option, JSON through and through.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

Option = dict[str, Any]

COLOURS: Final = ("#3b82c4", "#d9682b", "#2e9e73", "#b65fa8", "#b58a00", "#1aa0b4", "#7a6fd0", "#8e8e93")
"""One a group, told apart also by most people who see few colours; 3:1 at least on both grounds of the style sheet."""
MOST_GROUPS: Final = len(COLOURS)
"""A plot shows as many groups; its table shows all."""
_ROUND: Final = (1, 1.5, 2, 3, 4, 5, 6, 8)
QUIET: Final = "var(--muted)"
INK: Final = "var(--ink)"

OUTCOME_COLOURS: Final[Mapping[str, str]] = {
    "ACCEPTED": "var(--accepted)", "FLAGGED": "var(--flagged)", "REPEATED": "var(--repeated)",
    "REJECTED": "var(--rejected)", "UNDECIDED": "var(--undecided)",
}  # fmt: skip


def canvas(*, x: Option, y: Option, series: Sequence[Option], legend: Sequence[str] = ()) -> Option:
    """Return a whole option; the legend has these names, and is left out where there is none."""
    shown = {"legend": {"type": "scroll", "itemWidth": 14, "data": list(legend)}} if legend else {}
    grid = {"left": 12, "right": 24, "top": 40 if legend else 14, "bottom": 34, "containLabel": True}
    return {
        "color": list(COLOURS), "grid": grid, "tooltip": {"trigger": "item"}, "xAxis": x, "yAxis": y,
        "series": list(series),
    } | shown  # fmt: skip


def value_axis(name: str, **other: Any) -> Option:  # noqa: ANN401  whatever an axis of ECharts takes
    """Return an axis of numbers, named in its middle."""
    return {"type": "value", "name": name, "nameLocation": "middle", "nameGap": 28, "scale": True} | other


def log_axis(name: str, **other: Any) -> Option:  # noqa: ANN401  whatever an axis of ECharts takes
    """Return an axis of numbers by their logarithm."""
    return value_axis(name) | {"type": "log", "minorTick": {"show": True}} | other


def category_axis(names: Sequence[str], **other: Any) -> Option:  # noqa: ANN401  whatever an axis of ECharts takes
    """Return an axis of words."""
    return {"type": "category", "data": list(names), "axisTick": {"show": False}} | other


def short(name: str, most: int = 28) -> str:
    """Return a name that a plot has room for; its end tells items apart, so that is kept."""
    return name if len(name) <= most else "…" + name[1 - most :]


def round_up(value: float) -> float:
    """Return a round number that is not less: where an axis may end."""
    if not value > 0:
        return 1.0
    ten = 10.0 ** math.floor(math.log10(value))
    return next((ten * times for times in _ROUND if ten * times >= value), ten * 10)


def round_down(value: float) -> float:
    """Return a round number that is not greater and not 0: where an axis of logarithms may begin."""
    ten = 10.0 ** math.floor(math.log10(value))
    ten = ten if ten <= value else ten / 10  # the logarithm of 999…9 is rounded up
    return next((ten * times for times in reversed(_ROUND) if ten * times <= value), ten)
