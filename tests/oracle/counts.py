"""A count in plain Python, as docs/documents.md tells it: what the question `count_units` is compared with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

GONE = {"NONE", "IN_TRANSIT", "SOLD", "DISPENSED", "INSTALLED", "RETIRED", "DESTROYED"}


@dataclass(frozen=True)
class Seen:
    """A scan of a unit by the label that it has now; `minute` and `ordinal` are its place in the order of events."""

    unit: str
    minute: int
    ordinal: int
    step: str
    site: str
    location: str
    state: str
    document: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class Count:
    """A count document: its place, and the units on its sheet, none where it has no sheet."""

    document: str
    site: str
    location: str
    sheet: frozenset[str]


def statuses_of(count: Count, scans: Sequence[Seen]) -> dict[str, str]:
    """Return the status of every unit that the report of a count lists."""
    counts = [scan for scan in scans if is_sighting(scan, count.document)]
    sheet_alone = dict.fromkeys(count.sheet, "missing")
    if not counts:
        return sheet_alone
    timed = [scan.minute for scan in counts if scan.outcome != "REJECTED"] or [scan.minute for scan in counts]
    told = {
        unit: status_of(unit, count, scans, (min(timed), max(timed)))
        for unit in {scan.unit for scan in scans} | count.sheet
    }
    return {unit: status for unit, status in told.items() if status}


def status_of(unit: str, count: Count, scans: Sequence[Seen], bounds: tuple[int, int]) -> str:
    """Return one unit's status, empty where the report does not list it."""
    began, ended = bounds
    own = sorted((s for s in scans if s.unit == unit), key=lambda s: (s.minute, s.step == "DESTROY", s.ordinal))
    moves = [s for s in own if is_applied(s) and not (s.step == "COUNT" and s.document == count.document)]
    stood = place_after(moves, lambda scan: scan.minute < began)
    was_there = is_at(count, stood)
    is_expected = unit in count.sheet if count.sheet else was_there
    counted = [scan.minute for scan in own if is_sighting(scan, count.document)]
    if not counted:
        return ("moved" if has_left(moves, count, bounds, was_there) else "missing") if is_expected else ""
    if is_expected:
        return "found"
    first = min(counted)
    here = place_after(moves, lambda s: s.minute <= min(first, ended) and not (s.step == "COUNT" and s.minute == first))
    if is_at(count, here):
        return "unexpected" if was_there else "arrived"
    is_nowhere = here is None or (here[0] == count.site and not here[1])
    return "unexpected" if is_nowhere else "wrong_place"


def is_sighting(scan: Seen, document: str) -> bool:
    """Whether a scan shows that somebody had the unit in hand under the count."""
    is_doubtful = scan.outcome == "UNDECIDED" or scan.reason in ("FUTURE_TIME", "RETRACTED", "REDELIVERED")
    return scan.step == "COUNT" and scan.document == document and not is_doubtful


def is_applied(scan: Seen) -> bool:
    """Whether a scan took effect."""
    return scan.outcome in ("ACCEPTED", "FLAGGED")


def place_after(moves: Sequence[Seen], is_by_then: Callable[[Seen], bool]) -> tuple[str, str] | None:
    """Return site and location after some moves, None where the unit stands nowhere."""
    place: tuple[str, str] | None = None
    for scan in moves:
        if not is_by_then(scan):
            continue
        if scan.state in GONE:
            place = None
        elif place is not None and place[0] == scan.site:
            place = (scan.site, scan.location or place[1])
        else:
            place = (scan.site, scan.location)
    return place


def is_at(count: Count, place: tuple[str, str] | None) -> bool:
    """Whether a place is the one that is counted."""
    return place is not None and place[0] == count.site and count.location in ("", place[1])


def has_left(moves: Sequence[Seen], count: Count, bounds: tuple[int, int], was_there: bool) -> bool:
    """Whether a unit that was there, or came, went away while the count ran."""
    meanwhile = [s for s in moves if bounds[0] <= s.minute <= bounds[1]]
    here = [s.state not in GONE and s.site == count.site for s in meanwhile]
    has_come = any(at and count.location in ("", s.location) for s, at in zip(meanwhile, here, strict=True))
    others = ("", count.location)
    has_gone = any(
        not at or (bool(count.location) and s.location not in others) for s, at in zip(meanwhile, here, strict=True)
    )
    return has_gone and (was_there or has_come)
