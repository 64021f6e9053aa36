"""What is remembered of one unit: its latest facts in order, and the base they are folded onto."""

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.derived import is_drawn, root_of
from tests.oracle.reference import Lifecycle, Reference
from tests.oracle.rules import Place, Record, apply, begins_anew, judge

MOST_FACTS = 32
MOST_IDLE = 4


@dataclass
class Fact:
    """A remembered scan with its newest decision."""

    scan: Record
    ordinal: int
    pinned: bool = False  # SCAN_ID_REUSED: outcome and reason stay
    told: frozenset[str] = frozenset()  # what was known of it when it arrived; see rules.judge
    gone: bool = False  # retracted by a correction that has been evicted since
    repeat: int | None = None
    counted_in: int = 0  # opening of the alert that counts it as evidence
    was_counted_in: tuple[str, int] | None = None  # kind and opening of that which did
    begins_anew: bool = False  # as decided now, the next life of a container
    decision: dict[str, Any] = field(default_factory=dict)
    after: Place = field(default_factory=Place)

    @property
    def times(self) -> list[int]:
        """When it was, and when it was last repeated."""
        return [self.scan["event_time"], *([] if self.repeat is None else [self.repeat])]

    @property
    def evidence(self) -> str | None:
        """The reason that it may be evidence of; None where it was let pass, or is not decided."""
        return evidence_of(self.decision)

    @property
    def is_correction(self) -> bool:
        """Whether it takes another scan back."""
        return self.scan["corrects"] is not None and not self.pinned

    @property
    def is_derived(self) -> bool:
        """Whether it is another unit's move, told on."""
        return is_drawn(self.scan)

    @property
    def stands(self) -> bool:
        """Whether it took effect, be it on the unit under which a retired label goes on."""
        return self.decision["outcome"] in ("ACCEPTED", "FLAGGED") and self.scan["step"] != "VOID"

    @property
    def is_forwarded(self) -> bool:
        """Whether it has its effect on the unit under which a retired label goes on."""
        return self.stands and self.decision["reason"] == "RETIRED_LABEL"

    def is_told_again(self, other: "Fact") -> bool:
        """Returns whether another fact has come from the same root on another way."""
        same = ("event_time", "step", "site")
        both = {self.scan["origin"], other.scan["origin"]} == {"DERIVED"}
        of_one_root = both and root_of(self.scan) == root_of(other.scan)
        return of_one_root and all(self.scan[name] == other.scan[name] for name in same)

    @property
    def has_effect(self) -> bool:
        """Whether it moves the unit."""
        return _takes_effect(self.decision["outcome"], self.decision["reason"], self.scan["step"])


