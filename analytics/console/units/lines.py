"""Scans of a unit as the page's lines: what they say beyond the obvious, and what was thought of them at first.

Flow: rows of `unit_known` -> lines for people.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from analytics.console.wording import number
from analytics.questions import Row
from pipeline.domain.verdict import BAD_TIME, MISKEYED, REASONS

_DETAILS: Final[Mapping[str, str]] = {
    "location": "place", "destination": "to", "reader": "reader", "document": "document", "container": "container",
    "other_unit": "other unit", "scan_lot": "lot", "corrects": "takes back scan",
}  # fmt: skip
_OF_RECORD: Final[Mapping[str, str]] = {"operator": "operator", "source": "told by", "receipt": "receipt"}
_UNITS: Final = ("container", "other_unit")
APPLIED: Final = ("ACCEPTED", "FLAGGED")
_NO_FACT: Final = REASONS[MISKEYED : BAD_TIME + 1]
"""Why the contract rejects a scan: it leaves no fact, and its unit does not count it."""


class Detail(NamedTuple):
    """One thing that a scan says; `unit` where it is the key of a unit with a page of its own."""

    name: str
    text: str
    unit: str = ""


class Line(NamedTuple):
    """A scan as the page shows it."""

    event_time: datetime
    step: str
    site: str
    outcome: str
    reason: str
    first: str
    """The first decision in words where a later one changed it, else empty."""
    states: list[str]
    """The state, or the one before and the one after where they differ; none where the record was not touched."""
    details: list[Detail]
    record: list[Detail]
    """What is of interest to who looks into one scan: who held the device, which system told it, in which request."""
    received_at: datetime
    revised_at: datetime | None
    times_revised: int
    origin: str
    scan_id: str
    place: str
    """Where the record is: topic partition and offset, and its ordinal."""


def line_of(row: Row) -> Line:
    """Return a scan as a line."""
    newest, first = _decision(row["outcome"], row["reason"]), _decision(row["first_outcome"], row["first_reason"])
    return Line(
        event_time=row["event_time"],
        step=row["step"],
        site=row["site"],
        outcome=row["outcome"],
        reason="" if row["reason"] == "NONE" else row["reason"],
        first=first if first != newest else "",
        states=_states(row),
        details=[*_details(row, _DETAILS), *_attributes(row)],
        record=_details(row, _OF_RECORD),
        received_at=row["received_at"],
        revised_at=row["revised_at"],
        times_revised=row["times_revised"],
        origin=row["origin"],
        scan_id=row["scan_id"],
        place=f"partition {row['partition']}, offset {row['offset']}, ordinal {row['ordinal']}",
    )


def counted(standing: Row, scans: Sequence[Row], *, is_whole: bool) -> str:
    """Return how many scans of a unit are in effect and how many rejected, in words.

    `standing` counts them as they were first decided; what changed since is told by `scans`, where they are all: those
    that were removed since, on record, are counted there and can be told no more.
    """
    if standing["applied"] is None:
        return ""
    if not is_whole or _first_decided(scans) != (standing["applied"], standing["rejected"]):
        return f"{number(standing['applied'])} took effect, {number(standing['rejected'])} rejected, as first decided"
    applied = standing["applied"] + _turned(scans, APPLIED)
    rejected = standing["rejected"] + _turned(scans, ("REJECTED",))
    return f"{number(applied)} in effect, {number(rejected)} rejected"


def _first_decided(scans: Sequence[Row]) -> tuple[int, int]:
    """Return how many of these scans took effect and how many were rejected, when they were first decided."""
    facts = [row["first_outcome"] for row in scans if row["first_reason"] not in _NO_FACT]
    return sum(outcome in APPLIED for outcome in facts), facts.count("REJECTED")


def _turned(scans: Sequence[Row], outcomes: Sequence[str]) -> int:
    """Return how many more scans have one of these outcomes now than were given it at first."""
    return sum((row["outcome"] in outcomes) - (row["first_outcome"] in outcomes) for row in scans)


def _decision(outcome: str, reason: str) -> str:
    return outcome if reason == "NONE" else f"{outcome} {reason}"


def _states(row: Row) -> list[str]:
    before, after = row["state_before"], row["state_after"]
    return [str(state) for state in (before if before != after else "", after) if state]


def _details(row: Row, named: Mapping[str, str]) -> list[Detail]:
    return [
        Detail(said, str(row[name]), str(row[name]) if name in _UNITS else "")
        for name, said in named.items()
        if row[name] not in (None, "")
    ]


def _attributes(row: Row) -> list[Detail]:
    return [Detail(str(one["name"]), str(one["value"])) for one in row["attributes"] or ()]
