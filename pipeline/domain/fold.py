"""Folding a unit again: base and facts in order, because a scan came late or took another back.

Flow: base, facts, place of the arrival -> life, the arrival's decision, a revision for each earlier one that changed.
"""

import numpy as np
import numpy.typing as npt

from pipeline.domain.alerts import NO_KIND, Changes, add_evidence, formerly_in, kind_of, remove_evidence
from pipeline.domain.compiled import compiled
from pipeline.domain.decide import Rules, apply, decide, pass_milestone
from pipeline.domain.decision import Decided, Scratch, note_after, note_before, same_milestones
from pipeline.domain.effects import (
    BLANK,
    FORMER,
    HEIR,
    HEIR_BEFORE,
    MAY_MOVE,
    MOVES,
    NOW,
    OWN,
    draw,
    is_next_step,
    moves,
    note_differences,
    note_move,
    set_moved,
)
from pipeline.domain.facts import NOWHERE, Facts, has_moved, is_forwarded, last_seen, was_applied
from pipeline.domain.labels import note_forward
from pipeline.domain.membership import is_derived, relabels
from pipeline.domain.scan import VOID
from pipeline.domain.spans import FOREVER
from pipeline.domain.unit_state import NEVER, PINNED_FACT, RETRACTED_FACT, Record, Units
from pipeline.domain.verdict import ACCEPTED, NONE, REDELIVERED, REJECTED, REPEATED, RETRACTED, SCAN_ID_REUSED


@compiled
def decide_at_place(
    rules: Rules, lifecycle: int, modes: int, life: Record, facts: Facts, j: int, sighted: int
) -> tuple[int, int, int]:
    """Decide fact j on the life before it; retracted, reused and VOID ones have no effect, whatever the life.

    `sighted`: the latest sight of the unit that it has forgotten.
    """
    fact = facts[j]
    state = int(life["state"])
    if fact["flags"] & RETRACTED_FACT:
        return REJECTED, RETRACTED, state
    if fact["flags"] & PINNED_FACT:
        return REJECTED, SCAN_ID_REUSED, state
    if fact["step"] == VOID:
        return ACCEPTED, NONE, state
    if fact["depth"] != 0 and has_moved(facts, j, fact):
        return REPEATED, REDELIVERED, state
    seen = last_seen(facts, j, sighted, int(fact["event_time"])) if fact["empty"] != 0 else NEVER
    return decide(rules, lifecycle, modes, life, fact, seen)


@compiled
def count_evidence(changes: Changes, alerts: npt.NDArray[np.void], cause: tuple[int, int, int], fact: Record) -> None:
    """Count a fact's reason as evidence where it raises an alert: not a derived scan's, nor one that is let pass."""
    kind = kind_of(int(fact["reason"]))
    if kind != NO_KIND and not is_derived(fact) and fact["outcome"] != ACCEPTED:
        fact["opening"] = add_evidence(changes, cause, kind, alerts, int(fact["opening"]), int(fact["event_time"]))


@compiled
def lose_evidence(scratch: Scratch, lost: int, fact: Record) -> int:
    """Set aside that a fact's former reason is evidence no longer; returns how many there are."""
    kind = kind_of(int(fact["reason"]))
    if kind != NO_KIND and fact["opening"] > 0:
        scratch.lost[lost, 0] = kind
        scratch.lost[lost, 1] = fact["opening"]
        fact["opening"] = formerly_in(kind, int(fact["opening"]))
        lost += 1
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
def is_other_evidence(fact: Record, decision: tuple[int, int, int]) -> bool:
    """Whether a decision is evidence of something else than the fact's last one."""
    outcome, reason, _ = decision
    return bool(fact["reason"] != reason or (fact["outcome"] == ACCEPTED) != (outcome == ACCEPTED))


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
def take_effect(rules: Rules, lifecycle: int, life: Record, facts: Facts, j: int) -> bool:
    """Let fact j, as it has just been decided, change the life; returns whether it moves what is in the unit."""
    fact = facts[j]
    if not was_applied(fact):
        return False
    state, site, custody = life["state"], life["site"], life["custody"]
    rule = rules.rules[lifecycle, fact["before"], fact["step"]]
    apply(rule, life, fact)
    how = moves(rule, fact, state, site, custody, life)
    return bool(how == MOVES or (how == MAY_MOVE and is_next_step(rules.rules, lifecycle, facts, j, fact)))


@compiled
def give_up_evidence(
    changes: Changes, cause: tuple[int, int, int], scratch: Scratch, lost: int, alerts: npt.NDArray[np.void]
) -> None:
    """Take back the evidence that was set aside."""
    for k in range(lost):
        remove_evidence(changes, cause, int(scratch.lost[k, 0]), alerts, int(scratch.lost[k, 1]))


