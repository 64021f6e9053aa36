"""What a unit forgets where its tail has no room for one more fact, and what is left of it.

Flow: 33 facts -> the one to forget -> the base, if it had an effect; what orders before it goes too.

A fact that was taken back is remembered as long as a copy of it could take effect, and so is what took it back. Of
those that are idle the latest few stay even where every other fact has an effect: one that was refused because it came
early is judged anew when what it waits for comes late.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.alerts import kind_formerly, kind_of
from pipeline.domain.compiled import compiled
from pipeline.domain.corrections import settle_before_forgetting, target_of
from pipeline.domain.decide import Rules, apply
from pipeline.domain.effects import BLANK
from pipeline.domain.facts import NOWHERE, Facts, has_effect, is_sight, remove, stands
from pipeline.domain.scan import OBSERVE
from pipeline.domain.unit_state import CORRECTING_FACT, NEVER, RETRACTED_FACT, Record, Units

MOST_IDLE: Final = 4
"""Idle facts that stay though a fact with effect must go for them."""

_MOST_MS: Final = 2**31 - 1


@compiled
def holds(fact: Record) -> bool:
    """Whether the fact has an effect, be it on the unit under which a retired label goes on."""
    return stands(fact) and not fact["flags"] & RETRACTED_FACT


@compiled
def is_idle(facts: Facts, count: int, j: int) -> bool:
    """Whether fact j has no effect and may go: it is not taken back, and takes back nothing that is remembered."""
    if holds(facts[j]):
        return False
    if facts[j]["flags"] & CORRECTING_FACT:
        return target_of(facts, count, j) == NOWHERE
    return not facts[j]["flags"] & RETRACTED_FACT


@compiled
def what_to_forget(rules: Rules, lifecycle: int, facts: Facts, count: int) -> int:
    """Return the place of the fact that goes.

    The first idle one while there are more than MOST_IDLE, or at most one fact has an effect; else the first with an
    effect. Where one has and nothing is idle, the first of all, but not the one that ended the unit.
    """
    idle, effects = 0, 0
    first_idle, first_effect = NOWHERE, NOWHERE
    for j in range(count):
        if holds(facts[j]):
            effects += 1
            first_effect = j if effects == 1 else first_effect
        elif is_idle(facts, count, j):
            idle += 1
            first_idle = j if idle == 1 else first_idle
    if idle > MOST_IDLE or (idle > 0 and effects <= 1):
        return first_idle
    if effects > 1:
        return first_effect
    is_end = rules.rules[lifecycle, facts[0]["after"], OBSERVE]["is_terminal"] != 0
    return 1 if has_effect(facts[0]) and is_end else 0


@compiled
def sink_into_base(rules: Rules, head: Record, base: Record, fact: Record, seen_until: int) -> None:
    """Let the base take the effect of a fact that is forgotten; `seen_until`: until when what goes was seen again."""
    seen_until = max(base["event_time"] + base["repeated_ms"], seen_until)
    apply(rules.rules[head["lifecycle"], fact["before"], fact["step"]], base, fact)
    base["repeated_ms"] = min(max(seen_until - base["event_time"], 0), _MOST_MS)
    head["has_base"] = 1


@compiled
def note_evidence(slots: npt.NDArray[np.void], fact: Record) -> None:
    """Note until when forgotten evidence may be told again: of what had an effect no copy is judged."""
    if fact["opening"] != 0:
        kind = kind_of(int(fact["reason"])) if fact["opening"] > 0 else kind_formerly(int(fact["opening"]))
        slots[kind]["until"] = max(slots[kind]["until"], fact["event_time"], fact["repeat"])


@compiled
def settle_heir(lives: npt.NDArray[np.void], units: Units, u: int, fact: Record) -> None:
    """Make the base the unit's own before a fact that took effect goes into it: what was taken over, or blank."""
    units.heads[u]["heir"] = 0
    if fact["event_time"] < units.bases[u]["event_time"]:
        units.bases[u] = lives[BLANK]


@compiled
def forget(rules: Rules, lives: npt.NDArray[np.void], units: Units, u: int, facts: Facts) -> None:
    """Forget what the tail has no room for.

    With a fact that had an effect goes what orders before it: folded onto the base, that would be judged on a life that
    came later. Copies of it order before the base, and take no effect.
    """
    head, place, count = units.heads[u], units.places[u], int(units.heads[u]["facts"])
    last = what_to_forget(rules, head["lifecycle"], facts, count)
    is_sunk, seen_until = has_effect(facts[last]), NEVER
    first = 0 if is_sunk else last
    may_begin_anew = rules.windows[head["lifecycle"]]["reuse_ms"] > 0
    for j in range(first, last + 1):
        settle_before_forgetting(facts, count, j)
        seen_until = max(seen_until, facts[j]["repeat"])
        if may_begin_anew and is_sight(facts[j]):
            place["sighted"] = max(place["sighted"], facts[j]["event_time"], facts[j]["repeat"])
    if is_sunk:
        if head["heir"] != 0:
            settle_heir(lives, units, u, facts[last])
        sink_into_base(rules, head, units.bases[u], facts[last], seen_until)
    else:
        note_evidence(units.alerts[u], facts[last])
    remove(facts, count, first, last)
    head["facts"] = count - (last + 1 - first)
