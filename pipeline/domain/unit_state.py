"""What the ledger remembers of a unit: a head, the life so far, the base under the oldest fact, up to 32 facts, links.

In memory a batch's units lie in arrays of these dtypes (`Units`); on disk and in the topic `units` they are bytes, and
what an ordinary unit has no use for is left out: the rest of the head, of the lives and of each fact
(pipeline/wire/unit.py).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Record = Any
"""One row of a structured array: np.void in Python, a pointer when compiled."""

FORMAT: Final = 3
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
STATED_FACT: Final = 16  # it states a disposition, though perhaps none that is a flag
SELF_FACT: Final = 32  # its container or other unit is the unit itself, under this label or another
FIT_FACT: Final = 64  # its disposition says that the unit may go on: conformant, available, sellable
WAS_EMPTY: Final = 1  # nothing was known to be in the container when the scan arrived
BEGINS_ANEW: Final = 2  # nor was it seen for long: as last decided, the scan begins its next life
MOVED_FACT: Final = -128  # what is in the unit has moved with it: the last bit of a signed byte

HEAD: Final = np.dtype(
    [
        ("format", "i1"),
        ("lifecycle", "i1"),
        ("facts", "i1"),
        ("has_base", "i1"),
        ("sequence", "i4"),
        ("applied", "i4"),
        ("rejected", "i4"),
        # up to here as in format 1; on disk the rest is there only where a unit has some of it
        ("members", "i4"),  # units known to be in it or part of it
        ("links", "i1"),
        ("expected", "i1"),
        ("edges", "i1"),  # whether any unit is known to have been in it or part of it: then its moves fan out
        ("heir", "i1"),  # it goes on with the life of a retired label: that lies where the base does, see `fold`
    ],
    align=True,
)
LIFE: Final = np.dtype(
    [
        ("state", "i1"),
        ("container", "i1"),  # links: what it is in, 0 for none
        ("alias", "i1"),  # the unit under which it goes on, where this label is retired
        ("parent", "i1"),  # what it is installed in
        ("repeated_ms", "i4"),  # of a base: how long after event_time what it forgot was still seen again
        ("site", "i4"),
        ("custody", "i4"),
        ("event_time", "i8"),
        ("commissioned_at", "i8"),
        ("shipped_at", "i8"),
        ("sold_at", "i8"),
        ("returned_at", "i8"),
        ("failed_at", "i8"),
        # up to here as in format 1
        ("flags", "i2"),  # set until unset
        ("plain", "i2"),  # of the latest disposition stated, until the next
        ("expiry", "i4"),  # days since 1970; NEVER: none
        ("sale", "i4"),  # hash of the document of the last SELL or DISPENSE
        ("container_site", "i4"),  # where its container was last known to be; 0: where the unit was
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
        # up to here as in format 1; on disk the rest is there only for the facts that have some of it
        ("set", "i2"),  # flags
        ("unset", "i2"),
        ("plain", "i2"),  # flags of its disposition; -1: it states none
        ("link", "i1"),  # its container or other unit
        ("depth", "i1"),  # units between it and the scan that it derives from, see derived_id; 0: it is no derived one
        ("root", "i8"),  # hash of the id of the scan that it derives from; else its own
        ("expiry", "i4"),  # days since 1970; NEVER: none
        ("empty", "i1"),  # of a COMMISSION: WAS_EMPTY, BEGINS_ANEW or 0
        ("paper", "i1"),  # reason: what its document had against it on arrival; negative: unless it is in a container
        ("sale", "i2"),  # short hash of the document it must have been sold under; 0: any
    ],
    align=True,
)
LINK: Final = np.dtype(
    [("start", "i8"), ("length", "i2"), ("kind", "i1"), ("reserved", "i1", (5,))],
    align=True,
)
"""The key of another unit, which facts and lives name by its number, from 1; `start` as of a lot in PLACE."""
LINKS: Final = 100
"""Links remembered per unit."""
EXPECTED: Final = np.dtype(
    [("document", "i4"), ("sale", "i4"), ("kind", "i1"), ("reserved", "i1", (3,))],
    align=True,
)
"""A document (hash) in which the unit is expected, as what, and the document (hash) it must have been sold under."""
ALERT: Final = np.dtype(
    [
        ("opening", "i2"),
        ("status", "i1"),
        ("reserved", "i1"),
        ("count", "i4"),
        # up to here as in format 1; on disk the rest is there only where a unit has some of it
        ("until", "i8"),  # latest time of evidence that the unit has forgotten and may be told again; NEVER: none
    ],
    align=True,
)
ALERTS: Final = 4
"""Alert slots per unit, one for each of verdict.ALERT_KINDS."""


PLACE: Final = np.dtype(
    [
        ("first", "i8"),
        ("first_link", "i8"),
        ("first_expected", "i8"),
        ("lot_start", "i8"),
        ("lot_length", "i4"),
        ("lifecycle", "i1"),
        ("changed", "i1"),
        ("modes", "i2"),
        ("sighted", "i8"),
    ],
    align=True,
)
"""Where a unit of the batch lies: its first slots and its lot (start in the scans' buffer or, where negative, ~start in
the loaded states' buffer; length -1 for no lot); the lifecycle its first fact gives it; whether it must be written; the
class of its key in the modes, 0 where none concerns it; of a container the latest sight of it that it has forgotten."""


class Units(NamedTuple):
    """The units of one batch.

    Shape: `heads`, `lives`, `bases`, `places` one record a unit; `alerts` [unit, kind]; the facts of unit u are
    `facts[first : first + heads[u]["facts"]]`, with one slot to spare; `links` and `expected` likewise.
    """

    heads: npt.NDArray[np.void]
    lives: npt.NDArray[np.void]
    bases: npt.NDArray[np.void]
    places: npt.NDArray[np.void]
    alerts: npt.NDArray[np.void]
    facts: npt.NDArray[np.void]
    links: npt.NDArray[np.void]
    expected: npt.NDArray[np.void]


def blank_life(count: int) -> npt.NDArray[np.void]:
    """Return lives in which nothing has happened yet."""
    lives = np.zeros(count, LIFE)
    for name in ("event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at", "expiry"):
        lives[name] = NEVER
    return lives


def slots_for(
    remembered: npt.NDArray[np.int64], incoming: npt.NDArray[np.int64], most: int = TAIL
) -> npt.NDArray[np.int64]:
    """Return how many slots each unit needs: never more than are remembered and the one that pushes another out."""
    slots: npt.NDArray[np.int64] = np.minimum(remembered + incoming, most) + 1
    return slots