class Facts:
    """At most 32 facts ordered by event_time, terminal steps last, then arrival; older effect is in the base."""

    def __init__(self) -> None:
        self.ordered: list[Fact] = []
        self.base = Place()
        self.forgotten_until: int | None = None
        self.now = Place()
        self.evidence_until: dict[str, int] = {}
        self.sighted: int | None = None
        self.heir: Place | None = None

    def go_on_with(self, heir: Place) -> None:
        """Begin with the life of a retired label, at its time, unless there is one by then."""
        self.heir = self.now = heir

    def _taken_over(self, place: Place, event_time: int | None) -> Place:
        heir = self.heir
        if heir is None or heir.event_time is None or place.state != "NONE":
            return place
        return heir if event_time is None or event_time >= heir.event_time else place

    def with_scan_id(self, scan_id: str) -> list[Fact]:
        """Returns the facts that arrived under a scan_id, pinned and retracted ones too."""
        return [fact for fact in self.ordered if fact.scan["scan_id"] == scan_id]

    def target_of(self, correction: Fact) -> Fact | None:
        """Returns what a correction takes back, if that is remembered."""
        for fact in self.with_scan_id(correction.scan["corrects"]):
            if not fact.pinned and fact.ordinal < correction.ordinal:
                return fact
        return None

    def retracted(self) -> set[int]:
        """Returns the ordinals of facts taken back; the latest correction has the last word."""
        taken = {fact.ordinal for fact in self.ordered if fact.gone}
        corrections = [fact for fact in self.ordered if fact.is_correction]
        for fact in sorted(corrections, key=lambda fact: -fact.ordinal):
            target = None if fact.ordinal in taken else self.target_of(fact)
            if target is not None:
                taken.add(target.ordinal)
        return taken

    def standing(self) -> list[Fact]:
        """Returns the facts that are neither retracted nor VOID, nor told under another scan's id."""
        taken = self.retracted()
        readings = [fact for fact in self.ordered if fact.scan["step"] != "VOID" and not fact.pinned]
        return [fact for fact in readings if fact.ordinal not in taken]

    def may_repeat(self, fact: Fact, event_time: int) -> bool:
        """Returns whether a scan of that time may say a fact again; one taken back only up to its last repeat."""
        if fact.scan["step"] == "VOID" or fact.pinned:
            return False
        is_known = fact.repeat is not None and fact.scan["event_time"] <= event_time <= fact.repeat
        return is_known or fact.ordinal not in self.retracted()

    def is_forgotten(self, event_time: int) -> bool:
        """Returns whether a time is not after every evicted fact that took effect, and its repeats."""
        return self.forgotten_until is not None and event_time <= self.forgotten_until

    def insert(self, fact: Fact, lifecycle: Lifecycle) -> None:
        """Put a fact in its place."""
        self.ordered.append(fact)
        self.ordered.sort(
            key=lambda fact: (
                fact.scan["event_time"],
                fact.scan["step"] in lifecycle.terminal_steps,
                fact.is_derived,
                fact.ordinal,
            )
        )

    def decide(self, fact: Fact, lifecycle: Lifecycle, reference: Reference) -> None:
        """Decide a fact just inserted: alone where it is the last and corrects nothing, else with all others."""
        if fact is self.ordered[-1] and not fact.is_correction and self.heir is None:
            self._fold([fact], self.now, lifecycle, reference)
        else:
            self._fold(self.ordered, self.base, lifecycle, reference)

    def _fold(self, facts: list[Fact], place: Place, lifecycle: Lifecycle, reference: Reference) -> None:
        taken = self.retracted()
        for fact in facts:
            place = self._taken_over(place, fact.scan["event_time"])
            outcome, reason = self._verdict(fact, place, taken, lifecycle, reference)
            applies = _takes_effect(outcome, reason, fact.scan["step"])
            after = apply(fact.scan, place, lifecycle, begins_anew=fact.begins_anew) if applies else place
            fact.decision = {"outcome": outcome, "reason": reason, **between(place, after)}
            fact.after = place = after
        self.now = self._taken_over(place, None)

    def _verdict(
        self, fact: Fact, place: Place, taken: set[int], lifecycle: Lifecycle, reference: Reference
    ) -> tuple[str, str]:
        if fact.pinned:
            return "REJECTED", "SCAN_ID_REUSED"
        if fact.ordinal in taken:
            return "REJECTED", "RETRACTED"
        if fact.scan["step"] == "VOID":
            return "ACCEPTED", "NONE"
        before = self.ordered[: self.ordered.index(fact)]
        if any(fact.is_told_again(other) and other.stands for other in before):
            return "REPEATED", "REDELIVERED"
        seen = [time for other in before if self._is_sight(other, taken) for time in other.times]
        if self.sighted is not None and self.sighted <= fact.scan["event_time"]:
            seen.append(self.sighted)
        seen_at = max(seen, default=None)
        fact.begins_anew = begins_anew(fact.scan, place, lifecycle, "empty" in fact.told, seen_at)
        return judge(fact.scan, place, lifecycle, reference, fact.told, begins_anew=fact.begins_anew)

    @staticmethod
    def _is_sight(fact: Fact, taken: set[int]) -> bool:
        return fact.scan["step"] not in ("VOID", "COMMISSION") and not fact.pinned and fact.ordinal not in taken

    def evict(self, lifecycle: Lifecycle) -> None:
        """Forget where there are too many facts: an idle one, or the first that moves the unit and all before it."""
        if len(self.ordered) <= MOST_FACTS:
            return
        idle, effects = [fact for fact in self.ordered if self._is_idle(fact)], self._effects()
        if len(idle) > MOST_IDLE or (idle and len(effects) < 2):
            self._drop(idle[:1], lifecycle)
        elif len(effects) > 1 and not effects[0].has_effect:
            self._drop(effects[:1], lifecycle)
        elif len(effects) > 1:
            self._sink(effects[0], lifecycle)
        elif not self.ordered[0].has_effect:
            self._drop(self.ordered[:1], lifecycle)
        elif self.ordered[0].after.state in lifecycle.terminal:
            self._drop(self.ordered[1:2], lifecycle)
        else:
            self._sink(self.ordered[0], lifecycle)

    def _sink(self, fact: Fact, lifecycle: Lifecycle) -> None:
        gone = self.ordered[: self.ordered.index(fact) + 1]
        self.base = fact.after
        seen = [fact.scan["event_time"], *(one.repeat for one in gone), self.forgotten_until]
        self.forgotten_until = max(time for time in seen if time is not None)
        self._let_go(gone, lifecycle)

    def _drop(self, gone: list[Fact], lifecycle: Lifecycle) -> None:
        for fact in gone:
            kind = str(fact.evidence) if fact.counted_in else fact.was_counted_in[0] if fact.was_counted_in else None
            if kind is not None:
                self.evidence_until[kind] = max(self.evidence_until.get(kind, 0), *fact.times)
        self._let_go(gone, lifecycle)

    def _let_go(self, gone: list[Fact], lifecycle: Lifecycle) -> None:
        taken = self.retracted()
        for fact in gone:
            if lifecycle.reuse_after_days and self._is_sight(fact, taken):
                self.sighted = max([*fact.times, *([] if self.sighted is None else [self.sighted])])
            self._outlive(fact)
        self.ordered = [fact for fact in self.ordered if not any(fact is one for one in gone)]

    def _effects(self) -> list[Fact]:
        taken = self.retracted()
        return [fact for fact in self.ordered if fact.has_effect or (fact.is_forwarded and fact.ordinal not in taken)]

    def _is_idle(self, fact: Fact) -> bool:
        if fact in self._effects():
            return False
        if fact.is_correction:
            return self.target_of(fact) is None
        return fact.ordinal not in self.retracted()

    def _outlive(self, correction: Fact) -> None:
        if not correction.is_correction or correction.ordinal in self.retracted():
            return
        target = self.target_of(correction)
        if target is not None:
            target.gone = True


def _takes_effect(outcome: str, reason: str, step: str) -> bool:
    return outcome in ("ACCEPTED", "FLAGGED") and reason != "RETIRED_LABEL" and step != "VOID"


def evidence_of(decision: dict[str, Any]) -> str | None:
    """Returns the reason of a decision that may be evidence; None where it is none."""
    return decision.get("reason") if decision.get("outcome") != "ACCEPTED" else None


def between(before: Place, after: Place) -> dict[str, Any]:
    """Returns the part of a decision that tells the unit before and after."""
    return {
        "state_before": before.state,
        "state_after": after.state,
        "previous_site": before.site,
        "previous_event_time": before.event_time,
        **after.milestones,
    }
