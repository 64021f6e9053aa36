"""D12: a scan that takes an earlier one back, and corrections of corrections."""

from pipeline.domain.compiled import compiled
from pipeline.domain.facts import NOWHERE, Facts
from pipeline.domain.unit_state import CORRECTING_FACT, PINNED_FACT, RETRACTED_FACT, STUCK_FACT

HALF = 32


@compiled
def target_of(facts: Facts, count: int, j: int) -> int:
    """Return the fact that correction j took back, or NOWHERE where it is no longer remembered."""
    for k in range(count):
        if facts[k]["ordinal"] >= facts[j]["ordinal"] or facts[k]["flags"] & PINNED_FACT:
            continue
        if facts[k]["scan_id"] >> HALF == facts[j]["corrects"]:
            return k
    return NOWHERE


@compiled
def can_be_taken_back(facts: Facts, count: int, j: int) -> bool:
    """Whether everything that hangs on a fact is still remembered: a correction needs its own target."""
    return not facts[j]["flags"] & CORRECTING_FACT or target_of(facts, count, j) != NOWHERE


@compiled
def is_taken_back_by_another(facts: Facts, count: int, target: int, but: int) -> bool:
    """Whether a correction in force, other than `but`, names the target."""
    for j in range(count):
        flags = facts[j]["flags"]
        if j == but or not flags & CORRECTING_FACT or flags & RETRACTED_FACT:
            continue
        if target_of(facts, count, j) == target:
            return True
    return False


@compiled
def take_back(facts: Facts, count: int, target: int) -> None:
    """Retract a fact; where it was itself a correction in force, what it had taken back holds again, and so on down.

    Only the chain below the target changes; a fact whose correction has been forgotten stays retracted.
    """
    retract = True
    while target != NOWHERE:
        flags = facts[target]["flags"]
        was_in_force = not flags & RETRACTED_FACT
        if retract == (not was_in_force):
            return
        if not retract and flags & STUCK_FACT:
            return
        facts[target]["flags"] = (flags | RETRACTED_FACT) if retract else (flags & ~RETRACTED_FACT)
        if not flags & CORRECTING_FACT:
            return
        correction, target = target, target_of(facts, count, target)
        if retract and target != NOWHERE and is_taken_back_by_another(facts, count, target, correction):
            return
        retract = not retract


@compiled
def settle_before_forgetting(facts: Facts, count: int, j: int) -> None:
    """Make what a correction took back stay so, before the correction itself is forgotten."""
    flags = facts[j]["flags"]
    if not flags & CORRECTING_FACT or flags & RETRACTED_FACT:
        return
    target = target_of(facts, count, j)
    if target != NOWHERE:
        facts[target]["flags"] |= STUCK_FACT
