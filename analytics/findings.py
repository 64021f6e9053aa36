"""Scheduled questions whose answers are findings: what is new, and what was found before and is no more.

Flow: the rows of a question, what was stated before -> statements to be sent.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from analytics.dwell_shift import shifted
from analytics.lot_warnings import lot_warnings
from analytics.questions import ask
from pipeline.domain.finding import Finding, Window
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.retention import removals

AUTHOR: Final = "schedule"
_HOUR_MS: Final = 3_600_000
_NEVER: Final = 1 << 62
_RULES: Final[Mapping[str, Callable[..., list[dict[str, Any]]]]] = {"dwell_shift": shifted}
"""How rows that are no findings yet become some."""
_WORKED_OUT: Final[Mapping[str, Callable[..., list[dict[str, Any]]]]] = {"lot_warnings": lot_warnings}
"""Questions that no SQL answers by itself."""


@dataclass(frozen=True)
class Scheduled:
    """One question of `scheduled.toml`."""

    kind: str
    question: str
    every_seconds: float
    reaches_back_hours: int
    """0: all that was found before is looked at again."""
    parameters: Mapping[str, Any]
    judged: Mapping[str, Any] | None = None
    """Where the rows are no findings yet: by which rule they are judged, and its thresholds."""
    reads_scans: bool = False
    """Whether months that were taken out of ClickHouse change its answer."""

    def begins_ms(self, now_ms: int) -> int:
        """Return from which time on findings are looked at again."""
        return now_ms // _HOUR_MS * _HOUR_MS - self.reaches_back_hours * _HOUR_MS if self.reaches_back_hours else 0

    def is_cut(self, answers: int) -> bool:
        """Whether so many answers may not be all there are."""
        return "most" in self.parameters and answers >= int(self.parameters["most"])


class Stated(NamedTuple):
    """A statement to be sent."""

    finding: Finding
    evidence: Mapping[str, Any]


@cache
def schedule() -> tuple[Scheduled, ...]:
    """Return every scheduled question."""
    table = tomllib.loads((files("analytics") / "scheduled.toml").read_text(encoding="utf-8"))
    return tuple(Scheduled(kind, **row) for kind, row in table.items())


def found(warehouse: Warehouse, scheduled: Scheduled, now_ms: int) -> dict[str, Stated]:
    """Ask a question as of now; return what it finds, by id."""
    worked_out = _WORKED_OUT.get(scheduled.question)
    if worked_out is None:
        rows = ask(warehouse, scheduled.question, now_ms=now_ms, **scheduled.parameters)
    else:
        rows = worked_out(warehouse, **scheduled.parameters)
    if scheduled.judged is not None:
        thresholds = dict(scheduled.judged)
        rows = _RULES[thresholds.pop("by")](rows, **thresholds)
    stated = [_stated(scheduled.kind, row) for row in rows]
    return {one.finding.id: one for one in stated}


def standing(warehouse: Warehouse, scheduled: Scheduled) -> dict[str, Finding]:
    """Return what was stated of a kind and holds as far as ClickHouse knows, by id."""
    rows = ask(warehouse, "findings_standing", kind=scheduled.kind, author=AUTHOR)
    stated = [_finding(scheduled.kind, row, row["begins"], row["ends"], row["site"]) for row in rows if row["holds"]]
    return {finding.id: finding for finding in stated}


def changed(now: Mapping[str, Stated], before: Mapping[str, Finding], begins_ms: int) -> list[Stated]:
    """Return what is to be stated: what is found and was not, and what was and is not any more."""
    new = [stated for name, stated in now.items() if name not in before]
    gone = [
        Stated(replace(finding, holds=False), {"found": False})
        for name, finding in before.items()
        if name not in now and finding.window.begin >= begins_ms
    ]
    return new + gone


def _stated(kind: str, row: Mapping[str, Any]) -> Stated:
    finding = _finding(kind, row, row["window_from"], row["window_to"], row["site_name"])
    return Stated(finding, json.loads(row["evidence"]))


def _finding(kind: str, row: Mapping[str, Any], begins: int, ends: int | None, site: str) -> Finding:
    return Finding(kind, row["subject"], Window(begins, ends, row["window_name"]), holds=True, site=site)


class Watch:
    """The state of a schedule: when each question is due, and what was stated of it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._due: dict[str, float] = {}
        self._before: dict[str, dict[str, Finding]] = {}

    def due(self, seconds: float) -> list[Scheduled]:
        """Return the questions that are due by a clock of seconds; each is due again an interval after it was due.

        However late it was asked: intervals do not add up to longer ones. What was missed is not made up for.
        """
        now = [one for one in schedule() if self._due.get(one.kind, seconds) <= seconds]
        for one in now:
            again = self._due.get(one.kind, seconds) + one.every_seconds
            self._due[one.kind] = again if again > seconds else seconds + one.every_seconds
        return now

    def look(self, scheduled: Scheduled, now_ms: int) -> list[Stated]:
        """Ask a question; return what is to be stated. What is sent must be noted.

        What is not found holds no more only if it would be found: not where the answers are cut off, nor where the
        scans it was found by have been removed since.
        """
        if scheduled.kind not in self._before:
            self._before[scheduled.kind] = standing(self._warehouse, scheduled)
        now = found(self._warehouse, scheduled, now_ms)
        begins_ms = max(scheduled.begins_ms(now_ms), self._removed_ms() if scheduled.reads_scans else 0)
        return changed(now, self._before[scheduled.kind], _NEVER if scheduled.is_cut(len(now)) else begins_ms)

    def _removed_ms(self) -> int:
        """Return before which moment scans were removed, on record; 0 where none were."""
        return max((int(one.before.timestamp() * 1000) for one in removals(self._warehouse).values()), default=0)

    def note(self, stated: list[Stated]) -> None:
        """Remember what the log has now."""
        for finding, _ in stated:
            known = self._before[finding.kind]
            if finding.holds:
                known[finding.id] = finding
            else:
                known.pop(finding.id, None)
