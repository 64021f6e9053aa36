"""What the ledger holds as EPCIS: captured events whole, and events made of the scans that no event was captured for.

Flow: a scope (a unit, a document, a time) -> the captured events as they happened, then those made of scans.
"""

# ruff: noqa: S608  the texts are our own, what was asked for stands in parameters

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import orjson

from pipeline.capture.epcis.export_kept import exported
from pipeline.capture.epcis.export_scans import Event, ScanRow, declared_wrong, events_of
from pipeline.capture.epcis.export_uris import Uris
from pipeline.domain.identifiers.canonical import link_of
from pipeline.domain.unit_key import as_stored, parse
from pipeline.warehouse.client import Warehouse

_PAGE_EVENTS: Final = 500
_PAGE_SCANS: Final = 20_000
_COLUMNS: Final = (
    "scan_id, unit_key, toString(step), toUnixTimestamp64Milli(event_time), toString(site), destination, location,"
    " document, container, other_unit, scan_lot, toString(expiry), condition, flags_set, flags_unset, attributes"
)
_AT: Final = "toUnixTimestamp64Milli(received_at), partition, ordinal"
_CORRECTS: Final = 16
"""Place of `corrects` in a row, behind the columns."""
_NAMES: Final = tuple(one.name for one in fields(ScanRow))[:-1]
_FIRST: Final = -(2**62)
VOID: Final = "VOID"


@dataclass(frozen=True)
class Scope:
    """What is exported: conditions on kept events and on scans, with their parameters."""

    events: str
    scans: str
    parameters: Mapping[str, Any]


def of_unit(key: str, uris: Uris) -> Scope:
    """Return everything of one unit."""
    unit = parse(key)
    link = link_of(uris.unit(key))
    parameters = {"item": unit.item, "serial": unit.serial, "epc": link}
    scans = "item = {item:String} AND serial = {serial:String}"
    named = f"identity IN (SELECT ifNull(event, '') FROM unit_events WHERE {scans})"
    return Scope(f"has(epcs, {{epc:String}}) OR {named}", scans, parameters)


def of_document(document: str, uris: Uris) -> Scope:
    """Return everything under one document."""
    written = link_of(uris.document(document)["bizTransaction"])
    scans = "document = {document:String}"
    named = f"identity IN (SELECT ifNull(event, '') FROM unit_events WHERE {scans})"
    return Scope(f"has(transactions, {{written:String}}) OR {named}", scans, {"document": document, "written": written})


def since(moment: int) -> Scope:
    """Return everything that the ledger has learned of since a moment, in milliseconds since 1970."""
    limit = ">= fromUnixTimestamp64Milli({since:Int64})"
    return Scope(f"record_time {limit}", f"received_at {limit}", {"since": moment})


def export(warehouse: Warehouse, scope: Scope, uris: Uris) -> Iterator[Event]:
    """Yield the events of a scope; raises as `Warehouse.query_rows`."""
    yield from _kept(warehouse, scope)
    yield from _made(warehouse, scope, uris)


def _kept(warehouse: Warehouse, scope: Scope) -> Iterator[Event]:
    """Yield the captured events, an event before its declaration."""
    at: tuple[Any, ...] = (_FIRST, "", -1)
    while True:
        rows = warehouse.query_rows(
            "SELECT toUnixTimestamp64Milli(event_time) AS at, identity, kind = 'DECLARATION' AS declared, content"
            f" FROM epcis_events FINAL WHERE ({scope.events})"
            " AND (at, identity, declared) > ({at:Int64}, {identity:String}, {declared:Int16})"
            f" ORDER BY at, identity, declared LIMIT {_PAGE_EVENTS}",
            {**scope.parameters, "at": at[0], "identity": at[1], "declared": at[2]},
        )
        yield from (exported(orjson.loads(row[3])) for row in rows)
        if len(rows) < _PAGE_EVENTS:
            return
        at = rows[-1]


def _made(warehouse: Warehouse, scope: Scope, uris: Uris) -> Iterator[Event]:
    """Yield the events of applied scans that came without one, and those of scans that were taken back."""
    at: tuple[Any, ...] = (_FIRST, 0, 0)
    while True:
        rows = warehouse.query_rows(
            f"SELECT {_COLUMNS}, corrects, {_AT} FROM v_unit_events WHERE ({scope.scans}) AND event IS NULL"
            " AND outcome IN ('ACCEPTED', 'FLAGGED') AND origin != 'DERIVED'"
            f" AND ({_AT}) > ({{at:Int64}}, {{part:UInt32}}, {{ordinal:UInt64}})"
            f" ORDER BY {_AT} LIMIT {_PAGE_SCANS}",
            {**scope.parameters, "at": at[0], "part": at[1], "ordinal": at[2]},
        )
        yield from events_of((_row(row) for row in rows if row[2] != VOID), uris)
        for row in rows:
            if row[2] == VOID:
                yield from _taken_back(warehouse, _row(row), row[_CORRECTS], uris)
        if len(rows) < _PAGE_SCANS:
            return
        at = rows[-1][_CORRECTS + 1 :]


def _taken_back(warehouse: Warehouse, void: ScanRow, corrects: str, uris: Uris) -> Iterator[Event]:
    """Yield the event of a scan that was taken back, as it was and as declared wrong, where no event was captured."""
    unit = as_stored(void.unit_key)
    rows = warehouse.query_rows(
        f"SELECT {_COLUMNS} FROM v_unit_events WHERE item = {{item:String}} AND serial = {{serial:String}}"
        " AND scan_id = {scan:String} AND event IS NULL AND step != 'VOID' ORDER BY ordinal LIMIT 1",
        {"item": unit.item, "serial": unit.serial, "scan": corrects},
    )
    for row in rows:
        yield from events_of([_row(row)], uris)
        yield declared_wrong(_row(row), void.event_time, uris)


def _row(row: tuple[Any, ...]) -> ScanRow:
    *texts, attributes = row[:_CORRECTS]
    return ScanRow(**dict(zip(_NAMES, texts, strict=True)), attributes=tuple(_pair(one) for one in attributes))


def _pair(attribute: Any) -> tuple[str, str]:  # noqa: ANN401  a tuple or a dict, as the driver likes
    name, value = attribute.values() if isinstance(attribute, dict) else attribute
    return name, value
