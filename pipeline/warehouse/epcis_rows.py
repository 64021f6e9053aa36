"""Rows of the table `epcis_events`: what the sink writes of a captured event.

Flow: a decoded record of `epcis-events` with its place in the topic -> one line of JSON, as ClickHouse reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

_COLUMNS: Final = {
    "identity": "String", "kind": "String", "event_id": "Nullable(String)", "hash": "String", "type": "String",
    "action": "Nullable(String)", "biz_step": "Nullable(String)", "disposition": "Nullable(String)",
    "event_time": "Int64", "record_time": "Int64", "read_point": "Nullable(String)", "biz_location": "Nullable(String)",
    "epc_fields": "Array(String)", "epcs": "Array(String)", "transaction_types": "Array(String)",
    "transactions": "Array(String)", "receipt": "Nullable(String)", "content": "String", "partition": "UInt32",
    "offset": "UInt64", "version": "UInt64",
}  # fmt: skip
_TIMES: Final = ("event_time", "record_time")
_FIRST_MS, _LAST_MS = -2_208_988_800_000, 10_413_791_999_000
"""1900 and 2299: what DateTime64 holds. A claim beyond is kept in the content and stands at the end in the column."""
_OFFSETS_A_MS: Final = 1_000_000


class At(NamedTuple):
    """Where a record stands in its topic."""

    partition: int
    offset: int
    append_ms: int


def insert_statement() -> str:
    """Return the insert of rows, one JSON object a line; a row written twice does no harm, for the newest holds."""
    structure = ", ".join(f"`{name}` {kind}" for name, kind in _COLUMNS.items())
    names = ", ".join(f"`{name}`" for name in _COLUMNS)
    values = ", ".join(f"fromUnixTimestamp64Milli(`{name}`)" if name in _TIMES else f"`{name}`" for name in _COLUMNS)
    return f"INSERT INTO epcis_events ({names}) SELECT {values} FROM input('{structure}') FORMAT JSONEachRow"  # noqa: S608  our own names


def row_of(event: Mapping[str, Any], at: At) -> bytes:
    """Return the row of an event."""
    row = {
        **{name: event[name] for name in _COLUMNS if name in event},
        "event_time": min(max(event["event_time"], _FIRST_MS), _LAST_MS),
        "record_time": at.append_ms,
        "epc_fields": [one["field"] for one in event["epcs"]],
        "epcs": [one["epc"] for one in event["epcs"]],
        "transaction_types": [one["type"] for one in event["transactions"]],
        "transactions": [one["id"] for one in event["transactions"]],
        "partition": at.partition,
        "offset": at.offset,
        "version": at.append_ms * _OFFSETS_A_MS + at.offset % _OFFSETS_A_MS,
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
