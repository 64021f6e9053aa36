"""The tail of remembered facts: finding a repeat, keeping the order.

A unit's facts are a slice of one array, ordered by event_time, then non-terminal before terminal steps, then own before
derived scans, then ordinal.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.membership import is_derived
from pipeline.domain.scan import COMMISSION, COUNT, VOID
from pipeline.domain.unit_state import NEVER, PINNED_FACT, RETRACTED_FACT, Record
from pipeline.domain.verdict import ACCEPTED, FLAGGED, RETIRED_LABEL

Facts = npt.NDArray[np.void]
NOWHERE: Final = -1
NEW, SAME, REUSED = range(3)
_NO_READING: Final = RETRACTED_FACT | PINNED_FACT
"""Of facts that nothing repeats: taken back, or told under another scan's id, which is never applied."""


@compiled
def was_applied(fact: Record) -> bool:
    """Whether the fact, as it was last decided, took effect: a retired label's scans have theirs on another unit."""
    is_applied = fact["outcome"] == ACCEPTED or fact["outcome"] == FLAGGED
    return bool(is_applied and fact["step"] != VOID and fact["reason"] != RETIRED_LABEL)


@compiled
def has_effect(fact: Record) -> bool:
    """Whether the fact was applied and still is."""
    return bool(was_applied(fact) and not fact["flags"] & RETRACTED_FACT)


@compiled
def stands(fact: Record) -> bool:
    """Whether the fact, as it was last decided, took effect, be it on the unit under which a retired label goes on."""
    is_applied = fact["outcome"] == ACCEPTED or fact["outcome"] == FLAGGED
    return bool(is_applied and fact["step"] != VOID)


@compiled
def is_forwarded(fact: Record) -> bool:
    """Whether the fact, as it was last decided, has its effect on the unit under which a retired label goes on."""
    return bool(fact["reason"] == RETIRED_LABEL and stands(fact))


@compiled
def seen_before(facts: Facts, count: int, scan: Record) -> int:
    """D1: return SAME for a redelivery, REUSED for another scan under the same scan_id, else NEW."""
    found = NEW
    for j in range(count):
        fact = facts[j]
        if fact["scan_id"] != scan["scan_id"]:
            continue
        same_step = fact["step"] == scan["step"]
        if same_step and fact["event_time"] == scan["event_time"] and fact["site"] == scan["site"]:
            return SAME
        found = REUSED
    return found


@compiled
def is_near(fact: Record, event_time: int, window_ms: int) -> bool:
    """Whether a time lies within the window of a fact or of its latest repeat, either way and inclusive."""
    if abs(event_time - fact["event_time"]) <= window_ms:
        return True
    return bool(fact["repeat"] != NEVER and abs(event_time - fact["repeat"]) <= window_ms)


@compiled
def may_repeat(fact: Record, scan: Record) -> bool:
    """Whether a scan may be one that says again what a fact says.

    Of one that was taken back only what comes up to its last known repeat: that has been heard before.
    """
    if fact["flags"] & PINNED_FACT:
        return False
    is_known = fact["event_time"] <= scan["event_time"] <= fact["repeat"]
    return bool(is_known or not fact["flags"] & RETRACTED_FACT)


@compiled
def double_of(facts: Facts, count: int, scan: Record, window_ms: int) -> int:
    """D2 and, with a longer window, D3: return the fact that this scan is a double of, or NOWHERE."""
    if scan["reader"] == 0:
        return NOWHERE
    for j in range(count):
        fact = facts[j]
        if fact["step"] != scan["step"] or fact["site"] != scan["site"] or fact["reader"] != scan["reader"]:
            continue
        if is_of_another(fact, scan) or not may_repeat(fact, scan):
            continue
        if is_near(fact, scan["event_time"], window_ms):
            return j
    return NOWHERE


@compiled
def is_of_another(fact: Record, scan: Record) -> bool:
    """Whether two scans name different containers or other units: then neither repeats the other."""
    return bool(fact["link"] != scan["link"] and fact["link"] != 0 and scan["link"] != 0)


