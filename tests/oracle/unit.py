"""One unit of the oracle: takes its scans one by one, in the order of their ordinals."""

from dataclasses import dataclass
from typing import Any

from tests.oracle.alerts import Alerts
from tests.oracle.belonging import is_of_another
from tests.oracle.derived import hash_of, root_of
from tests.oracle.facts import Fact, Facts, between, evidence_of
from tests.oracle.papers import told_by_papers
from tests.oracle.reference import Lifecycle, Reference
from tests.oracle.rules import MILESTONES, Record

UNTOUCHED = dict.fromkeys(("previous_site", "previous_event_time", *MILESTONES, "lot"))
_TOLD_BY_REVISION = ("outcome", "reason", "state_before", "state_after", *MILESTONES)


@dataclass
class Outcome:
    """What one scan did to its unit."""

    decision: Record
    revised: list[Fact]
    alerts: list[Record]


class Unit:
    """A unit with its facts, alerts and counters; it exists from its first fact on."""

    def __init__(self, key: str, reference: Reference) -> None:
        self.key = key
        self.lifecycle_name = reference.lifecycle_for(key)
        self.reference = reference
        self.facts = Facts()
        self.alerts = Alerts(key)
        self.sequence = self.applied = self.rejected = 0
        self.lot: str | None = None
        self.ordinal = 0

    @property
    def lifecycle(self) -> Lifecycle:
        """The lifecycle fixed at the first fact, as it is in force now."""
        return self.reference.lifecycles[self.lifecycle_name]

    def take(self, scan: Record, ordinal: int) -> Outcome:
        """Decide a scan that keeps the contract."""
        same_id = self.facts.with_scan_id(scan["scan_id"])
        if same_id:
            if any(_is_redelivery(scan, fact.scan) for fact in same_id):
                return self._repeated("REDELIVERED", 0)
            return self._remember(Fact(scan, ordinal, pinned=True))
        if self._is_root_of(scan):
            return self._repeated("REDELIVERED", 0)
        if scan["corrects"] is not None or scan["step"] == "VOID":
            return self._take_correction(Fact(scan, ordinal))
        if self.facts.is_forgotten(scan["event_time"]):
            return _undecided("LATE_BEYOND_TAIL")
        return self._repeat(scan, ordinal) or self._remember(Fact(scan, ordinal, told=self._told(scan)))

    def _is_root_of(self, scan: Record) -> bool:
        own = [fact.scan for fact in self.facts.ordered if fact.scan["origin"] != "DERIVED"]
        if scan["origin"] != "DERIVED":
            return False
        return any(root_of(scan) == hash_of(one["scan_id"]) and scan["event_time"] == one["event_time"] for one in own)

    def _take_correction(self, fact: Fact) -> Outcome:
        target = self.facts.target_of(fact)
        if target is None or (target.is_correction and self.facts.target_of(target) is None):
            return _undecided("CORRECTS_UNKNOWN")
        may_be_a_copy = fact.scan["step"] != "VOID" or target.gone
        if may_be_a_copy and self.facts.is_forgotten(fact.scan["event_time"]):
            return _undecided("LATE_BEYOND_TAIL")
        fact.told = self._told(fact.scan)
        return self._remember(fact)

    def _told(self, scan: Record) -> frozenset[str]:
        return frozenset({"empty"}) | told_by_papers(scan, self.reference.documents)

    def _repeat(self, scan: Record, ordinal: int) -> Outcome | None:
        standing = self.facts.standing()
        double = self._again(scan, self.lifecycle.double_scan_ms, "DOUBLE_SCAN", ordinal)
        if double is not None:
            return double
        if any(_is_recount(scan, fact.scan) for fact in standing):
            return self._repeated("RECOUNTED", 0)
        if scan["step"] == "OBSERVE" and self.lifecycle.burst_ms:
            burst = self._again(scan, self.lifecycle.burst_ms, "BURST", ordinal)
            if burst is not None:
                return burst
        within_ms = self.lifecycle.second_source_ms
        if within_ms:
            return self._again(scan, within_ms, "SECOND_SOURCE", ordinal)
        return None

    def _again(self, scan: Record, within_ms: int, reason: str, ordinal: int) -> Outcome | None:
        is_again = _is_second_source if reason == "SECOND_SOURCE" else _is_double
        for fact in self.facts.ordered:
            if self.facts.may_repeat(fact, scan["event_time"]) and is_again(scan, fact, within_ms):
                fact.repeat = max(scan["event_time"] if fact.repeat is None else fact.repeat, scan["event_time"])
                self._touch(ordinal)
                return self._repeated(reason, self.sequence)
        return None

    def _remember(self, fact: Fact) -> Outcome:
        former = {one.ordinal: one.decision for one in self.facts.ordered}
        self.facts.insert(fact, self.lifecycle)
        self.facts.decide(fact, self.lifecycle, self.reference)
        self._touch(fact.ordinal)
        self._count(fact)
        revised = [one for one in self.facts.ordered if one is not fact and _has_changed(one, former[one.ordinal])]
        evidence = {at: evidence_of(one) for at, one in former.items()}
        alerts = self.alerts.weigh(self.facts.ordered, evidence, self.facts.evidence_until)
        self.facts.evict(self.lifecycle)
        return Outcome({**fact.decision, "lot": self.lot, "sequence": self.sequence}, revised, alerts)

    def _count(self, fact: Fact) -> None:
        self.applied += fact.decision["outcome"] in ("ACCEPTED", "FLAGGED")
        self.rejected += fact.decision["outcome"] == "REJECTED"
        lot = fact.scan["lot"]
        if fact.has_effect and lot is not None and (self.lot is None or fact.is_correction):
            self.lot = lot

    def _touch(self, ordinal: int) -> None:
        self.sequence += 1
        self.ordinal = ordinal

    def _repeated(self, reason: str, sequence: int) -> Outcome:
        now = between(self.facts.now, self.facts.now)
        decision = {"outcome": "REPEATED", "reason": reason, **now, "lot": self.lot, "sequence": sequence}
        return Outcome(decision, [], [])

    def act(self, kind: str, act: str, opening: object, ordinal: int) -> tuple[str, list[Record]]:
        """Do what a person asks of an alert; returns why not, or an empty text and the records to tell."""
        why_not, alerts = self.alerts.act(kind, act, opening)
        if not why_not:
            self._touch(ordinal)
        return why_not, alerts

    def summary(self) -> dict[str, Any]:
        """Returns the fields of a unit record that the rules decide."""
        now, item_serial = self.facts.now, self.key.rpartition("/")
        return {
            "key": self.key,
            "sequence": self.sequence,
            "item": item_serial[0],
            "serial": item_serial[2],
            "lifecycle": self.lifecycle_name,
            "state": now.state,
            "site": now.site,
            "custody": now.custody,
            "last_event_time": now.event_time,
            **now.milestones,
            "lot": self.lot,
            "applied": self.applied,
            "rejected": self.rejected,
            "open_alerts": sum(alert.is_live for alert in self.alerts.opened),
            "alerts": [vars(alert) for alert in self.alerts.opened],
            "ordinal": self.ordinal,
            "container": now.belonging.held.container,
            "parent": now.belonging.held.parent,
            "alias_of": now.belonging.alias_of,
            "flags": " ".join(sorted(now.belonging.all_flags)) or None,
            "expiry": now.belonging.expiry,
            "members": 0,
        }


