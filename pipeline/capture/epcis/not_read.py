"""Identifiers that are to name single things and cannot be read: GS1 keys with a fault in them, keys that are too long.

Flow: a captured event -> path, identifier, why, and the nearest right one where it is plain to see.

The standard takes any URI, so the event is captured; but no scan is made of what nobody can tell, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.faults import MOST_FAULTS, path_of
from pipeline.capture.epcis.things import Things


@dataclass(frozen=True)
class NotRead:
    """One identifier that is not read."""

    path: str
    epc: str
    why: str
    nearest: str | None


def not_read_in(event: Captured, beginning: Sequence[int | str], things: Things) -> Iterator[NotRead]:
    """Yield the identifiers of an event that are not read, behind the path to the event."""
    for parts, epc in event.named:
        unread = things.unread(epc)
        if unread is not None:
            yield NotRead(path_of([*beginning, *parts]), epc, unread.why, unread.nearest)


def not_read_reports(found: Sequence[NotRead]) -> list[dict[str, Any]]:
    """Return what is told of them: the first ones, and how many there are besides."""
    told = [asdict(one) for one in found[:MOST_FAULTS]]
    if len(found) <= MOST_FAULTS:
        return told
    return [*told, {"path": "$", "epc": None, "why": f"and {len(found) - MOST_FAULTS} more", "nearest": None}]
