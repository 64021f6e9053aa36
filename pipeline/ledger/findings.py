"""Records FINDING of `internal`, and people's acts on the alerts that they raise.

Flow: a record -> the alert of its kind on its subject, kept in `units`; a change of status for `alerts`.

An alert may remember a thousand findings, and records of one subject come together: it is read and written once a run.
"""

from collections.abc import Mapping
from typing import Any, Final

from pipeline.domain.alerts import ACTS
from pipeline.domain.finding import BadFinding, Finding, read_finding
from pipeline.domain.raised import Outcome, Raised
from pipeline.domain.reference import REFUSED, STALE, Reference
from pipeline.domain.routing import partition_of
from pipeline.domain.verdict import ALERT_EVENTS, ALERT_STATUSES
from pipeline.ledger.memory import Overlay
from pipeline.ledger.outputs import Outputs, finding_key
from pipeline.ledger.rare import alert_of_subject
from pipeline.ledger.where import Where
from pipeline.wire.finding import decode_raised, encode_raised

_MOST_REASON: Final = 200
"""Bytes: an act has its record's own content besides, and at most 1 KiB more."""


class Findings:
    """What the owner of a subject's partition does about findings."""

    def __init__(self, where: Where, reference: Reference, outputs: Outputs, overlay: Overlay) -> None:
        self._where, self._reference, self._outputs, self._overlay = where, reference, outputs, overlay
        self._at_hand: dict[bytes, Raised | None] = {}
        self._changed: dict[bytes, Raised] = {}

    def take(self, record: Mapping[str, Any], origin: Mapping[str, Any]) -> tuple[str, str]:
        """Open, count or retract an alert: (APPLIED, opening and count), or (STALE or REFUSED, why)."""
        try:
            finding = read_finding(record["id"], record["subject"], record["content"])
        except BadFinding as wrong:
            return REFUSED, str(wrong).encode("ascii", "backslashreplace")[:_MOST_REASON].decode()
        if partition_of(finding.subject.encode(), self._where.partitions) != self._where.partition:
            return REFUSED, "partition"
        raised = self._known(finding.subject, finding.kind) or Raised(finding.subject, finding.kind)
        before = raised.sequence
        outcome = raised.take(finding, origin["ordinal"])
        self._keep(raised, before)
        self._publish(raised, outcome, dict(origin) | _of_fold(finding))
        return outcome.result, outcome.reason

    def act(self, record: Mapping[str, Any], asked: tuple[str, int, str], origin: Mapping[str, Any]) -> tuple[str, str]:
        """Acknowledge, close or reopen; `asked` is kind, opening and the reason given."""
        kind, opening, why = asked
        raised = None if "\0" in record["subject"] else self._known(record["subject"], kind)
        if raised is None:
            return STALE, "opening"
        before = raised.sequence
        outcome = raised.act(ACTS[record["kind"]], opening)
        self._keep(raised, before)
        by = {"author": record["author"], "reason": why, "site": "", "event_time": None}
        self._publish(raised, outcome, dict(origin) | by)
        return outcome.result, outcome.reason

    def newest(self, subject: str, kind: str) -> tuple[int, int] | None:
        """Return the newest opening of an alert and its status; None where no finding ever raised it."""
        raised = None if "\0" in subject else self._known(subject, kind)
        return None if raised is None else (raised.opening, raised.status)

    def put_back(self) -> None:
        """Put the alerts that a run changed where the next one finds them."""
        for key, raised in self._changed.items():
            self._overlay.put(key, encode_raised(raised))
        self._changed.clear()
        self._at_hand.clear()

    def _known(self, subject: str, kind: str) -> Raised | None:
        key = finding_key(subject.encode(), kind)
        if key not in self._at_hand:
            value = self._overlay.load([key])[0]
            self._at_hand[key] = None if value is None else decode_raised(value)
        return self._at_hand[key]

    def _keep(self, raised: Raised, before: int) -> None:
        if raised.sequence != before:
            key = finding_key(raised.subject.encode(), raised.kind)
            self._at_hand[key] = self._changed[key] = raised

    def _publish(self, raised: Raised, outcome: Outcome, fields: dict[str, Any]) -> None:
        if outcome.event is None:
            return
        fields |= {"status": ALERT_STATUSES[raised.status], "event": ALERT_EVENTS[outcome.event]}
        fields |= {"count": raised.count, "sequence": raised.sequence, "reference_version": self._reference.version}
        value = alert_of_subject(raised.subject, raised.kind, raised.opening, **fields)
        self._outputs.records["alerts"].add(raised.subject.encode(), value)


def _of_fold(finding: Finding) -> dict[str, Any]:
    return {"author": "", "reason": "", "site": finding.site, "event_time": finding.window.begin}
