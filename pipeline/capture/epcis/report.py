"""What came of a document, as people and programs are told it.

Shape: file, accepted, events, scans, errors, notRead, notDeclared; of each event identity, id, hash, type, action,
biz_step, disposition, epcs, has_sensors, is_error_declaration; of each error path and message; of each identifier that
is not read path, epc, why, nearest; of each declaration that leaves EPCs out identity and epcs, null where its event is
not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.faults import Fault, limited
from pipeline.capture.epcis.not_read import not_read_reports
from pipeline.capture.epcis.prepare import Prepared


def reported(file: str, prepared: Prepared, not_declared: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the report of a document; a refused one has neither events nor scans.

    `not_declared` is what its declarations leave out, as `declared.left_out` has it.
    """
    accepted = not prepared.faults
    return {
        "file": file,
        "accepted": accepted,
        "events": [event_report(event) for event in prepared.events] if accepted else [],
        "scans": len(prepared.scans) if accepted else 0,
        "errors": error_reports(prepared.faults),
        "notRead": not_read_reports(prepared.not_read) if accepted else [],
        "notDeclared": list(not_declared),
    }


def event_report(event: Captured) -> dict[str, Any]:
    """Return what is told of an event."""
    said = event.said
    return {
        "identity": event.identity,
        "id": said.event_id,
        "hash": event.hash,
        "type": said.type,
        "action": getattr(said, "action", None),
        "biz_step": getattr(said, "biz_step", None),
        "disposition": getattr(said, "disposition", None),
        "epcs": [epc for _, epc in event.epcs],
        "has_sensors": bool(getattr(said, "sensor_element_list", None)),
        "is_error_declaration": said.error_declaration is not None,
    }


def error_reports(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Return what is told of faults."""
    return [{"path": fault.path, "message": fault.message} for fault in limited(list(faults))]
