"""Lots that warn, as findings: each alarm of the early warning is one, of the days from which it counts.

Flow: `early_warnings` of the ledger -> rows of findings.
"""

import json
from datetime import UTC, datetime
from typing import Any

from analytics.early_warnings import AskedWarnings, warnings_answer
from analytics.lifetimes import Asked
from analytics.rates import Exposure
from pipeline.warehouse.client import Warehouse

_DAY_MS = 86_400_000


def lot_warnings(warehouse: Warehouse, *, days: int) -> list[dict[str, Any]]:
    """Return every alarm of the last days before the newest scan: of lots in service, by age since the sale.

    Shape: one row per alarm: subject, window_from, window_to, window_name, site_name, evidence.
    """
    answer = warnings_answer(warehouse, AskedWarnings(Asked(exposure=Exposure.IN_SERVICE), days=days))
    return [_row(alarm) for alarm in answer["warnings"]]


def _row(alarm: dict[str, Any]) -> dict[str, Any]:
    told = {name: alarm[name] for name in ("item", "lot", "began", "warned", "failures")}
    numbers = {name: round(float(alarm[name]), 2) for name in ("expected", "ratio") if alarm[name] is not None}
    return {
        "subject": f"lot:{alarm['item']}/{alarm['lot']}",
        "window_from": _milliseconds(alarm["began"]), "window_to": _milliseconds(alarm["warned"]) + _DAY_MS - 1,
        "window_name": "", "site_name": "", "evidence": json.dumps(told | numbers),
    }  # fmt: skip


def _milliseconds(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
