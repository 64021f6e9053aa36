"""Captured events as they are exported: whole, their EPC URNs written as Digital Links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pipeline.capture.epcis.events import EVENT_TYPES
from pipeline.capture.epcis.export_uris import linked

Event = dict[str, Any]


def exported(event: Event) -> Event:
    """Return an event with its identifiers as Digital Links; one of somebody else's type as it is."""
    if event["type"] not in EVENT_TYPES:
        return event
    return {name: _FIELDS[name](value) if name in _FIELDS else value for name, value in event.items()}


def _things(value: list[str]) -> list[str]:
    return list(dict.fromkeys(map(linked, value)))


def _named(key: str) -> Callable[[list[Event]], list[Event]]:
    return lambda value: [{**one, key: linked(one[key])} for one in value]


def _place(value: Event) -> Event:
    return {**value, "id": linked(value["id"])}


_FIELDS: Final[dict[str, Callable[[Any], Any]]] = {
    "parentID": linked,
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _things),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _named("epcClass")
    ),
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": _named("bizTransaction"),
    "sourceList": _named("source"),
    "destinationList": _named("destination"),
}
