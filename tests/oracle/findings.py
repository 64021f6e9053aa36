"""Findings and their alerts once more, from the words of the rules: nothing is forgotten, nothing is fast.

An alert is (subject, kind); each opening has its evidence, a count of statements by finding.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain.finding import Finding, Window, content_of
from tests.oracle.arrivals import RECEIVED_AT, T0, Arrival
from tests.oracle.rules import Record

SITE, PALLET = "site:munich", "unit:sscc:106141412345678908"
KIND = "SENSOR_ALARM"


def a_finding(
    subject: str = SITE, minute: int = 0, *, kind: str = KIND, holds: bool = True, version: int | None = None
) -> Finding:
    """Returns a statement about the finding of that minute."""
    return Finding(kind, subject, Window(T0 + minute * 60_000, T0 + minute * 60_000), holds, version)


def told(finding: Finding, **changes: Any) -> Arrival:  # noqa: ANN401  fields of the record
    """Returns the statement as it arrives."""
    record: Record = {"id": finding.id, "kind": "FINDING", "subject": finding.subject, "base": -1, "author": "query"}
    record |= {"sent_at": RECEIVED_AT, "content": content_of(finding, {"seen": 1})}
    return Arrival(record | changes, finding.subject.encode(), is_scan=False)


def acted(act: str, opening: int, subject: str = SITE, kind: str = KIND) -> Arrival:
    """Returns a person's act on an alert as it arrives."""
    content = json.dumps({"kind": kind, "opening": opening, "reason": "seen to"})
    record: Record = {"id": "1", "kind": act, "subject": subject, "base": -1, "author": "ada"}
    return Arrival(record | {"sent_at": RECEIVED_AT, "content": content}, subject.encode(), is_scan=False)


@dataclass
class Opening:
    """One opening of an alert."""

    status: str = "OPEN"
    evidence: Counter[str] = field(default_factory=Counter)

    @property
    def is_live(self) -> bool:
        return self.status in ("OPEN", "ACKNOWLEDGED")


@dataclass
class Alert:
    """What findings of one kind came to on one subject."""

    openings: list[Opening] = field(default_factory=list)
    newest: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Of each finding the version of the newest statement, and whether it holds."""
    counts_in: dict[str, int] = field(default_factory=dict)
    """The opening that a finding which holds is evidence of."""

    def state(self, finding: Finding, ordinal: int) -> tuple[str, str | None]:
        """Returns the result of a statement, and what happened to the alert."""
        version = ordinal if finding.version is None else finding.version
        before, held = self.newest.get(finding.id, (-1, False))
        if version <= before:
            return "STALE", None
        self.newest[finding.id] = (version, finding.holds)
        if not finding.holds:
            return "APPLIED", self._withdraw(finding.id) if held else None
        if held:
            return self._repeat(finding.id), None
        return "APPLIED", self._add(finding.id)

    def act(self, act: str, opening: int) -> tuple[str, str | None]:
        """Returns the result of a person's act, and what happened to the alert."""
        allowed = {
            "ALERT_ACKNOWLEDGE": ({"OPEN"}, "ACKNOWLEDGED", "ACKNOWLEDGED"),
            "ALERT_CLOSE": ({"OPEN", "ACKNOWLEDGED"}, "CLOSED", "CLOSED"),
            "ALERT_REOPEN": ({"CLOSED"}, "OPEN", "REOPENED"),
        }
        before, status, event = allowed[act]
        if not self.openings or opening != len(self.openings) or self.openings[-1].status not in before:
            return "STALE", None
        if act == "ALERT_REOPEN" and not self.openings[-1].evidence:
            return "STALE", None
        self.openings[-1].status = status
        return "APPLIED", event

    def _add(self, name: str) -> str | None:
        is_opened = not self.openings or not self.openings[-1].is_live
        if is_opened:
            self.openings.append(Opening())
        self.openings[-1].evidence[name] += 1
        self.counts_in[name] = len(self.openings)
        return "OPENED" if is_opened else None

    def _repeat(self, name: str) -> str:
        opening = self.openings[-1]
        if not opening.is_live or self.counts_in[name] != len(self.openings):
            return "STALE"
        opening.evidence[name] += 1
        return "APPLIED"

    def _withdraw(self, name: str) -> str | None:
        opening = self.openings[-1]
        if self.counts_in[name] != len(self.openings):
            return None
        del opening.evidence[name]
        if opening.evidence or not opening.is_live:  # a person's close holds
            return None
        opening.status = "RETRACTED"
        return "RETRACTED"


class FindingsOracle:
    """Every alert of findings; what happened, in order."""

    def __init__(self) -> None:
        self.alerts: dict[tuple[str, str], Alert] = {}
        self.results: list[str] = []
        self.changes: list[tuple[str, str, int, str, str, int]] = []
        """Subject, kind, opening, event, status, count."""

    def state(self, finding: Finding, ordinal: int) -> None:
        self._note(finding.subject, finding.kind, self._alert(finding.subject, finding.kind).state(finding, ordinal))

    def act(self, act: str, opening: int, subject: str, kind: str) -> None:
        self._note(subject, kind, self._alert(subject, kind).act(act, opening))

    def _alert(self, subject: str, kind: str) -> Alert:
        return self.alerts.setdefault((subject, kind), Alert())

    def _note(self, subject: str, kind: str, outcome: tuple[str, str | None]) -> None:
        result, event = outcome
        self.results.append(result)
        if event is not None:
            openings = self._alert(subject, kind).openings
            last = openings[-1]
            change = (subject, kind, len(openings), event, last.status, last.evidence.total())
            self.changes.append(change)
