"""A document on its way to the log: judged, its scans made, or refused; nothing is sent here.

Flow: bytes -> the events to be kept, the scans and findings to be sent, and every fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.capture.epcis.alarms import Alarm, alarm_records
from pipeline.capture.epcis.canonical import link_of
from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.faults import Fault, path_of
from pipeline.capture.epcis.judge import Judged
from pipeline.capture.epcis.not_read import NotRead, not_read_in
from pipeline.capture.epcis.records import MOST_EVENT_BYTES, Records, event_record, scan_records
from pipeline.capture.epcis.scan import EventScan
from pipeline.capture.epcis.scans import Made, ScanMaker

Behaviour = Literal["rollback", "proceed"]
"""What one wrong event does to the others of its document: all are refused, or only it."""

Originals = Callable[[Collection[str]], Mapping[str, Collection[str]]]
"""Tells the EPCs of events that are kept already, by identity; those that are not there are left out."""


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


def not_declared(events: Sequence[Captured], kept: Originals, name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return by declaration the units of its event that it does not list: they are not taken back.

    `name` is the one text of what an identifier names.
    """
    declared = {event.identity: event for event in events if event.declaration_time is not None}
    here = {event.identity: _epcs(event) for event in events if event.declaration_time is None}
    originals = {**(kept(declared.keys() - here.keys()) if declared else {}), **here}
    left_out = {
        identity: _left_out(originals[identity], _epcs(event), name)
        for identity, event in declared.items()
        if identity in originals
    }
    return [{"identity": identity, "epcs": epcs} for identity, epcs in left_out.items() if epcs]


def _left_out(of: Collection[str], listed: Collection[str], name: Callable[[str], str]) -> list[str]:
    named = {name(epc) for epc in listed}
    return sorted(epc for epc in of if name(epc) not in named)


def _epcs(event: Captured) -> set[str]:
    return {link_of(epc) for _, epc in event.epcs}


def _fault(event: Captured, made: Made, sender: Sender) -> str | None:
    sites = {scan.site for scan in made.scans} | ({made.alarm.finding.site} if made.alarm else set())
    others = sites - sender.sites if sender.sites is not None else set()
    if others:
        return f"OTHER_SITE: {', '.join(sorted(others))}: not a site of this API key"
    if len(event.text) > MOST_EVENT_BYTES:
        return f"has {len(event.text):,} bytes; at most {MOST_EVENT_BYTES:,} of one event are kept"
    return None
