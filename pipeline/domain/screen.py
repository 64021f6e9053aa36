"""Whether a scan says anything new of its unit: the rows of the table that look at its other facts.

Flow: a scan that keeps the contract, the unit's facts -> NONE where it becomes a fact, else why it does not.
"""

import numpy as np

from pipeline.domain.compiled import compiled
from pipeline.domain.corrections import can_be_taken_back, take_back
from pipeline.domain.decision import note_after, note_before
from pipeline.domain.facts import (
    NOWHERE,
    REUSED,
    SAME,
    Facts,
    double_of,
    find_target,
    is_recounted,
    is_root,
    seen_before,
    told_by_another,
)
from pipeline.domain.scan import COUNT, OBSERVE, VOID
from pipeline.domain.unit_state import CORRECTING_FACT, PINNED_FACT, STUCK_FACT, Record
from pipeline.domain.verdict import (
    BURST,
    CORRECTS_UNKNOWN,
    DOUBLE_SCAN,
    LATE_BEYOND_TAIL,
    NONE,
    RECOUNTED,
    REDELIVERED,
    REPEATED,
    SECOND_SOURCE,
    UNDECIDED,
)

ASK = np.dtype(
    [
        ("unit", "i4"),  # place of the unit in the batch; -1: the contract rejected the scan
        ("is_count", "i1"),  # its document is a count
        ("reserved", "i1", (3,)),
        ("corrects", "i8"),  # hash of the scan_id it takes back; 0: none
        ("lot_start", "i8"),  # in the scans' buffer
        ("lot_length", "i8"),  # -1: none
        ("link_start", "i8"),  # of its container or other unit, in the scans' buffer
        ("link_length", "i8"),  # 0: none
    ]
)
"""What a scan asks beyond the fact it may leave."""


@compiled
def touch(row: Record, head: Record, place: Record) -> None:
    """Note that a scan changes the unit's record."""
    place["changed"] = 1
    head["sequence"] += 1
    row["sequence"] = head["sequence"]


@compiled
def is_beyond_tail(head: Record, base: Record, scan: Record) -> bool:
    """Whether a scan orders before what the ledger has forgotten, or may be that itself: no scan is applied twice."""
    return bool(head["has_base"] and scan["event_time"] <= base["event_time"] + base["repeated_ms"])


@compiled
def judge_correction(facts: Facts, scan: Record, ask: Record, head: Record, base: Record) -> int:
    """D12: take the target back; returns NONE, or why it cannot be done and nothing was."""
    count = head["facts"]
    target = find_target(facts, count, ask["corrects"]) if ask["corrects"] != 0 else NOWHERE
    if target == NOWHERE or not can_be_taken_back(facts, count, target):
        return CORRECTS_UNKNOWN
    may_be_a_copy = scan["step"] != VOID or facts[target]["flags"] & STUCK_FACT
    if may_be_a_copy and is_beyond_tail(head, base, scan):
        return LATE_BEYOND_TAIL
    take_back(facts, count, target)
    scan["flags"] |= CORRECTING_FACT
    return NONE


@compiled
def is_repeated(
    windows: Facts, lifecycle: int, facts: Facts, scan: Record, ask: Record, row: Record, head: Record, place: Record
) -> int:
    """D2, D4, D3, D11: return why the scan says nothing new, or NONE; it is noted on the fact it repeats."""
    count, window, reason = head["facts"], windows[lifecycle], DOUBLE_SCAN
    at = double_of(facts, count, scan, window["double_scan_ms"])
    if at == NOWHERE and ask["is_count"] and scan["step"] == COUNT and is_recounted(facts, count, scan):
        return RECOUNTED
    if at == NOWHERE and scan["step"] == OBSERVE and window["burst_ms"] > window["double_scan_ms"]:
        at, reason = double_of(facts, count, scan, window["burst_ms"]), BURST
    if at == NOWHERE:
        at, reason = told_by_another(facts, count, scan, window["second_source_ms"]), SECOND_SOURCE
    if at == NOWHERE:
        return NONE
    facts[at]["repeat"] = max(facts[at]["repeat"], scan["event_time"])
    touch(row, head, place)
    return reason


@compiled
def screen(
    windows: Facts,
    lifecycle: int,
    facts: Facts,
    scan: Record,
    ask: Record,
    row: Record,
    head: Record,
    base: Record,
    place: Record,
) -> int:
    """D1 to D4 and D11: return NONE where the scan becomes a fact, else why it does not."""
    seen = seen_before(facts, head["facts"], scan)
    if seen == SAME:
        return REDELIVERED
    if seen == REUSED:
        scan["flags"] |= PINNED_FACT
        return NONE
    if scan["depth"] != 0 and is_root(facts, head["facts"], scan):
        return REDELIVERED
    if ask["corrects"] != 0 or scan["step"] == VOID:
        return judge_correction(facts, scan, ask, head, base)
    if is_beyond_tail(head, base, scan):
        return LATE_BEYOND_TAIL
    return is_repeated(windows, lifecycle, facts, scan, ask, row, head, place)


@compiled
def answer(row: Record, head: Record, life: Record, place: Record, reason: int) -> None:
    """Answer a scan that leaves no fact: UNDECIDED says nothing of the unit, REPEATED tells its state as it is."""
    row["reason"] = reason
    if reason == CORRECTS_UNKNOWN or reason == LATE_BEYOND_TAIL:  # noqa: PLR1714, SIM109  a tuple would be built
        row["outcome"] = UNDECIDED
        return
    row["outcome"] = REPEATED
    note_before(row, head["lifecycle"], life)
    note_after(row, life)
    row["lot_start"], row["lot_length"] = place["lot_start"], place["lot_length"]
