"""Records ALERT_ASSIGN of `internal`: who looks after an alert, kept in `units` beside it.

Flow: a record, the newest opening of its alert with its status -> what came of it; where it is stale, who was first.
"""

import json
from typing import Any, Final, NamedTuple

from pipeline.domain.reference import APPLIED, STALE
from pipeline.domain.verdict import ALERT_ACKNOWLEDGED, ALERT_OPEN
from pipeline.ledger.memory import Overlay
from pipeline.ledger.outputs import assigned_key
from pipeline.wire.schemas import decode, encode

ASSIGN: Final = "ALERT_ASSIGN"
MOST_NAME_BYTES: Final = 128
_MOST_AUTHOR: Final = 64
"""Characters of whoever assigned it that are remembered."""
_LIVE: Final = (ALERT_OPEN, ALERT_ACKNOWLEDGED)


class Asked(NamedTuple):
    """What a record asks for."""

    kind: str
    opening: int
    assignee: str
    """Empty: nobody any more."""
    expected: str | None
    """Who had it as its author knew; None: whoever that is."""


def read_assignment(text: str) -> Asked | None:
    """Return what a record's content asks for; None where it makes no sense."""
    try:
        content = json.loads(text)
        kind, opening, assignee, expected = (content.get(name) for name in ("kind", "opening", "to", "from"))
    except (ValueError, RecursionError, AttributeError):
        return None
    is_number = isinstance(opening, int) and not isinstance(opening, bool)
    if not (isinstance(kind, str) and is_number and _is_name(assignee) and (expected is None or _is_name(expected))):
        return None
    return Asked(kind, opening, assignee, expected)


class Assigning:
    """What the owner of an alert's partition remembers of who looks after it."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay

    def take(self, subject: str, asked: Asked, newest: tuple[int, int] | None, author: str) -> tuple[str, str]:
        """Give an alert to somebody: (APPLIED, nothing) or (STALE, why).

        Args:
            subject: the alert's.
            asked: what is asked for.
            newest: the newest opening of the alert and its status; None where it never opened.
            author: who asks.
        """
        if newest is None or newest[0] != asked.opening or asked.opening == 0:
            return STALE, "opening"
        if newest[1] not in _LIVE:
            return STALE, "status"
        key = assigned_key(subject.encode(), asked.kind)
        value = self._overlay.load([key])[0]
        known = {} if value is None else decode(value)[1]
        holds = known if known.get("opening") == asked.opening else {}
        if asked.expected is not None and asked.expected != holds.get("assignee", ""):
            return STALE, _told(holds)
        fields = {"subject": subject, "kind": asked.kind, "opening": asked.opening, "assignee": asked.assignee}
        self._overlay.put(key, encode("assignment", fields | {"author": author[:_MOST_AUTHOR]}))
        return APPLIED, ""


def _told(holds: dict[str, Any]) -> str:
    """Say who has it, and who was first to say so."""
    by = f" by {holds['author']}" if holds else ""
    return f"assigned to {holds.get('assignee') or 'nobody'}{by}"


def _is_name(told: object) -> bool:
    try:
        return isinstance(told, str) and len(told.encode()) <= MOST_NAME_BYTES
    except UnicodeEncodeError:  # half a surrogate can be written in JSON and in nothing else
        return False
