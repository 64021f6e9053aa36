"""What the ledger remembers of a unit: a head, the life so far, the base under the oldest fact, up to 32 facts.

In memory a batch's units lie in arrays of these dtypes (`Units`); on disk and in the topic `units` they are the bytes
of head, life, alerts, base (only if there is one), facts and lot, one after the other (pipeline/wire/unit.py).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Record = Any
"""One row of a structured array: np.void in Python, a pointer when compiled."""

FORMAT: Final = 1
"""Version of the state's bytes; a store written by a newer one is refused."""

# Signed numbers throughout: numba makes a float of an unsigned and a signed one.

TAIL: Final = 32
"""Facts remembered per unit."""

NEVER: Final = -1
"""A time that has not come: every real one is at least 0."""

RETRACTED_FACT: Final = 1
PINNED_FACT: Final = 2
CORRECTING_FACT: Final = 4
STUCK_FACT: Final = 8  # retracted for good: the correction that did it has been forgotten

HEAD: Final = np.dtype(
    [
        ("format", "i1"),
        ("lifecycle", "i1"),
        ("facts", "i1"),
        ("has_base", "i1"),
        ("sequence", "i4"),
        ("applied", "i4"),
        ("rejected", "i4"),
    ],
    align=True,
)
LIFE: Final = np.dtype(
    [
        ("state", "i1"),
        ("reserved", "i1", (3,)),
        ("repeated_ms", "i4"),  # of a base: how long after event_time what it forgot was still seen again
        ("site", "i4"),
        ("custody", "i4"),
        ("event_time", "i8"),
        ("commissioned_at", "i8"),
        ("shipped_at", "i8"),
        ("sold_at", "i8"),
        ("returned_at", "i8"),
        ("failed_at", "i8"),
    ],
    align=True,
)
FACT: Final = np.dtype(
    [
        ("step", "i1"),
        ("outcome", "i1"),
        ("reason", "i1"),
        ("flags", "i1"),
        ("before", "i1"),
        ("after", "i1"),
        ("opening", "i2"),  # of the alert its evidence was counted in; 0: none
        ("site", "i4"),
        ("destination", "i4"),
        ("reader", "i4"),  # hashes of text; 0: none
        ("document", "i4"),
        ("source", "i4"),
        ("corrects", "i4"),  # high half of the target's scan_id hash
        ("event_time", "i8"),
        ("repeat", "i8"),  # latest double scan
        ("scan_id", "i8"),
        ("ordinal", "i8"),
    ],
    align=True,
)
ALERT: Final = np.dtype([("opening", "i2"), ("status", "i1"), ("reserved", "i1"), ("count", "i4")], align=True)
ALERTS: Final = 4
"""Alert slots per unit, one for each of verdict.ALERT_KINDS."""


PLACE: Final = np.dtype(
    [
        ("first", "i8"),
        ("lot_start", "i8"),
        ("lot_length", "i4"),
        ("lifecycle", "i1"),
        ("changed", "i1"),
        ("reserved", "i1", (2,)),
    ],
    align=True,
)
"""Where a unit of the batch lies: its first fact slot and its lot (start in the scans' buffer or, where negative,
~start in the loaded states' buffer; length -1 for no lot); the lifecycle its first fact gives it; whether it must be
written."""


class Units(NamedTuple):
    """The units of one batch.

    Shape: `heads`, `lives`, `bases`, `places` one record a unit; `alerts` [unit, kind]; the facts of unit u are
    `facts[first : first + heads[u]["facts"]]`, with one slot to spare.
    """

    heads: npt.NDArray[np.void]
    lives: npt.NDArray[np.void]
    bases: npt.NDArray[np.void]
    places: npt.NDArray[np.void]
    alerts: npt.NDArray[np.void]
    facts: npt.NDArray[np.void]


def blank_life(count: int) -> npt.NDArray[np.void]:
    """Return lives in which nothing has happened yet."""
    lives = np.zeros(count, LIFE)
    for name in ("event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at"):
        lives[name] = NEVER
    return lives


def slots_for(remembered: npt.NDArray[np.int64], incoming: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how many fact slots each unit needs: never more than the tail and the one that pushes another out."""
    slots: npt.NDArray[np.int64] = np.minimum(remembered + incoming, TAIL) + 1
    return slots
