"""The state rules: what one scan means at its place in a unit's life, and what it does to it.

Flow: life before, scan, rules -> (outcome, reason, state after); apply: life before, decided fact -> life after.

Rows D9, D5, lifecycle, flags, D6/D8, D7, containers and unknown site of the design's table, in its order; the rows
before them look at other facts and are in `facts` and `corrections`. Pure: no clock, no randomness, no I/O.

Modes: with none in force the first rule that a scan breaks decides. A mode may let a broken rule pass, observed or
warned of; then the next ones are asked, and the gravest outcome holds, of equal ones the first: a step that is only
observed to be illegal sells no stolen unit.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.flags import EXPIRED_FLAG, RECALLED_FLAG, STOLEN_FLAG
from pipeline.domain.lifecycle import CUSTODY_FREE, CUSTODY_GIVE, CUSTODY_KEEP, CUSTODY_TAKE
from pipeline.domain.lifecycle_tables import DAY_MS
from pipeline.domain.membership import begins_anew, belong, ends_life, is_broken, is_derived
from pipeline.domain.mode_table import BY_DEFAULT, outcome_of
from pipeline.domain.papers import fault_of_paper
from pipeline.domain.scan import (
    COMMISSION,
    DISPENSE,
    FAIL,
    INSTALL,
    OBSERVE,
    PACK,
    RELABEL,
    RELEASE,
    RETURN,
    SELL,
    SHIP,
    TRANSFER,
)
from pipeline.domain.unit_state import BEGINS_ANEW, FIT_FACT, NEVER, SELF_FACT, WAS_EMPTY, Record
from pipeline.domain.verdict import (
    ACCEPTED,
    ADOPTED,
    AGGREGATION_BREAK,
    ALIAS_LOOP,
    CUSTODY_CONFLICT,
    DUPLICATE_COMMISSION,
    EXPIRED,
    FLAGGED,
    ILLEGAL_TRANSITION,
    IMPOSSIBLE_TRAVEL,
    NONE,
    RECALLED,
    REJECTED,
    RETIRED_LABEL,
    RETURN_NOT_SOLD,
    SEEN_AFTER_END,
    STOLEN,
    UNKNOWN_SITE,
    UNKNOWN_UNIT,
)

EARTH_DIAMETER_KM: Final = 2 * 6371.0088

SITE_SEEN: Final = 0
SITE_KNOWN: Final = 1
SITE_LOCATED: Final = 2


SITE: Final = np.dtype([("status", "i8"), ("x", "f8"), ("y", "f8"), ("z", "f8"), ("column", "i8")])


class Rules(NamedTuple):
    """The reference data in force, as arrays.

    Shape: `rules` RULE[lifecycle, state, step] and `windows` WINDOWS[lifecycle] of the lifecycles; `sites` SITE[site]:
    its status (SITE_SEEN, SITE_KNOWN, SITE_LOCATED), the unit vector of its coordinates, its column in the modes (0: no
    row names it). Site 0 is none.
    """

    rules: npt.NDArray[np.void]
    windows: npt.NDArray[np.void]
    sites: npt.NDArray[np.void]


@compiled
def is_impossible_travel(window: Record, here: Record, there: Record, elapsed_ms: int) -> bool:
    """Whether the unit would have had to travel faster than anything does."""
    if here["status"] != SITE_LOCATED or there["status"] != SITE_LOCATED:
        return False
    chord = math.sqrt((here["x"] - there["x"]) ** 2 + (here["y"] - there["y"]) ** 2 + (here["z"] - there["z"]) ** 2)
    kilometres = EARTH_DIAMETER_KM * math.asin(min(1.0, chord / 2))
    too_soon = elapsed_ms < kilometres / window["km_per_ms"] - window["allowance_ms"]
    return bool(kilometres > window["over_km"] and too_soon)


@compiled
def illegal(life: Record, step: int) -> int:
    """Return the reason why a step is not in the transition table."""
    if life["state"] == 0:
        return UNKNOWN_UNIT
    return RETURN_NOT_SOLD if step == RETURN and life["sold_at"] == NEVER else ILLEGAL_TRANSITION


@compiled
def is_reused(window: Record, life: Record, scan: Record, seen: int) -> bool:
    """Whether a COMMISSION starts the next life of a container that was empty, and long not seen, applied or not."""
    is_old = scan["event_time"] - max(life["event_time"], seen) >= window["reuse_ms"]
    return bool(window["reuse_ms"] > 0 and scan["empty"] != 0 and life["event_time"] != NEVER and is_old)


@compiled
def begin_next_life(rules: Rules, lifecycle: int, modes: int, state: int, scan: Record) -> tuple[int, int, int]:
    """Decide a COMMISSION that starts a container's next life: of the former one nothing speaks against it."""
    outcome, reason = ACCEPTED, NONE
    if rules.sites[scan["site"]]["status"] == SITE_SEEN:
        outcome, reason = outcome_of(modes, UNKNOWN_SITE, FLAGGED), UNKNOWN_SITE
    if outcome == REJECTED:
        return outcome, reason, state
    scan["empty"] = BEGINS_ANEW
    return outcome, reason, int(rules.rules[lifecycle, 0, COMMISSION]["next"])