@compiled
def fold_again(
    rules: Rules,
    modes: npt.NDArray[np.int64],
    units: Units,
    decided: Decided,
    scratch: Scratch,
    cause: tuple[int, int, int],
    arrival: int,
) -> None:
    """Fold the unit's base and facts under the rules and modes in force; the arrival is the fact at that place."""
    begin(scratch.lives, units, cause[1])
    fold_facts(rules, modes, units, decided, scratch, cause, arrival)


@compiled
def begin(lives: npt.NDArray[np.void], units: Units, u: int) -> None:
    """Lay out the lives with which a fold begins: the base is the unit's own, or what it takes over from a label."""
    is_heir = units.heads[u]["heir"] != 0
    lives[OWN] = lives[BLANK] if is_heir else units.bases[u]
    lives[HEIR_BEFORE] = lives[HEIR] = units.bases[u] if is_heir else lives[BLANK]


@compiled
def take_over(lives: npt.NDArray[np.void], at: int, heir: int, time: int) -> bool:
    """Let a life without anything go on with that of a label retired by then; returns whether it did."""
    is_due = lives[at]["state"] == 0 and lives[heir]["state"] != 0 and time >= lives[heir]["event_time"]
    if is_due:
        lives[at] = lives[heir]
    return bool(is_due)


@compiled
def fold_facts(  # noqa: C901  one loop: arrays handed on cost a count of references each
    rules: Rules,
    modes: npt.NDArray[np.int64],
    units: Units,
    decided: Decided,
    scratch: Scratch,
    cause: tuple[int, int, int],
    arrival: int,
) -> None:
    """Fold a unit's facts again, its lives laid out; NOWHERE: none of them has just arrived."""
    i, u, _ = cause
    head, first, mode_class = units.heads[u], units.places[u]["first"], units.places[u]["modes"]
    count, lifecycle = head["facts"], head["lifecycle"]
    facts = units.facts[first : first + count]
    lives, now, former = scratch.lives, scratch.lives[NOW], scratch.lives[FORMER]
    lives[NOW] = lives[FORMER] = lives[OWN]
    former_alias, was_begun = int(now["alias"]), now["state"] != 0
    is_told = head["edges"] != 0 or rules.windows[lifecycle]["holds"] != 0
    lost = 0
    draw(scratch.lines, 0, rules.rules, units, u, facts, arrival, lives)
    for j in range(count):
        fact, is_earlier = facts[j], j != arrival
        take_over(lives, NOW, HEIR, fact["event_time"])
        if not was_begun and is_earlier:
            was_begun = take_over(lives, FORMER, HEIR_BEFORE, fact["event_time"])
        was_forwarded_to = former_alias if is_earlier and is_forwarded(fact) else 0
        if is_earlier and was_applied(fact):
            pass_milestone(former, fact)
            was_begun = True
            former_alias = int(fact["link"]) if relabels(fact) else former_alias
        at = next_revision(decided, cause, fact["ordinal"])
        row = decided.revised[at] if is_earlier else decided.decisions[i]
        in_force = modes[mode_class, rules.sites[fact["site"]]["column"]]
        decision = decide_at_place(rules, lifecycle, in_force, now, facts, j, int(units.places[u]["sighted"]))
        has_new_reason = not is_earlier or is_other_evidence(fact, decision)
        has_changed = differs(fact, now["state"], decision)
        if is_earlier and has_new_reason:
            lost = lose_evidence(scratch, lost, fact)
        note_before(row, lifecycle, now)
        write(row, fact, decision)
        if set_moved(fact, take_effect(rules, lifecycle, now, facts, j)) and is_told:
            note_move(decided.effects, cause, units, fact, head["edges"], not is_earlier)
        is_forwarded_to = int(now["alias"]) if is_forwarded(fact) else 0
        if is_forwarded_to != was_forwarded_to:
            if was_forwarded_to != 0:
                note_forward(decided.effects, cause, units, fact, was_forwarded_to, False, False)
            if is_forwarded_to != 0:
                note_forward(decided.effects, cause, units, fact, is_forwarded_to, True, not is_earlier)
        note_after(row, now)
        if has_new_reason:
            count_evidence(decided.changes, units.alerts[u], cause, fact)
        if is_earlier and (has_changed or not same_milestones(now, former)):
            decided.revision_count[0] = at + 1
    take_over(lives, NOW, HEIR, FOREVER)
    units.lives[u] = lives[NOW]
    draw(scratch.lines, 1, rules.rules, units, u, facts, NOWHERE, lives)
    note_differences(decided.effects, cause, units, scratch.lines)
    give_up_evidence(decided.changes, cause, scratch, lost, units.alerts[u])
