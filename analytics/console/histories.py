"""A unit's scans told apart into two histories, as of a unit and its copy, and drawn side by side.

The ledger keeps one history per key; where two things bear it, scans contradict each other. Which of them is genuine
nobody can see from here: the second history begins with the first scan that contradicts, and each later scan goes on
with the history it fits by its place. It is a way to look at the evidence, not a decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from analytics.console.wording import iso
from analytics.questions import Row

CONTRADICTIONS: Final = frozenset({"DUPLICATE_COMMISSION", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT", "SEEN_AFTER_END"})
_FIRST, _SECOND = 0, 1
_NAMES: Final = ("First history", "Second history")
_COLOURS: Final = ("var(--accent)", "var(--rejected)")


class Seen(NamedTuple):
    """A scan and the history it is told with, 0 or 1."""

    scan: Row
    history: int

    @property
    def contradicts(self) -> bool:
        """Whether the ledger found that it contradicts what was known."""
        return self.scan["reason"] in CONTRADICTIONS


def two_histories(scans: Sequence[Row]) -> list[Seen]:
    """Return each scan with its history; scans in the order of event_time."""
    told: list[Seen] = []
    last: list[Row | None] = [None, None]
    for scan in scans:
        history = _history_of(scan, last, told[-1].history if told else _FIRST)
        told.append(Seen(scan, history))
        last[history] = scan
    return told


def _history_of(scan: Row, last: list[Row | None], latest: int) -> int:
    first, second = last
    contradicts = scan["reason"] in CONTRADICTIONS
    if second is None:
        return _SECOND if contradicts and first is not None else _FIRST
    fitting = [at for at, before in enumerate(last) if before is not None and _leads_to(before, scan)]
    if len(fitting) == 1:
        return fitting[0]
    return 1 - latest if contradicts else latest


def _leads_to(before: Row, scan: Row) -> bool:
    """Tell whether a scan is where the one before was, or where that one said it goes."""
    return bool(scan["site"] in (before["site"], before["destination"]))


def chart_of(told: Sequence[Seen]) -> dict[str, Any]:
    """Return the option of both histories on one time axis, a line of sites for each."""
    sites = list(dict.fromkeys(seen.scan["site"] for seen in told))
    series = [_line(told, history) for history in (_FIRST, _SECOND) if any(one.history == history for one in told)]
    return {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "category", "data": sites, "inverse": True, "splitLine": {"show": True}},
        "series": series,
        "legend": {"show": True},
        "tooltip": {"trigger": "item"},
        "grid": {"top": 36},
    }


def _line(told: Sequence[Seen], history: int) -> dict[str, Any]:
    colour = _COLOURS[history]
    points = [
        {
            "value": [iso(seen.scan["event_time"]), seen.scan["site"]],
            "symbol": "triangle" if seen.contradicts else "circle" if history == _FIRST else "rect",
            "symbolSize": 14 if seen.contradicts else 8,
            "name": f"{seen.scan['step']} {seen.scan['outcome']}",
        }
        for seen in told
        if seen.history == history
    ]
    return {
        "type": "line", "name": _NAMES[history], "data": points, "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "width": 2, "type": "solid" if history == _FIRST else "dashed"},
    }  # fmt: skip
