"""A unit's time line: when it was seen where, and what the ledger made of it.

Flow: rows of `unit_known` -> an ECharts option.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.console.plots.canvas import OUTCOME_COLOURS, QUIET, Option, canvas, category_axis, short

_SYMBOLS: Final = {
    "ACCEPTED": "circle", "FLAGGED": "triangle", "REPEATED": "emptyCircle", "REJECTED": "diamond", "UNDECIDED": "rect",
}  # fmt: skip
"""Outcomes differ by shape too, for those who do not see the colours."""
_APPLIED: Final = ("ACCEPTED", "FLAGGED")

Row = Mapping[str, Any]


def time_line_plot(rows: Sequence[Row]) -> Option:
    """Return the scans at their sites by event_time, those that took effect joined by a line."""
    ordered = sorted(rows, key=lambda row: (row["event_ms"], row["ordinal"]))
    sites = list(dict.fromkeys(row["site"] for row in ordered))
    way = [
        [row["event_ms"], sites.index(row["site"])]
        for row in ordered
        if row["outcome"] in _APPLIED and row["step"] != "VOID"
    ]
    line = {
        "type": "line", "step": "end", "symbol": "none", "silent": True, "data": way,
        "lineStyle": {"color": QUIET, "width": 1.5}, "tooltip": {"show": False},
    }  # fmt: skip
    series = [line, *(_outcome(outcome, ordered, sites) for outcome in OUTCOME_COLOURS)]
    shown = [one for one in series if one["data"]]
    y = category_axis([short(site) for site in sites])
    x = {"type": "time", "name": "event time, UTC", "nameLocation": "middle", "nameGap": 30}
    option = canvas(x=x, y=y, series=shown, legend=[one["name"] for one in shown if "name" in one])
    option["tooltip"]["formatter"] = "{b}"
    return option


def _outcome(outcome: str, rows: Sequence[Row], sites: Sequence[str]) -> Option:
    return {
        "name": outcome, "type": "scatter", "symbol": _SYMBOLS[outcome], "symbolSize": 11,
        "itemStyle": {"color": OUTCOME_COLOURS[outcome]},
        "data": [
            {"value": [row["event_ms"], sites.index(row["site"])], "name": _said(row)}
            for row in rows
            if row["outcome"] == outcome
        ],
    }  # fmt: skip


def _said(row: Row) -> str:
    why = "" if row["reason"] == "NONE" else f" {row['reason']}"
    return f"{row['step']} at {row['site']}, {row['event_time']:%Y-%m-%d %H:%M:%S} UTC: {row['outcome']}{why}"
