"""The alerts of one unit: opened once, counted, closed by people, retracted by later knowledge."""

import hashlib
from dataclasses import dataclass

from tests.oracle.facts import Fact
from tests.oracle.rules import Record

KINDS = ("SEEN_AFTER_END", "DUPLICATE_COMMISSION", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT")
_LIVE = ("OPEN", "ACKNOWLEDGED")
# what a person does: (statuses it fits, status after, event)
_ACTS = {
    "ALERT_ACKNOWLEDGE": (("OPEN",), "ACKNOWLEDGED", "ACKNOWLEDGED"),
    "ALERT_CLOSE": (_LIVE, "CLOSED", "CLOSED"),
    "ALERT_REOPEN": (("CLOSED",), "OPEN", "REOPENED"),
}


@dataclass
class Alert:
    """The latest opening of one kind."""

    kind: str
    opening: int = 0
    status: str = ""
    count: int = 0

    @property
    def is_live(self) -> bool:
        """Whether it still counts evidence."""
        return self.status in _LIVE


class Alerts:
    """One unit's alerts by kind; `records` of the running cause gather what is to be told."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.by_kind = {kind: Alert(kind) for kind in KINDS}

    @property
    def opened(self) -> list[Alert]:
        """Returns the kinds that ever opened."""
        return [alert for alert in self.by_kind.values() if alert.opening]

    def weigh(self, facts: list[Fact], former: dict[int, str | None], forgotten: dict[str, int]) -> list[Record]:
        """Count evidence that came, then what went; returns the records to tell, in order.

        Args:
            facts: the unit's facts in order, as decided now.
            former: what each was evidence of before, by ordinal; the new fact of nothing.
            forgotten: by kind the latest time of evidence that the unit has forgotten.
        """
        changed = [fact for fact in facts if fact.evidence != former.get(fact.ordinal)]
        lost = [(str(former[fact.ordinal]), fact.counted_in) for fact in changed if fact.counted_in]
        told = []
        for fact in changed:
            if fact.counted_in:
                fact.was_counted_in = str(former[fact.ordinal]), fact.counted_in
            fact.counted_in = 0
            if fact.evidence in KINDS and not fact.is_derived:
                told += self._add(fact, fact.scan["event_time"] <= forgotten.get(str(fact.evidence), -1))
        for kind, opening in lost:
            told += self._take(kind, opening)
        return told

    def act(self, kind: str, act: str, opening: object) -> tuple[str, list[Record]]:
        """Do what a person asks; returns why not, or an empty text and the record to tell."""
        alert = self.by_kind.get(kind)
        if alert is None or not alert.opening or alert.opening != opening:
            return "opening", []
        fits, status, event = _ACTS[act]
        if alert.status not in fits:
            return "status", []
        if act == "ALERT_REOPEN" and not alert.count:
            return "evidence", []
        alert.status = status
        return "", [self._record(alert, event)]

    def _add(self, fact: Fact, is_forgotten: bool) -> list[Record]:
        alert = self.by_kind[str(fact.evidence)]
        is_seen_to = alert.status == "CLOSED"
        is_new = not alert.is_live
        if is_seen_to and fact.was_counted_in == (alert.kind, alert.opening):
            is_new = False
        elif is_seen_to and is_forgotten:
            return []
        if is_new:
            alert.opening, alert.count, alert.status = alert.opening + 1, 0, "OPEN"
        alert.count += 1
        fact.counted_in = alert.opening
        return [self._record(alert, "OPENED")] if is_new else []

    def _take(self, kind: str, opening: int) -> list[Record]:
        alert = self.by_kind[kind]
        if alert.status == "RETRACTED" or alert.opening != opening:
            return []
        alert.count -= 1
        if alert.count or alert.status == "CLOSED":
            return []
        alert.status = "RETRACTED"
        return [self._record(alert, "RETRACTED")]

    def _record(self, alert: Alert, event: str) -> Record:
        name = f"unit:{self._key}\n{alert.kind}\n{alert.opening}"
        return {
            "id": hashlib.sha256(name.encode()).hexdigest()[:32],
            "subject": f"unit:{self._key}",
            "kind": alert.kind,
            "opening": alert.opening,
            "status": alert.status,
            "event": event,
            "count": alert.count,
        }
