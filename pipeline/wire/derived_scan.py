"""Derived scans of one move, framed: they differ in their ids and units only, so the rest is encoded once.

Flow: a Move, container and member -> the id and the bytes of a scan for `internal`.

An id has 34 hex digits: the root scan's hash, how deep below it, and a hash of whose move was told whom, as what, and
how often before. So the root travels in the id, and whoever is told twice knows it (D1).
"""

import hashlib
from functools import lru_cache
from typing import Any

from pipeline.domain.derived_id import DEPTH_DIGITS, ROOT_DIGITS
from pipeline.domain.edge import CONTAINER, Edge, Move
from pipeline.wire.attributes import OWNER
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import encode
from pipeline.wire.verdict import text_bytes

_EMPTY_TEXTS = 3
_OWN_AFFAIRS = ("PACK", "UNPACK", "INSTALL", "REMOVE", "REPLACE", "RELABEL")
_MASK = (1 << 64) - 1


def derived_id(edge: Edge, move: Move, toggle: int) -> str:
    """Return the id of what a member is told of a move, the same at every replay."""
    told = f"{move.fact}\n{edge.container}\n{edge.member}\n{edge.kind}\n{toggle}"
    name = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    return f"{move.root & _MASK:0{ROOT_DIGITS}x}{move.depth + 1:0{DEPTH_DIGITS}x}{name}"


def derived_scan(edge: Edge, move: Move, toggle: int) -> bytes:
    """Return the scan that tells a member of a move (an odd toggle), or takes that back."""
    item, _, serial = edge.member.rpartition("/")
    unit = text_bytes(derived_id(edge, move, toggle)) + text_bytes(item) + text_bytes(serial)
    corrects = None if toggle % 2 else derived_id(edge, move, toggle - 1)
    framed = _without_unit(move, edge.container, edge.kind, corrects)
    return framed[:FRAME_BYTES] + unit + framed[FRAME_BYTES + _EMPTY_TEXTS :]


@lru_cache(8)
def _without_unit(move: Move, container: str, kind: str, corrects: str | None) -> bytes:
    """Return the scan of a unit with neither id nor name: three empty texts are its first three bytes."""
    fields: dict[str, Any] = {
        "scan_id": "",
        "item": "",
        "serial": "",
        "step": _step(move, kind) if corrects is None else "VOID",
        "event_time": move.event_time,
        "capture_time": move.capture_time,
        "site": move.site,
        "container" if kind == CONTAINER else "other_unit": move.into or container,
        "origin": "DERIVED",
        "corrects": corrects,
    }
    if corrects is None:
        fields |= {"destination": move.destination, "location": move.location, "document": move.document}
    if fields["step"] == "TRANSFER" and move.owner is not None:
        fields["attributes"] = [{"name": OWNER, "value": move.owner}]
    return encode("scan", fields)


def _step(move: Move, kind: str) -> str:
    """Return the step as the member makes it.

    A part is where its assembly is, and stays installed whatever that does; and what a container is packed into or
    installed in is the container's affair. Under which label it goes on is not: what is in it is in that one then.
    """
    if move.into is not None:
        return "PACK" if kind == CONTAINER else "INSTALL"
    is_own = kind == CONTAINER and move.step not in _OWN_AFFAIRS
    return move.step if is_own or move.empties else "OBSERVE"
