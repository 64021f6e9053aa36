"""Rows made by hand in a ledger's tables: what a question is asked about, without a worker or a sink."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pipeline.warehouse.client import Warehouse

RECEIVED = datetime(2024, 6, 1, tzinfo=UTC)
Row = dict[str, object]


class LedgerRows:
    """Fills a migrated database; ordinals of partition 0 are given out from 1, as the worker does."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self._ordinal = 0
        self._waiting: dict[str, list[Row]] | None = None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Insert the rows of the block when it ends: one insert per table, not one per row."""
        waiting = self._waiting = {}
        try:
            yield
        finally:
            self._waiting = None
        for table, rows in waiting.items():
            self.insert(table, *rows)

    def a_scan(self, unit: str, step: str, event_time: str, outcome: str = "ACCEPTED", **other: object) -> int:
        """Insert one verdict and return its ordinal; `unit` is item/serial."""
        row = self.scan_row(unit, step, event_time, outcome, **other)
        self.insert("unit_events", row)
        return int(str(row["ordinal"]))

    def scan_row(self, unit: str, step: str, event_time: str, outcome: str, **other: object) -> Row:
        """Return a verdict's row with the next ordinal, not yet inserted."""
        item, _, serial = unit.rpartition("/")
        ordinal = self._next()
        row = {
            "scan_id": f"scan-{ordinal}", "item": item, "serial": serial, "step": step, "event_time": event_time,
            "capture_time": event_time, "site": "S1", "origin": "DEVICE", "outcome": outcome, "reason": "NONE",
            "state_before": "NONE", "state_after": "SOLD", "sequence": ordinal, "rules_version": "r",
            "reference_version": 0, "received_at": _text(RECEIVED + timedelta(seconds=ordinal)), "topic": "scans",
            "partition": 0, "offset": ordinal - 1, "ordinal": ordinal,
        }  # fmt: skip
        return row | other

    def a_revision(self, of: int, unit: str, outcome: str, reason: str, **other: object) -> int:
        """Insert one revision, caused by a record of its own, and return that record's ordinal."""
        item, _, serial = unit.rpartition("/")
        ordinal = self._next()
        row = {
            "item": item, "serial": serial, "partition": 0, "ordinal": of, "caused_by": ordinal, "n": 0,
            "outcome": outcome, "reason": reason, "state_before": "NONE", "state_after": "NONE", "sequence": ordinal,
            "rules_version": "r", "reference_version": 0, "received_at": _text(RECEIVED + timedelta(seconds=ordinal)),
        }  # fmt: skip
        self.insert("unit_revisions", row | other)
        return ordinal

    def an_act(
        self, kind: str, content: object, result: str = "APPLIED", subject: str = "sites", **other: object
    ) -> None:
        """Insert one act."""
        ordinal = self._next()
        row = {
            "partition": 0, "ordinal": ordinal, "n": 0, "topic": "internal", "offset": ordinal, "id": f"act-{ordinal}",
            "received_at": _text(RECEIVED), "kind": kind, "subject": subject, "result": result, "reason": "",
            "author": "ann", "content": json.dumps(content), "base": 0, "reference_version": 1, "rules_version": "r",
        }  # fmt: skip
        self.insert("acts", row | other)

    def an_alert(self, identity: str, unit: str, kind: str, status: str, event: str, **other: object) -> None:
        """Insert one change of an alert."""
        ordinal = self._next()
        row = {
            "partition": 0, "ordinal": ordinal, "n": 0, "id": identity, "subject": f"unit:{unit}", "kind": kind,
            "opening": 1, "status": status, "event": event, "count": 1, "site": "S1", "author": "", "reason": "",
            "event_time": _text(RECEIVED), "received_at": _text(RECEIVED + timedelta(seconds=ordinal)),
            "sequence": ordinal, "rules_version": "r", "reference_version": 0,
        }  # fmt: skip
        self.insert("alerts", row | other)

    def a_unit(self, unit: str, state: str, **other: object) -> None:
        """Insert one unit's state."""
        item, _, serial = unit.rpartition("/")
        ordinal = self._next()
        row = {
            "unit_key": unit, "version": 1, "sequence": ordinal, "item": item, "serial": serial, "lifecycle": "retail",
            "state": state, "applied": 1, "rejected": 0, "open_alerts": 0, "alerts": [], "partition": 0,
            "ordinal": ordinal, "fold": "",
        }  # fmt: skip
        self.insert("unit_state", row | other)

    def a_dead_letter(self, error: str, **other: object) -> int:
        """Insert one dead letter and return its ordinal."""
        ordinal = self._next()
        row = {
            "partition": 0, "ordinal": ordinal, "n": 0, "topic": "scans", "offset": ordinal, "error": error,
            "received_at": _text(RECEIVED + timedelta(seconds=ordinal)), "detail": "at byte 7", "key": None,
            "value": "abc", "size": 3, "sha256": "00",
        }  # fmt: skip
        self.insert("dead_letters", row | other)
        return ordinal

    def insert(self, table: str, *rows: Row) -> None:
        """Insert rows; columns left out take their default."""
        if self._waiting is not None:
            self._waiting.setdefault(table, []).extend(rows)
            return
        self.warehouse.command(f"INSERT INTO {table} FORMAT JSONEachRow {' '.join(map(json.dumps, rows))}")

    def _next(self) -> int:
        self._ordinal += 1
        return self._ordinal


def _text(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
