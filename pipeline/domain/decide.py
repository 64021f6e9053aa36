"""The state rules: what one scan means at its place in a unit's life, and what it does to it.

Flow: life before, scan, rules -> (outcome, reason, state after); apply: life before, decided fact -> life after.

Rows D9, D5, lifecycle, D6/D8, D7 and unknown site of the design's table, in its order; the rows before them look at
other facts and are in `facts` and `corrections`. Pure: no clock, no randomness, no I/O.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.lifecycle import CUSTODY_FREE, CUSTODY_GIVE, CUSTODY_KEEP, CUSTODY_TAKE
from pipeline.domain.scan import COMMISSION, DISPENSE, FAIL, RELEASE, RETURN, SELL, SHIP, TRANSFER
from pipeline.domain.unit_state import NEVER, Record
from pipeline.domain.verdict import (
    ACCEPTED,
    ADOPTED,
    CUSTODY_CONFLICT,
    DUPLICATE_COMMISSION,
    FLAGGED,
    ILLEGAL_TRANSITION,
    IMPOSSIBLE_TRAVEL,
    NONE,
    REJECTED,
    RETURN_NOT_SOLD,
    SEEN_AFTER_END,
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
    if rule["is_terminal"]:
        return REJECTED, SEEN_AFTER_END, state
    if step == COMMISSION and state != 0:
        return REJECTED, DUPLICATE_COMMISSION, state
    after = int(rule["next"])
    if after < 0:
        return REJECTED, illegal(life, step), state
    if state == 0 and step != COMMISSION:
        return FLAGGED, ADOPTED, after
    reason = doubt(rules, lifecycle, rule, life, scan)
    return (ACCEPTED if reason == NONE else FLAGGED), reason, after


@compiled
def apply(rule: Record, life: Record, fact: Record) -> None:
    """Let a fact that was ACCEPTED or FLAGGED take effect: state, place, custody, milestones."""
    life["state"] = fact["after"]
    life["site"] = fact["site"]
    life["event_time"] = fact["event_time"]
    if rule["custody"] == CUSTODY_TAKE:
        life["custody"] = fact["site"]
    elif rule["custody"] == CUSTODY_GIVE:
        life["custody"] = fact["destination"]
    elif rule["custody"] == CUSTODY_FREE:
        life["custody"] = 0
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
