"""The columns in which decisions leave the fold."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.alerts import CHANGE, Changes
from pipeline.domain.compiled import compiled
from pipeline.domain.effects import BEFORE, Effects, Timelines, room_for_effects, room_for_timelines
from pipeline.domain.unit_state import ALERTS, NEVER, TAIL, Record, blank_life

DECISION: Final = np.dtype(
    [
        ("outcome", "i1"),
        ("reason", "i1"),
        ("lifecycle", "i1"),  # 0: the unit's record was not looked at, states are unknown
        ("before", "i1"),
        ("after", "i1"),
        ("reserved", "i1", (3,)),
        ("sequence", "i4"),
        ("lot_length", "i4"),
        ("previous_site", "i4"),
        ("previous_event_time", "i8"),
        ("commissioned_at", "i8"),
        ("shipped_at", "i8"),
        ("sold_at", "i8"),
        ("returned_at", "i8"),
        ("failed_at", "i8"),
        ("lot_start", "i8"),  # as in unit_state.PLACE
    ],
    align=True,
)
REVISION: Final = np.dtype([("scan", "i4"), ("unit", "i4"), ("n", "i4"), ("ordinal", "i8")], align=True)
"""Which decision was revised (its ordinal) and by which scan of the batch."""


class Decided(NamedTuple):
    """What a batch came to.

    Shape: `decisions` one a scan; `revisions` and `revised` (DECISION) row by row,
    `revision_count[0]` of them; `changes` of alerts; `effects` on other units.
    """

    decisions: npt.NDArray[np.void]
    revisions: npt.NDArray[np.void]
    revised: npt.NDArray[np.void]
    revision_count: npt.NDArray[np.int64]
    changes: Changes
    effects: Effects


def room_for_decisions(count: int) -> Decided:
    """Return room for what `count` scans can come to.

    The rows of revisions and alerts are for the worst case: memory that is never touched is never taken.
    """
    most = count * (TAIL + 1)
    decisions = np.zeros(count, DECISION)
    decisions["lot_length"] = -1
    for name in ("previous_event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at"):
        decisions[name] = NEVER
    return Decided(
        decisions=decisions,
        revisions=np.empty(most, REVISION),
        revised=np.empty(most, DECISION),
        revision_count=np.zeros(1, np.int64),
        changes=Changes(np.empty(count * 2 * ALERTS + 1, CHANGE), np.zeros(1, np.int64)),
        effects=room_for_effects(count),
    )


class Scratch(NamedTuple):
    """Lives (effects.NOW and so on), the evidence lost and what a unit was in while it is folded again."""

    lives: npt.NDArray[np.void]
    lost: npt.NDArray[np.int64]
    lines: Timelines


def scratch() -> Scratch:
    """Return scratch space for one fold at a time."""
    return Scratch(blank_life(BEFORE + 1), np.zeros((TAIL + 2, 2), np.int64), room_for_timelines())


@compiled
def note_before(row: Record, lifecycle: int, life: Record) -> None:
    """Write what was known before the scan."""
    row["lifecycle"] = lifecycle
    row["before"] = life["state"]
    row["previous_site"] = life["site"]
    row["previous_event_time"] = life["event_time"]


@compiled
def note_after(row: Record, life: Record) -> None:
    """Write what is known after the scan."""
    row["after"] = life["state"]
    row["commissioned_at"] = life["commissioned_at"]
    row["shipped_at"] = life["shipped_at"]
    row["sold_at"] = life["sold_at"]
    row["returned_at"] = life["returned_at"]
    row["failed_at"] = life["failed_at"]


@compiled
def same_milestones(a: Record, b: Record) -> bool:
    """Whether two lives passed their milestones at the same times."""
    return bool(
        a["commissioned_at"] == b["commissioned_at"]
        and a["shipped_at"] == b["shipped_at"]
        and a["sold_at"] == b["sold_at"]
        and a["returned_at"] == b["returned_at"]
        and a["failed_at"] == b["failed_at"]
    )
