"""The units of a recall as an EPCIS 2.0 document: one ObjectEvent, action OBSERVE, disposition recalled.

Flow: unit keys -> events of so many EPCs -> a file.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from pipeline.capture.epcis.answers import capture_document
from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.times import utc
from pipeline.errors import FileUnreadable

_EPCS_AT_ONCE: Final = 10_000


def recall_events(recall: str, unit_keys: Sequence[str], event_ms: int, uris: Uris) -> Iterator[dict[str, Any]]:
    """Yield the events; the same recall and units have the same event ids, so that a second capture is a repeat."""
    when = utc(event_ms)
    for at in range(0, len(unit_keys), _EPCS_AT_ONCE):
        epcs = [uris.unit(key) for key in unit_keys[at : at + _EPCS_AT_ONCE]]
        digest = hashlib.sha256("\n".join([recall, *epcs]).encode()).hexdigest()
        yield {
            "type": "ObjectEvent",
            "eventID": uuid.UUID(digest[:32], version=5).urn,
            "eventTime": when,
            "eventTimeZoneOffset": "+00:00",
            "epcList": epcs,
            "action": "OBSERVE",
            "disposition": "recalled",
            "bizTransactionList": [uris.document(f"recall:{recall}")],
        }


def write_document(file: Path, events: Iterable[dict[str, Any]]) -> None:
    """Write a document of events; raises FileUnreadable."""
    try:
        file.write_bytes(orjson.dumps(capture_document(list(events)), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise FileUnreadable(message) from error
