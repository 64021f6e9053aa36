"""The state rules: what one scan means at its place in a unit's life, and what it does to it.

Flow: life before, scan, rules -> (outcome, reason, state after); apply: life before, decided fact -> life after.

Rows D9, D5, lifecycle, flags, D6/D8, D7, containers and unknown site of the design's table, in its order; the rows
before them look at other facts and are in `facts` and `corrections`. Pure: no clock, no randomness, no I/O.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.flags import EXPIRED_FLAG, RECALLED_FLAG, STOLEN_FLAG
from pipeline.domain.lifecycle import CUSTODY_FREE, CUSTODY_GIVE, CUSTODY_KEEP, CUSTODY_TAKE
from pipeline.domain.lifecycle_tables import DAY_MS
from pipeline.domain.membership import belong, is_broken
from pipeline.domain.scan import (
    COMMISSION,
    DISPENSE,
    FAIL,
    RELABEL,
    RELEASE,
    REMOVE,
    REPLACE,
    RETURN,
    SELL,
    SHIP,
    TRANSFER,
    UNPACK,
)
from pipeline.domain.unit_state import FIT_FACT, NEVER, SELF_FACT, Record
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


SITE: Final = np.dtype([("status", "i8"), ("x", "f8"), ("y", "f8"), ("z", "f8")])


class Rules(NamedTuple):
    """The reference data in force, as arrays.

    Shape: `rules` RULE[lifecycle, state, step] and `windows` WINDOWS[lifecycle] of the lifecycles; `sites` SITE[site]:
    its status (SITE_SEEN, SITE_KNOWN, SITE_LOCATED) and the unit vector of its coordinates. Site 0 is none.
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
def is_reused(window: Record, life: Record, scan: Record) -> bool:
    """Whether a COMMISSION starts the next life of a container that was empty, and long not seen."""
    is_old = scan["event_time"] - life["event_time"] >= window["reuse_ms"]
    return bool(window["reuse_ms"] > 0 and scan["empty"] and life["event_time"] != NEVER and is_old)


@compiled
def bar(rule: Record, life: Record, scan: Record) -> int:
    """Return which flag of the unit blocks the step, or NONE; what the scan itself unsets blocks it no more."""
    flags = (life["flags"] | life["plain"]) & ~scan["unset"]
    if life["expiry"] != NEVER and scan["event_time"] // DAY_MS > life["expiry"]:
        flags |= EXPIRED_FLAG
    flags &= rule["blocked"]
    if flags == 0:
        return NONE
    if flags & RECALLED_FLAG:
        return RECALLED
    return STOLEN if flags & STOLEN_FLAG else EXPIRED


@compiled
def refuse(rule: Record, life: Record, scan: Record) -> int:
    """Return why a scan may not take effect, or NONE."""
    step = scan["step"]
    if rule["is_terminal"]:
        return SEEN_AFTER_END
    if step == COMMISSION and life["state"] != 0:
        return DUPLICATE_COMMISSION
    if rule["next"] < 0:
        return illegal(life, step)
    if step == RELABEL and scan["flags"] & SELF_FACT:
        return ALIAS_LOOP
    return bar(rule, life, scan) if rule["blocked"] != 0 else NONE


@compiled
def doubt(rules: Rules, lifecycle: int, rule: Record, life: Record, scan: Record) -> int:
    """Return what is suspicious about a legal scan, or NONE."""
    here, step = rules.sites[scan["site"]], scan["step"]
    if step not in (RETURN, TRANSFER, RELEASE):  # D8: legal re-entry
        if life["event_time"] != NEVER and life["site"] != scan["site"]:
            elapsed_ms = scan["event_time"] - life["event_time"]
            if is_impossible_travel(rules.windows[lifecycle], here, rules.sites[life["site"]], elapsed_ms):
                return IMPOSSIBLE_TRAVEL
        if rule["custody"] == CUSTODY_KEEP and life["custody"] != 0 and life["custody"] != scan["site"]:
            return CUSTODY_CONFLICT
    if (life["container"] != 0 or scan["link"] != 0) and is_broken(life, scan):
        return AGGREGATION_BREAK
    return UNKNOWN_SITE if here["status"] == SITE_SEEN else NONE


@compiled
def decide(rules: Rules, lifecycle: int, life: Record, scan: Record) -> tuple[int, int, int]:
    """Decide one scan at its place in the unit's life.

    Returns:
        Outcome, reason and the state after it.

    Source: design, section 4.
    """
    state, step = int(life["state"]), int(scan["step"])
    rule = rules.rules[lifecycle, state, step]
    if life["alias"] != 0:
        return FLAGGED, RETIRED_LABEL, state
    if step == COMMISSION and is_reused(rules.windows[lifecycle], life, scan):
        return ACCEPTED, NONE, int(rules.rules[lifecycle, 0, COMMISSION]["next"])
    reason = refuse(rule, life, scan)
    if reason != NONE:
        return REJECTED, reason, state
    after = int(rule["fit"]) if rule["fit"] != 0 and scan["flags"] & FIT_FACT else int(rule["next"])
    if state == 0 and step != COMMISSION:
        return FLAGGED, ADOPTED, after
    reason = doubt(rules, lifecycle, rule, life, scan)
    return (ACCEPTED if reason == NONE else FLAGGED), reason, after


@compiled
def apply(rule: Record, life: Record, fact: Record) -> None:
    """Let a fact take effect: state, place, custody, milestones, what it belongs to, flags, expiry."""
    step = int(fact["step"])
    if step == COMMISSION and fact["before"] != 0:
        begin_anew(life)
    life["state"] = fact["after"]
    life["site"] = fact["site"]
    life["event_time"] = fact["event_time"]
    hand_over(rule, life, fact)
    reach_milestone(life, step, int(fact["event_time"]))
    if step in (SELL, DISPENSE):
        life["sale"] = fact["document"]
    if fact["link"] != 0 or step in (UNPACK, REMOVE, REPLACE):
        belong(life, fact)
    mark(life, fact)


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
    life["container"] = life["alias"] = life["parent"] = 0
    life["custody"] = life["flags"] = life["plain"] = life["sale"] = 0
    life["expiry"] = NEVER


@compiled
def forget_milestones(life: Record) -> None:
    """Forget the times that a life is told by."""
    life["commissioned_at"] = life["shipped_at"] = life["sold_at"] = NEVER
    life["returned_at"] = life["failed_at"] = NEVER


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
