"""Every scan of a batch through the rules, in order: the heart of the ledger.

Flow: scans, the units they concern, rules -> decisions, revisions, changes of alerts; the units are changed in place.

The order of the rules is the table of the design's section 4; contract rejections never reach this module. The common
scan, last in order and no correction, takes a path that hands on records only: a record is a pointer when compiled,
while every array handed on costs a count of references (1.6 microseconds a scan before, 0.1 after).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.corrections import can_be_taken_back, settle_before_forgetting, take_back
from pipeline.domain.decide import Rules, apply, decide
from pipeline.domain.decision import Decided, Scratch, note_after, note_before
from pipeline.domain.facts import (
    NOWHERE,
    REUSED,
    SAME,
    Facts,
    double_of,
    find_target,
    has_effect,
    insert,
    is_recounted,
    oldest_to_forget,
    place_of,
    remove,
    seen_before,
)
from pipeline.domain.fold import count_evidence, fold_again
from pipeline.domain.scan import COUNT, VOID
from pipeline.domain.unit_state import CORRECTING_FACT, PINNED_FACT, TAIL, Record, Units
from pipeline.domain.verdict import (
    ACCEPTED,
    CORRECTS_UNKNOWN,
    DOUBLE_SCAN,
    FLAGGED,
    LATE_BEYOND_TAIL,
    NONE,
    RECOUNTED,
    REDELIVERED,
    REJECTED,
    REPEATED,
    SCAN_ID_REUSED,
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
    ]
)
"""What a scan asks beyond the fact it may leave."""


_MOST_MS: Final = 2**31 - 1


class Scans(NamedTuple):
    """The scans of one batch, in ordinal order: the fact each may leave, and what it asks beyond that."""

    facts: npt.NDArray[np.void]
    asks: npt.NDArray[np.void]


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
    if scan["step"] != VOID and is_beyond_tail(head, base, scan):
        return LATE_BEYOND_TAIL
    take_back(facts, count, target)
    scan["flags"] |= CORRECTING_FACT
    return NONE


@compiled
def decide_last(rules: Rules, scan: Record, life: Record, lifecycle: int, row: Record) -> None:
    """Decide a scan that comes last in order, on the life as it is."""
    note_before(row, lifecycle, life)
    scan["before"] = life["state"]
    if scan["flags"] & PINNED_FACT:
        outcome, reason, after = REJECTED, SCAN_ID_REUSED, int(life["state"])
    else:
        outcome, reason, after = decide(rules, lifecycle, life, scan)
    scan["outcome"], scan["reason"], scan["after"] = outcome, reason, after
    row["outcome"], row["reason"] = outcome, reason
    if outcome == ACCEPTED or outcome == FLAGGED:  # noqa: PLR1714, SIM109  a tuple would be built
        apply(rules.rules[lifecycle, scan["before"], scan["step"]], life, scan)
    note_after(row, life)


@compiled
def forget_oldest(rules: Rules, head: Record, base: Record, facts: Facts) -> None:
    """Let the fact go that the tail has no room for; the base takes its effect."""
    lifecycle, count = head["lifecycle"], head["facts"]
    j = oldest_to_forget(rules.rules, lifecycle, facts, count)
    fact = facts[j]
    if fact["flags"] & CORRECTING_FACT:
        settle_before_forgetting(facts, count, j)
    if has_effect(fact):
        seen_until = max(base["event_time"] + base["repeated_ms"], fact["repeat"])
        apply(rules.rules[lifecycle, fact["before"], fact["step"]], base, fact)
        base["repeated_ms"] = min(max(seen_until - base["event_time"], 0), _MOST_MS)
        head["has_base"] = 1
    remove(facts, count, j)
    head["facts"] = count - 1


@compiled
def count_decision(scan: Record, ask: Record, head: Record, place: Record, row: Record) -> None:
    """Count the decision, and keep the lot: of the first applied scan that states one, or of a correction."""
    if row["outcome"] == REJECTED:
        head["rejected"] += 1
    else:
        head["applied"] += 1
        may_give = place["lot_length"] < 0 or scan["flags"] & CORRECTING_FACT
        if ask["lot_length"] >= 0 and scan["step"] != VOID and may_give:
            place["lot_start"], place["lot_length"] = ask["lot_start"], ask["lot_length"]
    row["lot_start"], row["lot_length"] = place["lot_start"], place["lot_length"]


@compiled
def is_repeated(
    windows: Facts, lifecycle: int, facts: Facts, scan: Record, ask: Record, row: Record, head: Record, place: Record
) -> int:
    """D2 and D4: return why the scan says nothing new, or NONE; a double is noted on the fact it repeats."""
    count = head["facts"]
    double = double_of(facts, count, scan, windows[lifecycle]["double_scan_ms"])
    if double != NOWHERE:
        facts[double]["repeat"] = max(facts[double]["repeat"], scan["event_time"])
        touch(row, head, place)
        return DOUBLE_SCAN
    if ask["is_count"] and scan["step"] == COUNT and is_recounted(facts, count, scan):
        return RECOUNTED
    return NONE


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
    """D1 to D4: return NONE where the scan becomes a fact, else why it does not."""
    seen = seen_before(facts, head["facts"], scan)
    if seen == SAME:
        return REDELIVERED
    if seen == REUSED:
        scan["flags"] |= PINNED_FACT
        return NONE
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


@compiled
def enforce(rules: Rules, scans: Scans, units: Units, decided: Decided, scratch: Scratch) -> None:
    """Decide every scan of a batch in order: for each, the first row of the table that matches.

    Shape: see Scans, Units and Decided, which are changed in place.
    Source: design, sections 4 and 6.
    """
    for i in range(len(scans.asks)):
        ask = scans.asks[i]
        u = ask["unit"]
        if u < 0:
            continue
        scan, row, place = scans.facts[i], decided.decisions[i], units.places[u]
        head, life, base = units.heads[u], units.lives[u], units.bases[u]
        count = head["facts"]
        facts = units.facts[place["first"] : place["first"] + count + 1]
        lifecycle = head["lifecycle"] if head["lifecycle"] else place["lifecycle"]
        reason = screen(rules.windows, lifecycle, facts, scan, ask, row, head, base, place)
        if reason != NONE:
            answer(row, head, life, place, reason)
            continue

        head["lifecycle"] = lifecycle
        head["facts"] = count + 1
        touch(row, head, place)
        at = place_of(rules.rules, lifecycle, facts, count, scan)
        if at == count and not scan["flags"] & CORRECTING_FACT:
            decide_last(rules, scan, life, lifecycle, row)
            facts[count] = scan
            if row["outcome"] != ACCEPTED:
                count_evidence(decided.changes, units.alerts[u], (i, u, row["sequence"]), facts, count)
        else:
            insert(facts, count, at, scan)
            fold_again(rules, units, decided, scratch, (i, u, row["sequence"]), at)
        count_decision(scan, ask, head, place, row)
        if head["facts"] > TAIL:
            forget_oldest(rules, head, base, facts)
