"""What the HTTP way in asks the warehouse, answered by the questions of `analytics`."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.documents import document_report
from analytics.labels import standing
from analytics.questions import ALL_KNOWN, ask
from analytics.warranties import warranty_of
from jobs.warehouse import open_warehouse
from pipeline.capture.http.encode import receipt_of
from pipeline.capture.http.questions import Asked, Cursor, Row, Warranty
from pipeline.domain.unit_key import UnitKey, as_stored
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse

ALERTS_SHOWN = 100
_SECONDS = 10.0  # who asks over HTTP waits no longer
_BEFORE, _AFTER = timedelta(days=1), timedelta(days=2)  # around a receipt: clocks differ, and a repeat may complete it


class WarehouseQuestions:
    """The questions of one ledger; connects at the first, and again after ClickHouse was away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._warehouse: Warehouse | None = None
        self._lock = threading.Lock()

    def counts(self, asked: Asked) -> dict[str, int]:
        """Return how many scans of a receipt came to each outcome."""
        return {row["outcome"]: row["scans"] for row in self._ask("receipt_counts", **_around(asked))}

    def scans(self, asked: Asked, after: int, most: int) -> list[Row]:
        """Return decided scans of a receipt behind the place `after`, in its order."""
        behind = "" if after < 0 else receipt_of(asked.receipt, after)
        return self._ask("receipt_scans", **_around(asked), after=behind, most=most)

    def dead_letters(self, asked: Asked) -> list[Row]:
        """Return the records of a receipt that the worker could not read."""
        return self._ask("receipt_dead_letters", **_around(asked))

    def repeated(self, verdict: Row) -> Row | None:
        """Return what is now held of the scan that a REPEATED one repeats, None while it is not written yet."""
        scan, decision = verdict["scan"], verdict["decision"]
        named = {name: scan[name] or "" for name in ("item", "serial", "step", "site", "scan_id", "reader", "document")}
        place = {"owner": decision["partition"], "before": decision["ordinal"], "event_ms": scan["event_time"]}
        found = self._ask("scan_repeated", **named, **place, reason=decision["reason"])
        return found[0] if found else None

    def expected(self, document: str) -> frozenset[str]:
        """Return the keys of the units that a document expects."""
        return frozenset(row["unit_key"] for row in self._ask("expected_units", document=document))

    def answered(self, document: str, step: str, units: Sequence[str]) -> frozenset[str]:
        """Return which of some units were scanned under a document by a step, and the scan was applied."""
        named = {"items": sorted({as_stored(unit).item for unit in units}), "units": list(units)}
        return frozenset(row["unit_key"] for row in self._ask("units_answered", document=document, step=step, **named))

    def unit(self, key: UnitKey) -> Row | None:
        """Return a unit as it stands, None where the ledger keeps nothing of it."""
        return standing(self._open(), key)

    def alerts(self, key: UnitKey) -> list[Row]:
        """Return a unit's open and acknowledged alerts."""
        live = ["OPEN", "ACKNOWLEDGED"]
        return self._ask("alerts", units=[key.text], statuses=live, kinds=[], ids=[], most=ALERTS_SHOWN)

    def history(self, key: UnitKey, cursor: Cursor, most: int) -> list[Row]:
        """Return what was seen of a unit, the newest first."""
        place = ALL_KNOWN | {"before_ms": cursor.before_ms, "before_ordinal": cursor.before_ordinal}
        return self._ask("unit_history", item=key.item, serial=key.serial, **place, most=most)

    def warranty(self, key: UnitKey, unit: Row) -> Warranty | None:
        """Return the warranty of a unit as it stands, None where its lifecycle gives none.

        A unit that replaces another has that one's, through as many replacements as v_warranties follows.
        """
        found = warranty_of(self._open(), key, unit)
        return None if found is None else Warranty(*found)

    def document(self, name: str) -> Row | None:
        """Return what became of a document, None where nothing is known of it."""
        return document_report(self._open(), name)

    def close(self) -> None:
        """Let go of the connection."""
        if self._warehouse is not None:
            self._warehouse.close()

    def _ask(self, name: str, **parameters: Any) -> list[Row]:  # noqa: ANN401  as ClickHouse takes them
        return ask(self._open(), name, **parameters)

    def _open(self) -> Warehouse:
        with self._lock:
            if self._warehouse is None:
                self._warehouse = open_warehouse(self._settings, timeout_seconds=_SECONDS)
            return self._warehouse


def _around(asked: Asked) -> dict[str, Any]:
    created = datetime.fromtimestamp(asked.created_ms / 1000, UTC)
    return {"receipt": asked.receipt, "since": created - _BEFORE, "until": created + _AFTER}
