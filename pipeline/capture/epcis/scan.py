"""One scan that an event makes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class EventScan:
    """What the event says of one unit."""

    scan_id: str
    key: str
    step: str
    event_time: int
    site: str
    event: str
    """Identity of the event."""
    destination: str | None = None
    location: str | None = None
    document: str | None = None
    container: str | None = None
    other_unit: str | None = None
    lot: str | None = None
    expiry: int | None = None
    condition: str | None = None
    flags_set: str | None = None
    flags_unset: str | None = None
    corrects: str | None = None
    origin: str = "IMPORT"
    attributes: tuple[tuple[str, str], ...] = ()


def scan_id(identity: str, key: str, role: str) -> str:
    """Return the id of a unit's scan in one role of an event: the same whenever the event comes again."""
    told = "\0".join((identity, key, role))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
