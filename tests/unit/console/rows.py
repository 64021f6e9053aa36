"""Rows as the questions of the unit page return them."""

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2024, 5, 1, tzinfo=UTC)


def a_scan_row(ordinal: int = 1, **other: object) -> dict[str, Any]:
    """Returns a row of `unit_known`, an accepted scan that says nothing special."""
    when = START + timedelta(hours=ordinal)
    nothing = dict.fromkeys(
        ("location", "reader", "operator", "destination", "document", "container", "other_unit", "scan_lot",
         "corrects", "source", "receipt", "revised_at")
    )  # fmt: skip
    row = {
        "event_time": when, "step": "STORE", "site": "S1", "origin": "DEVICE", "scan_id": f"s{ordinal}",
        "attributes": [], "first_outcome": "ACCEPTED", "first_reason": "NONE", "outcome": "ACCEPTED", "reason": "NONE",
        "state_before": "STORED", "state_after": "STORED", "capture_time": when, "received_at": when,
        "revised_by": 0, "times_revised": 0, "event_ms": int(when.timestamp() * 1000), "rules_version": "r",
        "partition": 0, "offset": ordinal, "ordinal": ordinal,
    }  # fmt: skip
    return {**nothing, **row, **other}
