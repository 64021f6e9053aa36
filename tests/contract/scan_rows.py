"""Rows of decoded scans as plain dicts, so that a test can compare them with what another decoder reads."""

from typing import Any

from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.wire.body import Schema, decode_body, parse
from pipeline.wire.scan import ATTRIBUTES, CAPTURE_TIME, EVENT_TIME, EXPIRY, FIELDS, ORIGIN, STEP, ScanColumns
from pipeline.wire.schemas import catalogue, encode

_NUMBERS = {EVENT_TIME, CAPTURE_TIME, EXPIRY}


def _field(name: str) -> Schema:
    return next(field for field in catalogue().schema("scan")["fields"] if field["name"] == name)


_ONLY_ATTRIBUTES = parse({"type": "record", "name": "A", "fields": [_field("attributes")]})


def a_scan(**changes: object) -> dict[str, Any]:
    least = {
        "scan_id": "1", "item": "sku:A/B", "serial": "1", "step": "COMMISSION", "event_time": 1_764_000_000_000,
        "capture_time": 1_764_000_000_000, "site": "factory", "origin": "DEVICE",
    }  # fmt: skip
    return dict.fromkeys(FIELDS) | {"attributes": []} | least | changes


def framed(**changes: object) -> bytes:
    return encode("scan", a_scan(**changes))


def row_of(columns: ScanColumns, row: int) -> dict[str, Any]:
    return {name: _value(columns, field, row) for field, name in enumerate(FIELDS)}


def _value(columns: ScanColumns, field: int, row: int) -> object:
    number, length = int(columns.number[field, row]), int(columns.length[field, row])
    if length < 0:
        return None
    if field in _NUMBERS:
        return number
    if field in {STEP, ORIGIN}:
        return (STEPS if field == STEP else ORIGINS)[number]
    if field == ATTRIBUTES:
        return decode_body(_ONLY_ATTRIBUTES, columns.buffer[number : number + length].tobytes())["attributes"]
    return columns.text(field, row)
