"""Scheduled questions whose answers are findings: what is new, and what was found before and is no more.

Flow: the rows of a question, what was stated before -> statements to be sent.
"""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
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
_DAY_MS: Final = 24 * _HOUR_MS
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
    reads_before_days: int = 0
    """Of how many days before an answer's window it reads scans besides."""
    ended_by: str = ""
    """The question that says what has ended; without one, what is found no more has."""
    most: int = 0
    """How many answers are stated at a time; 0: all."""
    most_standing: int = 0
    """So many hold at once where `most` says anything: of more, none is stated until some hold no more."""

    def begins_ms(self, now_ms: int, removed_ms: int = 0) -> int:
        """Return from which time on findings are looked at again; scans of before `removed_ms` were removed."""
        begins = now_ms // _HOUR_MS * _HOUR_MS - self.reaches_back_hours * _HOUR_MS if self.reaches_back_hours else 0
        is_concerned = self.reads_scans and removed_ms
        return max(begins, removed_ms + self.reads_before_days * _DAY_MS) if is_concerned else begins

    def limit(self, standing: int) -> int:
        """Return how many answers are asked for while so many hold: these, and the new ones there is room for."""
        return standing + max(0, min(self.most, self.most_standing - standing))


class Stated(NamedTuple):
    """A statement to be sent."""

    finding: Finding
    evidence: Mapping[str, Any]


@cache
def schedule() -> tuple[Scheduled, ...]:
    """Return every scheduled question."""
    table = tomllib.loads((files("analytics") / "scheduled.toml").read_text(encoding="utf-8"))
    return tuple(Scheduled(kind, **row) for kind, row in table.items())


def found(warehouse: Warehouse, scheduled: Scheduled, now_ms: int, standing: int = 0) -> dict[str, Stated]:
    """Ask a question as of now; return what it finds, by id.

    Where it states so many at a time: `standing` that hold, which come first, and new ones.
    """
    worked_out = _WORKED_OUT.get(scheduled.question)
    if worked_out is None:
        parameters = dict(scheduled.parameters)
        if scheduled.most:
            parameters |= {"most": scheduled.limit(standing), "kind": scheduled.kind, "author": AUTHOR}
        rows = ask(warehouse, scheduled.question, now_ms=now_ms, **parameters)
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


def changed(
    now: Mapping[str, Stated], before: Mapping[str, Finding], has_ended: Callable[[Finding], bool]
) -> list[Stated]:
    """Return what is to be stated: what is found and was not, and what was, is not any more, and has ended."""
    new = [stated for name, stated in now.items() if name not in before]
    gone = [
        Stated(replace(finding, holds=False), {"found": False})
        for name, finding in before.items()
        if name not in now and has_ended(finding)
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
        self.cut: dict[str, str] = {}
        """By kind, what is to be said of an answer that was cut off."""

    def due(self, seconds: float, every_seconds: float | None = None) -> list[Scheduled]:
        """Return the questions that are due by a clock of seconds; each is due again an interval after it was due.

        However late it was asked: intervals do not add up to longer ones. What was missed is not made up for. Threads
        may ask, each for the questions of an interval of its own.
        """
        looked_at = [one for one in schedule() if every_seconds in (None, one.every_seconds)]
        now = [one for one in looked_at if self._due.get(one.kind, seconds) <= seconds]
        for one in now:
            again = self._due.get(one.kind, seconds) + one.every_seconds
            self._due[one.kind] = again if again > seconds else seconds + one.every_seconds
        return now

    def forget(self, kind: str) -> None:
        """Forget what holds of a kind, so that the next look begins with what ClickHouse knows to hold."""
        self._before.pop(kind, None)

    def look(self, scheduled: Scheduled, now_ms: int) -> list[Stated]:
        """Ask a question; return what is to be stated. What is sent must be noted.

        What is not found holds no more only if it would be found: not where the answer is cut off before it, nor where
        the scans it was found by have been removed since, nor where another question has to say that it has ended.
        """
        if scheduled.kind not in self._before:
            self._before[scheduled.kind] = standing(self._warehouse, scheduled)
        before = self._before[scheduled.kind]
        now, beyond = self._found(scheduled, now_ms, before)
        missing = [finding for name, finding in before.items() if name not in now]
        has_ended = self._ended(scheduled, now_ms, missing)
        return changed(now, before, lambda finding: finding.id not in beyond and has_ended(finding))

    def _found(
        self, scheduled: Scheduled, now_ms: int, before: Mapping[str, Finding]
    ) -> tuple[Mapping[str, Stated], frozenset[str]]:
        """Return what is found, and the ids of what holds and may be found beyond where the answer was cut off.

        ClickHouse puts first what holds as far as it knows. That is looked up before the question is asked once more,
        so that what has come to hold meanwhile, and might stand among the new ones, is not missed in the answer.
        """
        self.cut.pop(scheduled.kind, None)
        now = found(self._warehouse, scheduled, now_ms, len(before))
        if not scheduled.most or len(now) < scheduled.limit(len(before)):
            return now, frozenset()
        known = standing(self._warehouse, scheduled)
        holding = len(before.keys() | known.keys())
        now = found(self._warehouse, scheduled, now_ms, holding)
        if len(now) >= scheduled.limit(holding):
            new = len(now.keys() - before.keys())
            self.cut[scheduled.kind] = f"the answer was cut off after {new} new ones; {len(before)} hold already"
        return now, frozenset(before.keys() - known.keys())

    def _ended(self, scheduled: Scheduled, now_ms: int, missing: Sequence[Finding]) -> Callable[[Finding], bool]:
        """Return what tells of a finding that was not found whether it has ended."""
        if not scheduled.ended_by:
            begins_ms = scheduled.begins_ms(now_ms, self._removed_ms() if scheduled.reads_scans else 0)
            return lambda finding: finding.window.begin >= begins_ms
        if not missing:
            return lambda _: False
        since_ms = min(finding.window.begin for finding in missing)
        rows = ask(self._warehouse, scheduled.ended_by, now_ms=now_ms, since_ms=since_ms, **scheduled.parameters)
        until_ms = {row["subject"]: int(row["until_ms"]) for row in rows}
        return lambda finding: finding.window.begin < until_ms.get(finding.subject, 0)

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
