"""Charts: ECharts options as data, drawn by `static/console.js`; each has words for who does not see it, and its table.

Colours stand as "var(--name)", the custom properties of `static/console.css`, so a chart follows light and dark.
No functions, no markup: an option is JSON, tooltips are drawn and not written as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from markupsafe import Markup

Height = Literal["low", "mid", "tall"]
OUTCOME_COLOURS: Final = {
    "ACCEPTED": "var(--accepted)",
    "FLAGGED": "var(--flagged)",
    "REPEATED": "var(--repeated)",
    "REJECTED": "var(--rejected)",
    "UNDECIDED": "var(--undecided)",
}
_UNSAFE: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Chart:
    """One chart: its name on the page, a sentence that says what it shows, its option, its height."""

    name: str
    says: str
    option: Mapping[str, Any]
    height: Height = "mid"

    @property
    def json(self) -> Markup:
        """The option as JSON that can stand inside a script element."""
        return json_in_page(self.option)


def json_in_page(content: object) -> Markup:
    """Return JSON with which no script element can be ended, whatever its texts say."""
    text = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z, default=str).decode()
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704  JSON, escaped above


def steps(points: list[tuple[float, float]], name: str, colour: str) -> dict[str, Any]:
    """Return a series that stays at each value until the next: a survival curve."""
    return {
        "type": "line", "step": "end", "name": name, "data": points, "symbol": "none",
        "lineStyle": {"color": colour, "width": 2}, "itemStyle": {"color": colour},
    }  # fmt: skip


def intervals(rows: list[tuple[float, float, float]], name: str, colour: str) -> list[dict[str, Any]]:
    """Return the series of a forest plot: per row (low, middle, high) a line and a point, at the heights 0, 1, 2."""
    ends = [point for at, (low, _, high) in enumerate(rows) for point in ([low, at], [high, at], [None, None])]
    line = {
        "type": "line", "name": name, "data": ends, "symbol": "none", "connectNulls": False, "silent": True,
        "lineStyle": {"color": colour, "width": 2}, "itemStyle": {"color": colour},
    }  # fmt: skip
    points = [[middle, at] for at, (_, middle, _) in enumerate(rows)]
    dots = {"type": "scatter", "name": name, "data": points, "symbolSize": 9, "itemStyle": {"color": colour}}
    return [line, dots]
