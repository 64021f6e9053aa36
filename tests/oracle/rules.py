"""The state rules: what one scan means at one place in the order of its unit's facts."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.belonging import Belonging, barred, belong, is_broken, is_fit, named_by, own_key
from tests.oracle.derived import is_drawn
from tests.oracle.modes import gravest
from tests.oracle.papers import fault_of_papers
from tests.oracle.reference import Lifecycle, Reference

Record = dict[str, Any]
MILESTONES = ("commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at")
_MILESTONE_OF = {
    "COMMISSION": "commissioned_at",
    "SHIP": "shipped_at",
    "SELL": "sold_at",
    "DISPENSE": "sold_at",
    "RETURN": "returned_at",
    "FAIL": "failed_at",
}
_LEGAL_REENTRY = ("RETURN", "TRANSFER", "RELEASE")
_MS_PER_HOUR = 3_600_000
_MS_PER_MINUTE = 60_000


@dataclass(frozen=True)
class Place:
    """The unit as it is between two facts."""

    state: str = "NONE"
    site: str | None = None
    event_time: int | None = None
    custody: str | None = None
    milestones: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(MILESTONES))
    belonging: Belonging = field(default_factory=Belonging)


def judge(
    scan: Record, place: Place, lifecycle: Lifecycle, reference: Reference, told: frozenset[str], *, begins_anew: bool
) -> tuple[str, str]:
    """Returns outcome and reason of a scan that is neither pinned, retracted nor VOID.

    Args:
        scan: what is judged.
        place: the unit before it.
        lifecycle: the unit's.
        reference: sites and rules in force.
        told: what was known when it arrived: "empty" where nothing was in the unit, "own" where it names the unit
            itself by a label of old; and what its document said (papers).
        begins_anew: whether it is the COMMISSION of a container's next life.
    """
    if place.belonging.alias_of is not None:
        return reference.outcome_of("RETIRED_LABEL", own_key(scan), scan["site"]), "RETIRED_LABEL"
    if begins_anew and scan["site"] in reference.sites:
        return "ACCEPTED", "NONE"
    if begins_anew:
        return reference.outcome_of("UNKNOWN_SITE", own_key(scan), scan["site"]), "UNKNOWN_SITE"
    broken = [*_refusals(scan, place, lifecycle, told), *_suspicions(scan, place, lifecycle, reference, told)]
    if is_drawn(scan) and broken and broken[0] in ("ILLEGAL_TRANSITION", "RETURN_NOT_SOLD"):
        broken = broken[:1]  # it goes where its container goes
    outcomes = [(reference.outcome_of(rule, own_key(scan), scan["site"]), rule) for rule in broken]
    if _may_be_drawn(scan, place, lifecycle):
        outcomes = [("FLAGGED" if outcome == "REJECTED" else outcome, rule) for outcome, rule in outcomes]
    return gravest(outcomes)


def _may_be_drawn(scan: Record, place: Place, lifecycle: Lifecycle) -> bool:
    may_be = is_drawn(scan) and scan["step"] not in ("COMMISSION", "RELABEL")
    return may_be and place.state != "NONE" and lifecycle.next_state(place.state, "OBSERVE") is not None


def _refusals(scan: Record, place: Place, lifecycle: Lifecycle, told: frozenset[str]) -> Iterator[str]:
    step = scan["step"]
    if place.state in lifecycle.terminal:
        yield "SEEN_AFTER_END"
    elif step == "COMMISSION" and place.state != "NONE":
        yield "DUPLICATE_COMMISSION"
    elif lifecycle.next_state(place.state, step) is None:
        yield _why_illegal(step, place)
    if step == "RELABEL" and ("own" in told or named_by(scan) == own_key(scan)):
        yield "ALIAS_LOOP"
    yield from barred(scan, place.belonging, lifecycle.blocked_by)


def apply(scan: Record, place: Place, lifecycle: Lifecycle, *, begins_anew: bool) -> Place:
    """Returns the unit after a scan that takes effect, legal or let happen by a mode."""
    is_again = scan["step"] == "COMMISSION" and place.state != "NONE" and not begins_anew
    if scan["step"] == "COMMISSION" and not is_again:  # also of a container's next life
        place = Place()
    step, milestones, after = scan["step"], dict(place.milestones), _after(scan, place, lifecycle)
    is_along = _is_drawn_along(scan, place, lifecycle)
    if step in _MILESTONE_OF and not is_along and not is_again:
        milestones[_MILESTONE_OF[step]] = scan["event_time"]
    return replace(
        place,
        state=after,
        site=scan["site"],
        event_time=scan["event_time"],
        custody=_custody(scan, place, lifecycle),
        milestones=milestones,
        belonging=belong(scan, place.belonging, is_end=after in lifecycle.terminal, is_along=is_along),
    )


def _is_drawn_along(scan: Record, place: Place, lifecycle: Lifecycle) -> bool:
    is_illegal = place.state != "NONE" and lifecycle.next_state(place.state, scan["step"]) is None
    return is_illegal and is_drawn(scan) and scan["step"] != "COMMISSION"


def _after(scan: Record, place: Place, lifecycle: Lifecycle) -> str:
    if scan["step"] == "COMMISSION" and place.state != "NONE":
        return place.state
    if is_drawn(scan) and scan["step"] in ("PACK", "INSTALL") and place.state != "NONE":
        return place.state  # what it is in goes on under another label
    if place.state == "HELD" and scan["step"] == "INSPECT" and is_fit(scan):
        return lifecycle.next_state("HELD", "RELEASE") or "HELD"
    if _is_drawn_along(scan, place, lifecycle):
        return place.state
    return lifecycle.next_state(place.state, scan["step"]) or lifecycle.usual_state(place.state, scan["step"])


def begins_anew(scan: Record, place: Place, lifecycle: Lifecycle, was_empty: bool, seen_at: int | None) -> bool:
    """Returns whether a COMMISSION begins the next life of a container: it was empty, and nobody saw it for long.

    Args:
        scan: what is judged.
        place: the unit before it.
        lifecycle: the unit's.
        was_empty: whether nothing was known to be in it when the scan arrived.
        seen_at: when the unit was seen last before it, as far as that is remembered; a scan that was refused counts.
    """
    if scan["step"] != "COMMISSION" or place.belonging.alias_of is not None:
        return False
    if not lifecycle.reuse_after_days or not was_empty or place.event_time is None:
        return False
    last = place.event_time if seen_at is None else max(place.event_time, seen_at)
    return bool(scan["event_time"] - last >= lifecycle.reuse_after_days * 24 * _MS_PER_HOUR)


def _why_illegal(step: str, place: Place) -> str:
    if place.state == "NONE":
        return "UNKNOWN_UNIT"
    if step == "RETURN" and place.milestones["sold_at"] is None:
        return "RETURN_NOT_SOLD"
    return "ILLEGAL_TRANSITION"


def _is_beyond_warranty(scan: Record, place: Place, lifecycle: Lifecycle) -> bool:
    sold_at = place.milestones["sold_at"]
    if scan["step"] != "RETURN" or not lifecycle.warranty_days or sold_at is None:
        return False
    returned_at = place.milestones["returned_at"]
    if returned_at is not None and returned_at >= sold_at:
        return False  # that sale is over
    return bool(scan["event_time"] - sold_at > lifecycle.warranty_days * 24 * _MS_PER_HOUR)


def _suspicions(
    scan: Record, place: Place, lifecycle: Lifecycle, reference: Reference, told: frozenset[str]
) -> Iterator[str]:
    is_legal = lifecycle.next_state(place.state, scan["step"]) is not None
    if place.state == "NONE" and scan["step"] != "COMMISSION" and is_legal:
        yield "ADOPTED"
    paper = fault_of_papers(told, place.belonging.sale)
    if not paper and _is_beyond_warranty(scan, place, lifecycle):
        paper = "RETURN_MISMATCH"
    if paper:
        yield paper
    checked = scan["step"] not in _LEGAL_REENTRY and not is_drawn(scan)
    if checked and _is_impossible_travel(scan, place, lifecycle, reference):
        yield "IMPOSSIBLE_TRAVEL"
    keeps = lifecycle.custody.get(scan["step"]) == "keep"
    if checked and keeps and place.custody not in (None, scan["site"]):
        yield "CUSTODY_CONFLICT"
    if is_broken(scan, place.belonging, place.site):
        yield "AGGREGATION_BREAK"
    if scan["site"] not in reference.sites:
        yield "UNKNOWN_SITE"


def _is_impossible_travel(scan: Record, place: Place, lifecycle: Lifecycle, reference: Reference) -> bool:
    if place.site is None or place.event_time is None:
        return False
    distance_km = reference.distance_km(place.site, scan["site"])
    if distance_km is None or distance_km <= lifecycle.travel_over_km:
        return False
    needed_ms = distance_km / lifecycle.travel_km_per_h * _MS_PER_HOUR
    return bool(scan["event_time"] - place.event_time < needed_ms - lifecycle.travel_allowance_minutes * _MS_PER_MINUTE)


def _custody(scan: Record, place: Place, lifecycle: Lifecycle) -> str | None:
    match lifecycle.custody.get(scan["step"], "keep"):
        case "take":
            return str(scan["site"])
        case "give":
            return str(scan["destination"]) if scan["destination"] else None
        case "free":
            return None
        case _:
            return place.custody
