"""Folding a unit again: base and facts in order, because a scan came late or took another back.

Flow: base, facts, place of the arrival -> life, the arrival's decision, a revision for each earlier one that changed.
"""

import numpy as np
import numpy.typing as npt

from pipeline.domain.alerts import NO_KIND, Changes, add_evidence, kind_of, remove_evidence
from pipeline.domain.compiled import compiled
from pipeline.domain.decide import Rules, apply, decide, forget_milestones, reach_milestone
from pipeline.domain.decision import Decided, Scratch, note_after, note_before, same_milestones
from pipeline.domain.facts import Facts, was_applied
from pipeline.domain.scan import COMMISSION, VOID
from pipeline.domain.unit_state import PINNED_FACT, RETRACTED_FACT, Record, Units
from pipeline.domain.verdict import ACCEPTED, NONE, REJECTED, RETRACTED, SCAN_ID_REUSED


@compiled
def decide_at_place(rules: Rules, lifecycle: int, life: Record, fact: Record) -> tuple[int, int, int]:
    """Decide a fact on the life before it; retracted, reused and VOID ones have no effect, whatever the life."""
    state = int(life["state"])
    if fact["flags"] & RETRACTED_FACT:
        return REJECTED, RETRACTED, state
    if fact["flags"] & PINNED_FACT:
        return REJECTED, SCAN_ID_REUSED, state
    if fact["step"] == VOID:
        return ACCEPTED, NONE, state
    return decide(rules, lifecycle, life, fact)


@compiled
def count_evidence(
    changes: Changes, alerts: npt.NDArray[np.void], cause: tuple[int, int, int], facts: Facts, j: int
) -> None:
    """Count fact j's reason as evidence where it raises an alert."""
    kind = kind_of(int(facts[j]["reason"]))
    if kind != NO_KIND:
        facts[j]["opening"] = add_evidence(changes, cause, kind, alerts)


@compiled
def lose_evidence(scratch: Scratch, lost: int, fact: Record) -> int:
    """Set aside that a fact's former reason is evidence no longer; returns how many there are."""
    kind = kind_of(int(fact["reason"]))
    if kind != NO_KIND and fact["opening"] != 0:
        scratch.lost[lost, 0] = kind
        scratch.lost[lost, 1] = fact["opening"]
        lost += 1
    fact["opening"] = 0
    return lost


@compiled
def write(row: Record, fact: Record, decision: tuple[int, int, int]) -> None:
    """Write a decision into its row and its fact; note_before has been written already."""
    outcome, reason, after = decision
    row["outcome"], row["reason"] = outcome, reason
    fact["outcome"], fact["reason"], fact["before"], fact["after"] = outcome, reason, row["before"], after


@compiled
def differs(fact: Record, state: int, decision: tuple[int, int, int]) -> bool:
    """Whether a decision is another than the fact's last one."""
    outcome, reason, after = decision
    is_same = fact["outcome"] == outcome and fact["reason"] == reason
    return not (is_same and fact["before"] == state and fact["after"] == after)


@compiled
def next_revision(decided: Decided, cause: tuple[int, int, int], ordinal: int) -> int:
    """Open a revision of the decision at that ordinal; returns its row, which counts only once it is kept."""
    at = decided.revision_count[0]
    key = decided.revisions[at]
    key["scan"], key["unit"], key["ordinal"] = cause[0], cause[1], ordinal
    key["n"] = 0 if at == 0 or decided.revisions[at - 1]["scan"] != cause[0] else decided.revisions[at - 1]["n"] + 1
    decided.revised[at]["sequence"] = cause[2]
    return int(at)


@compiled
def pass_milestone(former: Record, fact: Record) -> None:
    """Note a milestone of the life as it was before this fold."""
    if fact["step"] == COMMISSION and fact["before"] != 0:
        forget_milestones(former)
    reach_milestone(former, int(fact["step"]), int(fact["event_time"]))


@compiled
def fold_again(
    rules: Rules, units: Units, decided: Decided, scratch: Scratch, cause: tuple[int, int, int], arrival: int
) -> None:
    """Fold the unit's base and facts; the arrival is the fact at that place."""
    i, u, _ = cause
    head, first = units.heads[u], units.places[u]["first"]
    count, lifecycle = head["facts"], head["lifecycle"]
    facts = units.facts[first : first + count]
    now, former = scratch.lives[0], scratch.lives[1]
    scratch.lives[0] = units.bases[u]
    scratch.lives[1] = units.bases[u]
    lost = 0
    for j in range(count):
        fact, is_earlier = facts[j], j != arrival
        if is_earlier and was_applied(fact):
            pass_milestone(former, fact)
        at = next_revision(decided, cause, fact["ordinal"])
        row = decided.revised[at] if is_earlier else decided.decisions[i]
        decision = decide_at_place(rules, lifecycle, now, fact)
        has_new_reason = not is_earlier or fact["reason"] != decision[1]
        has_changed = differs(fact, now["state"], decision)
        if is_earlier and has_new_reason:
            lost = lose_evidence(scratch, lost, fact)
        note_before(row, lifecycle, now)
        write(row, fact, decision)
        if was_applied(fact):
            apply(rules.rules[lifecycle, fact["before"], fact["step"]], now, fact)
        note_after(row, now)
        if has_new_reason:
            count_evidence(decided.changes, units.alerts[u], cause, facts, j)
        if is_earlier and (has_changed or not same_milestones(now, former)):
            decided.revision_count[0] = at + 1
    units.lives[u] = scratch.lives[0]
    for k in range(lost):
        opening = int(scratch.lost[k, 1])
        remove_evidence(decided.changes, cause, int(scratch.lost[k, 0]), units.alerts[u], opening)
