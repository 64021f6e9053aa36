"""Alerts of one unit: opened once, counted while open, retracted with their evidence; a person's close holds.

Flow: a decision gains or loses an alerting reason -> the unit's alert slots -> changes of status, to be published.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.unit_state import ALERTS
from pipeline.domain.verdict import (
    ALERT_ACKNOWLEDGED,
    ALERT_CLOSED,
    ALERT_KINDS,
    ALERT_OPEN,
    ALERT_RETRACTED,
    EVENT_ACKNOWLEDGED,
    EVENT_CLOSED,
    EVENT_OPENED,
    EVENT_REOPENED,
    EVENT_RETRACTED,
)

NO_KIND: Final = -1
_MOST_NOTED: Final = 2**15 // ALERTS - 1

CHANGE: Final = np.dtype(
    [
        ("scan", "i4"),  # place of the causing record in its batch
        ("unit", "i4"),  # place of the unit in the batch
        ("n", "i4"),
        ("kind", "i1"),
        ("status", "i1"),
        ("event", "i1"),
        ("opening", "i2"),
        ("count", "i4"),
        ("sequence", "i4"),
    ],
    align=True,
)
"""One change of an alert's status."""

ACTS: Final = {"ALERT_ACKNOWLEDGE": EVENT_ACKNOWLEDGED, "ALERT_CLOSE": EVENT_CLOSED, "ALERT_REOPEN": EVENT_REOPENED}


class Changes(NamedTuple):
    """Status changes of a batch, in the order they came to be; `filled[0]` is how many there are."""

    rows: npt.NDArray[np.void]
    filled: npt.NDArray[np.int64]


@compiled
def kind_of(reason: int) -> int:
    """Return the alert slot of a reason, or NO_KIND."""
    for kind in range(ALERTS):
        if ALERT_KINDS[kind] == reason:
            return kind
    return NO_KIND


@compiled
def publish(changes: Changes, cause: tuple[int, int, int], kind: int, slot: npt.NDArray[np.void], event: int) -> None:
    """Add a change of status; `cause` is (place of the record, place of the unit, the unit's new sequence)."""
    at = changes.filled[0]
    row = changes.rows[at]
    row["scan"], row["unit"], row["sequence"] = cause
    is_first = at == 0 or changes.rows[at - 1]["scan"] != cause[0]
    row["n"] = 0 if is_first else changes.rows[at - 1]["n"] + 1
    row["kind"], row["event"] = kind, event
    row["status"], row["opening"], row["count"] = slot[kind]["status"], slot[kind]["opening"], slot[kind]["count"]
    changes.filled[0] = at + 1


@compiled
def formerly_in(kind: int, opening: int) -> int:
    """Return how a fact notes that it was evidence of an opening and is no longer; 0 where that is past noting."""
    return -(opening * ALERTS + kind) if opening <= _MOST_NOTED else 0


@compiled
def kind_formerly(noted: int) -> int:
    """Return the alert slot of which a fact notes by `formerly_in` that it was evidence."""
    return -noted % ALERTS


@compiled
def add_evidence(
    changes: Changes,
    cause: tuple[int, int, int],
    kind: int,
    slot: npt.NDArray[np.void],
    former: int,
    event_time: int,
) -> int:
    """Count a piece of evidence, opening the alert where it is not open.

    What a person closed does not open anew by what was counted before the close: by evidence that had ceased to be one,
    or by a copy of one that the unit has forgotten.

    Args:
        changes: gathers what is to be told.
        cause: see `publish`.
        kind: of the alert.
        slot: the unit's alerts.
        former: see `formerly_in`; 0 where it was no evidence before.
        event_time: its time: up to `until` it may be a copy of forgotten evidence.

    Returns:
        The opening it counts in; where it counts in none, `former`.
    """
    is_open = slot[kind]["status"] in (ALERT_OPEN, ALERT_ACKNOWLEDGED)
    is_closed = slot[kind]["status"] == ALERT_CLOSED
    if is_open or (is_closed and former != 0 and former == formerly_in(kind, int(slot[kind]["opening"]))):
        slot[kind]["count"] += 1
        return int(slot[kind]["opening"])
    if is_closed and event_time <= slot[kind]["until"]:
        return former
    slot[kind]["opening"] += 1
    slot[kind]["count"] = 1
    slot[kind]["status"] = ALERT_OPEN
    publish(changes, cause, kind, slot, EVENT_OPENED)
    return int(slot[kind]["opening"])


@compiled
def remove_evidence(
    changes: Changes, cause: tuple[int, int, int], kind: int, slot: npt.NDArray[np.void], opening: int
) -> None:
    """Take back a piece of evidence; the alert is retracted with its last one, but never after a person closed it."""
    if slot[kind]["opening"] != opening or slot[kind]["status"] == ALERT_RETRACTED:
        return
    slot[kind]["count"] -= 1
    if slot[kind]["count"] == 0 and slot[kind]["status"] != ALERT_CLOSED:
        slot[kind]["status"] = ALERT_RETRACTED
        publish(changes, cause, kind, slot, EVENT_RETRACTED)


def status_after(event: int, status: int) -> int | None:
    """Return the status that a person's act leads to, or None where it no longer applies (STALE)."""
    allowed = {
        (EVENT_ACKNOWLEDGED, ALERT_OPEN): ALERT_ACKNOWLEDGED,
        (EVENT_CLOSED, ALERT_OPEN): ALERT_CLOSED,
        (EVENT_CLOSED, ALERT_ACKNOWLEDGED): ALERT_CLOSED,
        (EVENT_REOPENED, ALERT_CLOSED): ALERT_OPEN,
    }
    return allowed.get((event, status))
