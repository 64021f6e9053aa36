"""Scans that no event was captured for, as events: those that say the same of several units are one event.

Flow: rows of scans -> ObjectEvents, AggregationEvents and AssociationEvents.

What EPCIS has no word for stands in an extension: the step, and the attributes.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.names import STANDARD_CONTEXT
from pipeline.capture.epcis.times import utc
from pipeline.capture.epcis.vocabulary import BIZ_STEP, DISPOSITION, Vocabulary

Event = dict[str, Any]

PREFIX: Final = "scanledger"
_NAMESPACE: Final = uuid.UUID("4a0e4d2a-7a44-5c0e-9d3b-6d2f5b1c0e77")
_STEPS: Final = {
    "COMMISSION": "commissioning", "PACK": "packing", "UNPACK": "unpacking", "STORE": "storing", "STOCK": "stocking",
    "RESERVE": "reserving", "PICK": "picking", "STAGE": "staging_outbound", "SHIP": "shipping",
    "CANCEL_SHIPMENT": "void_shipping", "ARRIVE": "arriving", "RECEIVE": "receiving", "INSPECT": "inspecting",
    "HOLD": "holding", "COUNT": "cycle_counting", "SELL": "retail_selling", "DISPENSE": "dispensing",
    "RETURN": "receiving", "REPAIR": "repairing", "INSTALL": "installing", "REMOVE": "removing",
    "REPLACE": "replacing", "RETIRE": "decommissioning", "DESTROY": "destroying", "RELEASE": "other",
    "RELABEL": "other", "TRANSFER": "other", "FAIL": "other",
}  # fmt: skip
_UNSAID: Final = frozenset({"RELEASE", "RELABEL", "TRANSFER", "FAIL", "REPLACE"})
"""Steps that the business step alone does not tell."""
_ENDS: Final = frozenset({"RETIRE", "DESTROY"})


@dataclass(frozen=True)
class ScanRow:
    """One scan as it is exported. Units: event_time in milliseconds since 1970; expiry YYYY-MM-DD."""

    scan_id: str
    unit_key: str
    step: str
    event_time: int
    site: str
    destination: str | None
    location: str | None
    document: str | None
    container: str | None
    other_unit: str | None
    lot: str | None
    expiry: str | None
    condition: str | None
    flags_set: str | None
    flags_unset: str | None
    attributes: tuple[tuple[str, str], ...]


def events_of(scans: Iterable[ScanRow], uris: Uris) -> Iterator[Event]:
    """Yield the events of scans in their order; neighbours that say the same are one."""
    for said, group in groupby(scans, key=_what):
        yield _event(said, list(group), uris)


def declared_wrong(scan: ScanRow, declared: int, uris: Uris) -> Event:
    """Return the event of a scan that was taken back, with the declaration that it is wrong."""
    return {
        **_event(_what(scan), [scan], uris),
        "errorDeclaration": {"declarationTime": utc(declared), "reason": "did_not_occur"},
    }


def _what(scan: ScanRow) -> ScanRow:
    """Return what a scan says, whatever it says it of; a unit that empties itself is said alone."""
    key = scan.unit_key if scan.unit_key in (scan.container, scan.other_unit) else ""
    return replace(scan, scan_id="", unit_key=key)


def _event(said: ScanRow, scans: list[ScanRow], uris: Uris) -> Event:
    shape = _SHAPES.get(said.step, _object)
    event = shape(said, list(dict.fromkeys(uris.unit(scan.unit_key) for scan in scans)), uris)
    time = utc(said.event_time)
    identity = f"urn:uuid:{uuid.uuid5(_NAMESPACE, _digest(scans))}"
    return {
        "@context": [STANDARD_CONTEXT, {PREFIX: f"{uris.base}voc/"}],
        "eventID": identity,
        "eventTime": time,
        "eventTimeZoneOffset": "+00:00",
        **event,
        **_circumstances(said, uris),
        **_unsaid(said, event, uris),
    }


def _digest(scans: list[ScanRow]) -> str:
    told = "\0".join(f"{scan.unit_key}\0{scan.scan_id}" for scan in scans)
    return hashlib.sha256(told.encode()).hexdigest()


def _object(said: ScanRow, epcs: list[str], _: Uris) -> Event:
    action = "ADD" if said.step == "COMMISSION" else "DELETE" if said.step in _ENDS else "OBSERVE"
    event: Event = {"type": "ObjectEvent", "action": action, "epcList": epcs}
    ilmd = {"cbvmda:lotNumber": said.lot, "cbvmda:itemExpirationDate": said.expiry}
    if action == "ADD" and (said.lot or said.expiry):
        event["ilmd"] = {name: value for name, value in ilmd.items() if value}
    words = {"set": _flags(said.flags_set), "unset": _flags(said.flags_unset)}
    persistent = {name: flags for name, flags in words.items() if flags}
    return event | ({"persistentDisposition": persistent} if persistent else {})


def _aggregation(said: ScanRow, epcs: list[str], uris: Uris) -> Event:
    return _related("AggregationEvent", {"PACK": "ADD", "UNPACK": "DELETE"}, said.container, said, epcs, uris)


def _association(said: ScanRow, epcs: list[str], uris: Uris) -> Event:
    return _related("AssociationEvent", {"INSTALL": "ADD", "REMOVE": "DELETE"}, said.other_unit, said, epcs, uris)


def _related(
    kind: str, actions: Mapping[str, str], parent: str | None, said: ScanRow, epcs: list[str], uris: Uris
) -> Event:
    """Return the event of units and what they are in; a DELETE of a parent from itself is of all it holds."""
    action = actions.get(said.step, "OBSERVE")
    is_all = said.unit_key == parent
    if parent is None or (is_all and action != "DELETE"):
        return _object(said, epcs, uris)
    children = {} if is_all else {"childEPCs": epcs}
    return {"type": kind, "action": action, "parentID": uris.unit(parent), **children}


_SHAPES: Final[dict[str, Callable[[ScanRow, list[str], Uris], Event]]] = {
    **dict.fromkeys(("PACK", "UNPACK", "OBSERVE"), _aggregation),
    **dict.fromkeys(("INSTALL", "REMOVE"), _association),
}


def _circumstances(said: ScanRow, uris: Uris) -> Event:
    biz_step = _STEPS.get(said.step) or _word(dict(said.attributes).get("biz_step"), BIZ_STEP)
    condition = "returned" if said.step == "RETURN" else _word(said.condition, DISPOSITION)
    destination = {"type": "location", "destination": uris.place(said.destination, None)} if said.destination else None
    found: Event = {
        "bizStep": biz_step,
        "disposition": condition or ("in_transit" if said.step == "SHIP" else None),
        "readPoint": {"id": uris.place(said.site, said.location)},
        "bizTransactionList": [uris.document(said.document)] if said.document else None,
        "destinationList": [destination] if destination else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _unsaid(said: ScanRow, event: Event, uris: Uris) -> Event:
    """Return as extensions what the event has no field for."""
    other = said.other_unit if event["type"] == "ObjectEvent" else None
    told = event.get("persistentDisposition", {})
    flags = {"set": said.flags_set, "unset": said.flags_unset}
    untold = {name: text for name, text in flags.items() if text and set(text.split()) != set(told.get(name, ()))}
    has_batch = "ilmd" in event
    found: Event = {
        "step": said.step if said.step in _UNSAID else None,
        "otherUnit": uris.unit(other) if other else None,
        "lot": None if has_batch else said.lot,
        "expiry": None if has_batch else said.expiry,
        "condition": None if _is_told(said) else said.condition,
        "flagsSet": untold.get("set"),
        "flagsUnset": untold.get("unset"),
        "attributes": dict(said.attributes) or None,
    }
    return {f"{PREFIX}:{name}": value for name, value in found.items() if value is not None}


def _is_told(said: ScanRow) -> bool:
    """Whether the event's disposition tells the condition."""
    return said.condition == "returned" if said.step == "RETURN" else _word(said.condition, DISPOSITION) is not None


def _word(text: str | None, known: Vocabulary) -> str | None:
    """Return a word of the vocabulary or a URI of another; what is neither cannot be said."""
    return None if text is None else known.sayable(text)


def _flags(text: str | None) -> list[str]:
    """Return the flags that can be said, each once."""
    words = [DISPOSITION.sayable(word) for word in (text or "").split()]
    return list(dict.fromkeys(word for word in words if word is not None))