def _undecided(reason: str) -> Outcome:
    states = {"state_before": "", "state_after": "", "sequence": 0}
    return Outcome({"outcome": "UNDECIDED", "reason": reason, **states, **UNTOUCHED}, [], [])


def _is_redelivery(scan: Record, other: Record) -> bool:
    return all(scan[name] == other[name] for name in ("step", "event_time", "site"))


def _is_double(scan: Record, fact: Fact, window_ms: int) -> bool:
    if scan["reader"] is None or any(scan[name] != fact.scan[name] for name in ("step", "site", "reader")):
        return False
    if is_of_another(scan, fact.scan):
        return False
    times = [fact.scan["event_time"], *([] if fact.repeat is None else [fact.repeat])]
    return any(abs(scan["event_time"] - time) <= window_ms for time in times)


def _is_second_source(scan: Record, fact: Fact, within_ms: int) -> bool:
    other = fact.scan
    told_by = (scan["source"], other["source"])
    if None in told_by or told_by[0] == told_by[1] or is_of_another(scan, other):
        return False
    is_same = scan["step"] == other["step"] and scan["site"] == other["site"]
    return bool(is_same and abs(scan["event_time"] - other["event_time"]) <= within_ms)


def _is_recount(scan: Record, other: Record) -> bool:
    document = scan["document"]
    is_count = scan["step"] == other["step"] == "COUNT"
    return is_count and document is not None and document.startswith("count:") and document == other["document"]


def _has_changed(fact: Fact, former: dict[str, Any]) -> bool:
    is_decided_again = fact.decision is not former
    return is_decided_again and any(fact.decision[name] != former[name] for name in _TOLD_BY_REVISION)
