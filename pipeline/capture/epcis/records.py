"""Events and their scans as records for the log.

Flow: captured events and the scans they make -> keys and framed values of the topics `epcis-events` and `scans`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final, NamedTuple, cast

import numpy as np

from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.scan import EventScan
from pipeline.domain.identifiers.canonical import link_of
from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.domain.unit_key import parse
from pipeline.wire.scan_encode import NO_DATE, Attributes, ScanRows, TextField, encode_scans
from pipeline.wire.schemas import encode
from pipeline.wire.text_column import Text, slices

MOST_EVENT_BYTES: Final = 15 * 1024 * 1024
"""Of an event as it is kept; its record has its EPCs besides, and at most twice as much."""
_TEXTS: Final = (
    "scan_id", "site", "destination", "location", "document", "container", "other_unit", "lot", "condition",
    "corrects", "flags_set", "flags_unset", "event",
)  # fmt: skip


class Records(NamedTuple):
    """Records of one topic."""

    keys: list[bytes]
    values: list[bytes]


def event_record(event: Captured, receipt: str | None) -> tuple[bytes, bytes]:
    """Return key and value of an event as it is kept."""
    said = event.said
    value = {
        "identity": event.identity,
        "kind": "EVENT" if said.error_declaration is None else "DECLARATION",
        "event_id": said.event_id,
        "hash": event.hash,
        "type": said.type,
        "action": getattr(said, "action", None),
        "biz_step": getattr(said, "biz_step", None),
        "disposition": getattr(said, "disposition", None),
        "event_time": event.event_time,
        "read_point": _place(event, "read_point"),
        "biz_location": _place(event, "biz_location"),
        "epcs": [{"field": field, "epc": link_of(epc)} for field, epc in event.epcs],
        "transactions": [
            {"type": one.type or "", "id": link_of(one.biz_transaction)}
            for one in getattr(said, "biz_transaction_list", None) or []
        ],
        "receipt": receipt,
        "content": event.text.decode(),
    }
    return event.identity.encode(), encode("epcis_event", value)


def scan_records(scans: Sequence[EventScan], captured_ms: int, source: str, receipt: str | None) -> Records:
    """Return the records of scans, in their order.

    Args:
        scans: what events came to; not none.
        captured_ms: when they were captured, in milliseconds since 1970.
        source: who sent the events.
        receipt: the capture job; each scan's place in it follows behind a slash.
    """
    keys = [parse(scan.key) for scan in scans]
    texts: dict[str, Text] = {name: _texts(scans, lambda scan, name=name: getattr(scan, name)) for name in _TEXTS}  # type: ignore[misc]
    texts["item"] = Text.of_values([key.item.encode() for key in keys])
    texts["serial"] = Text.of_values([key.serial.encode() for key in keys])
    texts["source"] = Text.constant(source.encode(), len(scans))
    if receipt is not None:
        texts["receipt"] = Text.of_values([f"{receipt}/{place:05}".encode() for place in range(len(scans))])
    rows = ScanRows(
        texts=cast("dict[TextField, Text]", texts),
        step=np.array([STEPS.index(scan.step) for scan in scans]),
        event_time=np.array([scan.event_time for scan in scans], np.int64),
        capture_time=np.full(len(scans), captured_ms, np.int64),
        origin=np.array([ORIGINS.index(scan.origin) for scan in scans]),
        expiry=np.array([NO_DATE if scan.expiry is None else scan.expiry for scan in scans], np.int32),
        attributes=_attributes(scans),
    )
    return Records([key.text.encode() for key in keys], slices(*encode_scans(rows)))


def _place(event: Captured, name: str) -> str | None:
    place = getattr(event.said, name, None)
    return None if place is None else link_of(place.id)


def _texts(scans: Sequence[EventScan], of: Callable[[EventScan], str | None]) -> Text:
    return Text.of_values([None if (text := of(scan)) is None else text.encode() for scan in scans])


def _attributes(scans: Sequence[EventScan]) -> Attributes:
    starts = np.concatenate([[0], np.cumsum([len(scan.attributes) for scan in scans])]).astype(np.int64)
    every = list(chain.from_iterable(scan.attributes for scan in scans))
    names, values = (Text.of_values([pair[at].encode() for pair in every]) for at in (0, 1))
    return Attributes(starts, names, values)
