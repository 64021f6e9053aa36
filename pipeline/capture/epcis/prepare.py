"""A document on its way to the log: judged, its scans made, or refused; nothing is sent here.

Flow: bytes -> the events to be kept, the scans and findings to be sent, and every fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipeline.capture.epcis.alarms import Alarm, alarm_records
from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.faults import Fault, path_of
from pipeline.capture.epcis.judge import Judged
from pipeline.capture.epcis.not_read import NotRead, not_read_in
from pipeline.capture.epcis.records import MOST_EVENT_BYTES, Records, event_record, scan_records
from pipeline.capture.epcis.scan import EventScan
from pipeline.capture.epcis.scans import Made, ScanMaker

Behaviour = Literal["rollback", "proceed"]
"""What one wrong event does to the others of its document: all are refused, or only it."""


@dataclass(frozen=True)
class Sender:
    """Who sends a document."""

    name: str
    sites: frozenset[str] | None = None
    """The sites it may speak for; None: all."""


@dataclass
class Prepared:
    """What is to be sent of a document."""

    events: list[Captured] = field(default_factory=list)
    scans: list[EventScan] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    no_unit: int = 0
    not_read: list[NotRead] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def records(self, receipt: str | None) -> Records:
        """Return the records of the events."""
        pairs = [event_record(event, receipt) for event in self.events]
        return Records([key for key, _ in pairs], [value for _, value in pairs])

    def scan_records(self, captured_ms: int, source: str, receipt: str | None) -> Records:
        """Return the records of the scans, which may be none."""
        return scan_records(self.scans, captured_ms, source, receipt) if self.scans else Records([], [])

    def finding_records(self, captured_ms: int, source: str) -> Records:
        """Return the records of what its sensors report, which may be none."""
        return alarm_records(self.alarms, captured_ms, source)


def prepare(judged: Judged, maker: ScanMaker, sender: Sender, behaviour: Behaviour = "rollback") -> Prepared:
    """Make the scans of a judged document; of one that is refused there are neither events nor scans."""
    prepared = Prepared(faults=list(judged.faults))
    for number, event in judged.events:
        made = maker.make(event)
        path: tuple[int | str, ...] = (*judged.path, number) if judged.path else ()
        fault = _fault(event, made, sender)
        if fault is not None:
            prepared.faults.append(Fault(path_of(path), fault))
            continue
        prepared.events.append(event)
        prepared.scans += made.scans
        prepared.alarms += [made.alarm] if made.alarm else []
        prepared.no_unit += made.no_unit
        prepared.not_read += not_read_in(event, path, maker.things)
    if prepared.faults and behaviour == "rollback":
        return Prepared(faults=prepared.faults)
    return prepared


def _fault(event: Captured, made: Made, sender: Sender) -> str | None:
    sites = {scan.site for scan in made.scans} | ({made.alarm.finding.site} if made.alarm else set())
    others = sites - sender.sites if sender.sites is not None else set()
    if others:
        return f"OTHER_SITE: {', '.join(sorted(others))}: not a site of this API key"
    if len(event.text) > MOST_EVENT_BYTES:
        return f"has {len(event.text):,} bytes; at most {MOST_EVENT_BYTES:,} of one event are kept"
    return None
