"""Moves of units as scans tell them, or as facts remember them.

Flow: a scan's columns, or a fact -> Move.
"""

from pipeline.domain.derived_id import hops_of
from pipeline.domain.edge import Move
from pipeline.domain.scan import RELABEL, STEPS, TRANSFER
from pipeline.domain.unit_state import SELF_FACT, Record
from pipeline.ledger.columns import Columns
from pipeline.wire import scan as field
from pipeline.wire.attributes import owner_of


def move_of(fact: Record, sites: list[bytes], other: str) -> Move:
    """Return a fact as a move, as far as it remembers it, with the unit that it names: its scan knows more."""
    destination, step = int(fact["destination"]), STEPS[fact["step"]]
    return Move(
        fact=int(fact["scan_id"]),
        root=int(fact["root"]),
        depth=hops_of(int(fact["depth"])),
        step=step,
        event_time=int(fact["event_time"]),
        capture_time=int(fact["event_time"]),
        site=sites[fact["site"]].decode(),
        destination=sites[destination].decode() if destination else None,
        empties=is_emptying(fact),
        into=other if step == "RELABEL" else None,
    )


def move_told(fact: Record, columns: Columns, i: int) -> Move:
    """Return a fact as a move, with all that its scan, the batch's scan i, tells of it."""
    number, length, buffer = columns.number, columns.length, columns.buffer

    def text(which: int) -> str | None:
        begin, size = int(number[which, i]), int(length[which, i])
        return None if size < 0 else buffer[begin : begin + size].tobytes().decode()

    return Move(
        fact=int(fact["scan_id"]),
        root=int(fact["root"]),
        depth=hops_of(int(fact["depth"])),
        step=STEPS[fact["step"]],
        event_time=int(fact["event_time"]),
        capture_time=int(number[field.CAPTURE_TIME, i]),
        site=text(field.SITE) or "",
        destination=text(field.DESTINATION),
        location=text(field.LOCATION),
        document=text(field.DOCUMENT),
        empties=is_emptying(fact),
        into=text(field.OTHER_UNIT) if fact["step"] == RELABEL else None,
        owner=owner_told(columns, i) if fact["step"] == TRANSFER else None,
    )


def owner_told(columns: Columns, i: int) -> str | None:
    """Return the owner that the batch's scan i names."""
    begin, size = int(columns.number[field.ATTRIBUTES, i]), int(columns.length[field.ATTRIBUTES, i])
    return owner_of(columns.buffer[begin : begin + size].tobytes())


def is_emptying(fact: Record) -> bool:
    """Whether everything leaves the unit."""
    return STEPS[fact["step"]] in ("UNPACK", "REMOVE") and bool(fact["flags"] & SELF_FACT)