@compiled
def is_in(passed: int, reason: int) -> bool:
    """Whether a reason is among those that have been weighed."""
    return (passed >> reason) & 1 != 0


@compiled
def bar(rule: Record, life: Record, scan: Record, passed: int) -> int:
    """Return which flag of the unit blocks the step, or NONE; the expiry is the one the scan itself states, if any.

    What the scan unsets blocks it no more.
    """
    flags = (life["flags"] | life["plain"]) & ~scan["unset"]
    expiry = life["expiry"] if scan["expiry"] == NEVER else scan["expiry"]
    if expiry != NEVER and scan["event_time"] // DAY_MS > expiry:
        flags |= EXPIRED_FLAG
    flags &= rule["blocked"]
    if flags == 0:
        return NONE
    if flags & RECALLED_FLAG and not is_in(passed, RECALLED):
        return RECALLED
    if flags & STOLEN_FLAG and not is_in(passed, STOLEN):
        return STOLEN
    return EXPIRED if flags & EXPIRED_FLAG and not is_in(passed, EXPIRED) else NONE


@compiled
def refuse(rule: Record, life: Record, scan: Record, passed: int) -> int:
    """Return the first reason, but for those passed, why a scan may not take effect, or NONE."""
    step = scan["step"]
    if rule["is_terminal"]:
        return SEEN_AFTER_END
    if step == COMMISSION and life["state"] != 0:
        if not is_in(passed, DUPLICATE_COMMISSION):
            return DUPLICATE_COMMISSION
    elif rule["next"] < 0:
        reason = illegal(life, step)
        if not is_in(passed, reason):
            return reason
    if step == RELABEL and scan["flags"] & SELF_FACT:
        return ALIAS_LOOP
    return bar(rule, life, scan, passed) if rule["blocked"] != 0 else NONE


@compiled
def may_be_drawn(rules: Rules, lifecycle: int, state: int, step: int) -> bool:
    """Whether a member goes where its container goes though it may not do what that does: there it could be seen."""
    is_seen = state != 0 and rules.rules[lifecycle, state, OBSERVE]["next"] >= 0
    return bool(is_seen and step != COMMISSION and step != RELABEL)  # noqa: PLR1714  a tuple would be built


@compiled
def doubt(rules: Rules, lifecycle: int, rule: Record, life: Record, scan: Record, passed: int) -> int:
    """Return the first reason, but for those passed, why a scan that may take effect is suspicious, or NONE."""
    here, step = rules.sites[scan["site"]], scan["step"]
    if life["state"] == 0 and step != COMMISSION and rule["next"] >= 0 and not is_in(passed, ADOPTED):
        return ADOPTED
    paper = fault_of_paper(rules.windows[lifecycle], life, scan)
    if paper != NONE and not is_in(passed, paper):
        return paper
    if step not in (RETURN, TRANSFER, RELEASE) and not is_derived(scan):  # D8: legal re-entry; its container was asked
        if life["event_time"] != NEVER and life["site"] != scan["site"]:
            elapsed_ms = scan["event_time"] - life["event_time"]
            is_too_far = is_impossible_travel(rules.windows[lifecycle], here, rules.sites[life["site"]], elapsed_ms)
            if is_too_far and not is_in(passed, IMPOSSIBLE_TRAVEL):
                return IMPOSSIBLE_TRAVEL
        is_kept = rule["custody"] == CUSTODY_KEEP and life["custody"] != 0
        if is_kept and life["custody"] != scan["site"] and not is_in(passed, CUSTODY_CONFLICT):
            return CUSTODY_CONFLICT
    if (life["container"] != 0 or scan["link"] != 0) and is_broken(life, scan) and not is_in(passed, AGGREGATION_BREAK):
        return AGGREGATION_BREAK
    return UNKNOWN_SITE if here["status"] == SITE_SEEN and not is_in(passed, UNKNOWN_SITE) else NONE


@compiled
def lead(rule: Record, state: int, scan: Record) -> int:
    """Return the state after a scan that takes effect, legal or let happen by a mode."""
    if scan["step"] == COMMISSION and state != 0:
        return state  # a duplicate that was let happen
    if is_derived(scan) and state != 0 and scan["step"] in (PACK, INSTALL):
        return state  # what it is in goes on under another label
    if rule["next"] < 0:
        return state if state != 0 and is_derived(scan) else int(rule["usual"])
    return int(rule["fit"]) if rule["fit"] != 0 and scan["flags"] & FIT_FACT else int(rule["next"])


