"""Events as documents of the standard: capture documents and the answers of queries."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from pipeline.capture.epcis.names import STANDARD_CONTEXT
from pipeline.capture.epcis.times import utc

SCHEMA_VERSION: Final = "2.0"
QUERY_NAME: Final = "SimpleEventQuery"


def query_document(events: Sequence[dict[str, Any]], now_ms: int | None = None) -> dict[str, Any]:
    """Return the answer of a query; each event brings its own context along."""
    results = {"queryName": QUERY_NAME, "resultsBody": {"eventList": list(events)}}
    return {**_head("EPCISQueryDocument", now_ms), "epcisBody": {"queryResults": results}}


def capture_document(events: Sequence[dict[str, Any]], now_ms: int | None = None) -> dict[str, Any]:
    """Return a capture document of events."""
    return {**_head("EPCISDocument", now_ms), "epcisBody": {"eventList": list(events)}}


def _head(kind: str, now_ms: int | None) -> dict[str, Any]:
    created = utc(time.time_ns() // 1_000_000 if now_ms is None else now_ms)
    return {
        "@context": [STANDARD_CONTEXT],
        "type": kind,
        "schemaVersion": SCHEMA_VERSION,
        "creationDate": created,
    }