@compiled
def told_by_another(facts: Facts, count: int, scan: Record, window_ms: int) -> int:
    """D11: return the fact that another system told of this very scan, at a time so near that it can be, or NOWHERE."""
    if window_ms == 0 or scan["source"] == 0:
        return NOWHERE
    for j in range(count):
        fact = facts[j]
        if fact["source"] == 0 or fact["source"] == scan["source"]:
            continue
        if fact["step"] != scan["step"] or fact["site"] != scan["site"] or not may_repeat(fact, scan):
            continue
        if abs(fact["event_time"] - scan["event_time"]) <= window_ms and not is_of_another(fact, scan):
            return j
    return NOWHERE


@compiled
def is_recounted(facts: Facts, count: int, scan: Record) -> bool:
    """D4: whether the unit was counted before under the same document."""
    for j in range(count):
        fact = facts[j]
        if fact["step"] == COUNT and fact["document"] == scan["document"] and not fact["flags"] & _NO_READING:
            return True
    return False


@compiled
def place_of(rules: npt.NDArray[np.void], lifecycle: int, facts: Facts, count: int, scan: Record) -> int:
    """Return where a scan belongs among the facts; arrivals of equal time and rank stay in the order of arrival."""
    place = count
    while place > 0:
        fact = facts[place - 1]
        if fact["event_time"] < scan["event_time"]:
            break
        if fact["event_time"] == scan["event_time"]:
            rank = rank_of(scan, rules[lifecycle, 0, scan["step"]]["ends"])
            if rank >= rank_of(fact, rules[lifecycle, 0, fact["step"]]["ends"]):
                break
        place -= 1
    return place


@compiled
def rank_of(fact: Record, ends: int) -> int:
    """Return what comes first at one time: what is no end before an end, and of either own scans before derived."""
    return (2 if ends != 0 else 0) + (1 if is_derived(fact) else 0)


@compiled
def is_root(facts: Facts, count: int, scan: Record) -> bool:
    """Whether a derived scan has come back to the unit whose own scan it derives from: those are in each other."""
    for j in range(count):
        fact = facts[j]
        if fact["scan_id"] == scan["root"] and fact["depth"] == 0 and fact["event_time"] == scan["event_time"]:
            return True
    return False


@compiled
def has_moved(facts: Facts, count: int, scan: Record) -> bool:
    """Whether a unit has been drawn along before, on another way from the same root, as a derived scan says again."""
    for j in range(count):
        fact = facts[j]
        if fact["root"] != scan["root"] or fact["depth"] == 0 or fact["event_time"] != scan["event_time"]:
            continue
        if fact["step"] == scan["step"] and fact["site"] == scan["site"] and stands(fact):
            return True
    return False


@compiled
def insert(facts: Facts, count: int, place: int, scan: Record) -> None:
    """Put a scan among the facts; the slice has room for one more."""
    for j in range(count, place, -1):
        facts[j] = facts[j - 1]
    facts[place] = scan


@compiled
def remove(facts: Facts, count: int, first: int, last: int) -> None:
    """Close the gap that the facts from `first` to `last` leave."""
    for j in range(last + 1, count):
        facts[first + j - last - 1] = facts[j]


@compiled
def is_sight(fact: Record) -> bool:
    """Whether a fact says that somebody saw the unit, be it that the scan was refused: a COMMISSION says no more."""
    is_no_scan = fact["step"] == VOID or fact["step"] == COMMISSION  # noqa: PLR1714  a tuple would be built
    return not is_no_scan and not fact["flags"] & _NO_READING


@compiled
def last_seen(facts: Facts, count: int, sighted: int, time: int) -> int:
    """Return when the unit was last seen up to a time, by so many facts and by what it has forgotten, or NEVER."""
    last = sighted if sighted <= time else NEVER
    for j in range(count):
        if is_sight(facts[j]):
            last = max(last, facts[j]["event_time"], facts[j]["repeat"])
    return int(last)


@compiled
def find_target(facts: Facts, count: int, scan_id: int) -> int:
    """Return the fact that a correction names, or NOWHERE; a reused scan_id names nothing."""
    for j in range(count):
        if facts[j]["scan_id"] == scan_id and not facts[j]["flags"] & PINNED_FACT:
            return j
    return NOWHERE