@compiled
def decide(  # noqa: C901  one loop: arrays handed on cost a count of references each
    rules: Rules, lifecycle: int, modes: int, life: Record, scan: Record, seen: int
) -> tuple[int, int, int]:
    """Decide one scan at its place in the unit's life.

    Args:
        rules: in force.
        lifecycle: the unit's.
        modes: in force for units of its kind at the scan's site.
        life: the unit's before it.
        scan: the scan; whether it begins the unit's next life is noted on it.
        seen: when the unit was last seen before it, where it is a COMMISSION that may begin the next life.

    Returns:
        Outcome, reason and the state after it.

    Source: design, section 4.
    """
    state, step = int(life["state"]), int(scan["step"])
    rule = rules.rules[lifecycle, state, step]
    if life["alias"] != 0:
        return outcome_of(modes, RETIRED_LABEL, FLAGGED), RETIRED_LABEL, state
    if step == COMMISSION and scan["empty"] != 0:
        scan["empty"] = WAS_EMPTY
        if is_reused(rules.windows[lifecycle], life, scan, seen):
            return begin_next_life(rules, lifecycle, modes, state, scan)
    outcome, reason, passed = ACCEPTED, NONE, 0
    while True:
        broken, usual = refuse(rule, life, scan, passed), REJECTED
        if broken == NONE:
            broken, usual = doubt(rules, lifecycle, rule, life, scan, passed), FLAGGED
        if broken == NONE:
            break
        told = outcome_of(modes, broken, usual)
        if told == REJECTED and is_derived(scan) and may_be_drawn(rules, lifecycle, state, step):
            told = FLAGGED
        if reason == NONE or told > outcome:
            outcome, reason = told, broken
        if modes == BY_DEFAULT or told == REJECTED or (is_derived(scan) and is_out_of_order(broken)):
            break
        passed |= 1 << broken
    return outcome, reason, (state if outcome == REJECTED else lead(rule, state, scan))


@compiled
def apply(rule: Record, life: Record, fact: Record) -> None:
    """Let a fact take effect: state, place, custody, milestones, what it belongs to, flags, expiry."""
    if begins_anew(fact):
        begin_anew(life)
    life["state"] = fact["after"]
    life["site"] = fact["site"]
    life["event_time"] = fact["event_time"]
    hand_over(rule, life, fact)
    pass_milestone(life, fact)
    if fact["step"] in (SELL, DISPENSE) and not is_drawn_along(fact):
        life["sale"] = fact["document"]
    if fact["link"] != 0 or life["container"] != 0 or life["parent"] != 0:
        belong(life, fact, ends_life(rule, fact))
    mark(life, fact)


@compiled
def is_drawn_along(fact: Record) -> bool:
    """Whether a container did what its member in its state could not: the member is where that is, and no more."""
    return bool(is_derived(fact) and is_out_of_order(fact["reason"]))


@compiled
def is_out_of_order(reason: int) -> bool:
    """Whether a reason is that the step is illegal in a state that is known."""
    return bool(reason == ILLEGAL_TRANSITION or reason == RETURN_NOT_SOLD)  # noqa: PLR1714, SIM109  no tuple


@compiled
def hand_over(rule: Record, life: Record, fact: Record) -> None:
    """Give custody to whom the step gives it."""
    if rule["custody"] == CUSTODY_TAKE:
        life["custody"] = fact["site"]
    elif rule["custody"] == CUSTODY_GIVE:
        life["custody"] = fact["destination"]
    elif rule["custody"] == CUSTODY_FREE:
        life["custody"] = 0


@compiled
def mark(life: Record, fact: Record) -> None:
    """Note flags and expiry: those set until they are unset, those of a disposition until the next is stated."""
    life["flags"] = (life["flags"] | fact["set"]) & ~fact["unset"]
    if fact["plain"] >= 0:
        life["plain"] = fact["plain"]
    if fact["expiry"] != NEVER:
        life["expiry"] = fact["expiry"]


@compiled
def begin_anew(life: Record) -> None:
    """Forget a life: the next one begins."""
    forget_milestones(life)
    life["container"] = life["container_site"] = life["alias"] = life["parent"] = 0
    life["custody"] = life["flags"] = life["plain"] = life["sale"] = 0
    life["expiry"] = NEVER


@compiled
def forget_milestones(life: Record) -> None:
    """Forget the times that a life is told by."""
    life["commissioned_at"] = life["shipped_at"] = life["sold_at"] = NEVER
    life["returned_at"] = life["failed_at"] = NEVER


@compiled
def pass_milestone(life: Record, fact: Record) -> None:
    """Note a milestone of the life, as the fact was last decided: a COMMISSION let happen again is none."""
    if begins_anew(fact):
        forget_milestones(life)
    elif fact["step"] == COMMISSION and fact["before"] != 0:
        return
    if not is_drawn_along(fact):
        reach_milestone(life, int(fact["step"]), int(fact["event_time"]))


@compiled
def reach_milestone(life: Record, step: int, event_time: int) -> None:
    """Note the time of a step that the unit's life is told by."""
    if step == COMMISSION:
        life["commissioned_at"] = event_time
    elif step == SHIP:
        life["shipped_at"] = event_time
    elif step in (SELL, DISPENSE):
        life["sold_at"] = event_time
    elif step == RETURN:
        life["returned_at"] = event_time
    elif step == FAIL:
        life["failed_at"] = event_time
