"""Derived scans of one move, framed: they differ in their ids and units only, so the rest is encoded once.

Flow: a Move, container and member -> the id and the bytes of a scan for `internal`.

An id has 34 hex digits: the root scan's hash, how deep below it, and a hash of whose move was told whom, as what, and
how often before. So the root travels in the id, and whoever is told twice knows it (D1).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pipeline.domain.derived_id import DEPTH_DIGITS, ID_DIGITS, ROOT_DIGITS
from pipeline.domain.edge import CONTAINER, Move
from pipeline.wire.attributes import OWNER
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import encode
from pipeline.wire.verdict import number_bytes

_EMPTY_TEXTS = 3
_OWN_AFFAIRS = ("PACK", "UNPACK", "INSTALL", "REMOVE", "REPLACE", "RELABEL")
_MASK = (1 << 64) - 1
_ANY_ID: Final = "?" * ID_DIGITS


@dataclass(frozen=True, slots=True)
class Told:
    """What members of one kind are told in one turn of a container's move: that it moved (odd), or that it did not.

    `about` and `kind` stand around the member's key in what its id is a hash of; `frame`, `before` and `after` around
    ids and names in its scan, `before` and `after` around the id that the scan corrects, if any.
    """

    turn: int
    about: bytes
    kind: bytes
    id_begins: bytes
    frame: bytes
    before: bytes
    after: bytes

    def id_of(self, member: bytes, turn: int) -> bytes:
        """Return the id of what a member is told in a turn, the same at every replay."""
        told = b"%b%b%b%d" % (self.about, member, self.kind, turn)
        return self.id_begins + hashlib.blake2b(told, digest_size=8).hexdigest().encode()

    def scan_of(self, member: bytes) -> bytes:
        """Return the scan that tells a member of the move, or takes that back."""
        item, _, serial = member.rpartition(b"/")
        corrects = b"" if self.turn % 2 else self.id_of(member, self.turn - 1)
        scan_id, lengths = self.id_of(member, self.turn), (number_bytes(len(item)), number_bytes(len(serial)))
        named = (self.frame, scan_id, lengths[0], item, lengths[1], serial)
        return b"".join((*named, self.before, corrects, self.after))


@lru_cache(8)
def told_of(move: Move, container: str, kind: str, turn: int) -> Told:
    """Return what members of a kind are told in a turn: all of it but who they are."""
    without_unit = _without_unit(move, container, kind, None if turn % 2 else _ANY_ID)
    frame, rest = without_unit[:FRAME_BYTES], without_unit[FRAME_BYTES + _EMPTY_TEXTS :]
    # The last one: a site may be called so too.
    before, _, after = (rest, b"", b"") if turn % 2 else rest.rpartition(_ANY_ID.encode())
    return Told(
        turn=turn,
        about=f"{move.fact}\n{container}\n".encode(),
        kind=f"\n{kind}\n".encode(),
        id_begins=f"{move.root & _MASK:0{ROOT_DIGITS}x}{move.depth + 1:0{DEPTH_DIGITS}x}".encode(),
        frame=frame + number_bytes(ID_DIGITS),
        before=before,
        after=after,
    )


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
