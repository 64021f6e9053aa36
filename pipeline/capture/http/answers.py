"""Receipts as JSON: what is told of a request, when it is taken and whenever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pipeline.capture.http.check import Checked

SKEW_MS: Final = 60_000
"""How far a sender's clock may be off before its scans are counted as skewed."""

Answer = dict[str, Any]


@dataclass(frozen=True)
class Payload:
    """What was sent: its hash, when it came, and when its sender says that it was sent."""

    sha256: str
    received_ms: int
    sent_ms: int | None

    @property
    def is_skewed(self) -> bool:
        """Whether the sender's clock is off."""
        return self.sent_ms is not None and abs(self.received_ms - self.sent_ms) > SKEW_MS


def receipt_of(checked: Checked, payload: Payload) -> Answer:
    """Return what is the same of a request's receipt however often it is sent: all but its id and its time."""
    skew = None if payload.sent_ms is None else round((payload.received_ms - payload.sent_ms) / 1000, 3)
    return {
        "counts": {
            "scans": checked.scans,
            "queued": len(checked),
            "malformed": checked.scans - len(checked),
            "skewed": len(checked) if payload.is_skewed else 0,
        },
        "skew_seconds": skew,
        "payload_sha256": payload.sha256,
        "malformed": [fault.told() for fault in checked.malformed],
    }


def receipt_told(receipt: str, created_ms: int, answer: Answer) -> Answer:
    """Return a receipt as it is told: with the id and the time of its first request, whichever repeat is answered."""
    return {"id": receipt, "received_at": moment(created_ms), **answer}


def moment(milliseconds: int) -> str:
    """Return a moment as RFC 3339 in UTC, to the millisecond; one that no calendar has as its number."""
    try:
        when = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
