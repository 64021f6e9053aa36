"""Sending again what could not be read: which dead letters are scans, what is known of them, under which scan_id.

Flow: a row of `dead_letter` -> what a form is filled with; its origin -> the scan_id of what is sent instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.console.wording import iso
from analytics.questions import Row
from pipeline.domain.unit_key import BadUnitKey, parse
from pipeline.wire.framing import Undecodable
from pipeline.wire.schemas import decode

FIELDS: Final = (
    "step", "site", "event_time", "location", "reader", "destination", "document", "container", "other_unit", "lot",
)  # fmt: skip
"""What a form asks besides the unit's code."""
_NO_RECORD: Final = ("GAP", "REFUSED_BY_BROKER")
_DIGITS: Final = 32


def scan_id_of(letter: Mapping[str, Any]) -> str:
    """Return the scan_id of what is sent instead of a dead letter: of its origin, so twice is REDELIVERED."""
    origin = f"dead letter\n{letter['topic']}\n{letter['partition']}\n{letter['offset']}"
    return hashlib.sha256(origin.encode()).hexdigest()[:_DIGITS]


def why_not(letter: Mapping[str, Any], scans_topic_end: str = "scans") -> str:
    """Return why nothing can be sent instead of a dead letter, empty where something can."""
    if letter["n"]:
        return "It is an output that the broker refused: its scan was accounted for."
    if letter["error"] in _NO_RECORD:
        return "It stands for records that were lost, and holds none: have their sites send again what they have."
    if not str(letter["topic"]).endswith(scans_topic_end):
        return "It is no scan but a record of our own processes: whoever sent it must send it again."
    return ""


def of_another_unit(unit: str, sent: Sequence[Row]) -> str:
    """Return why a scan of this unit is not sent, given the acts of earlier ones; empty where it may be.

    A scan_id is known to its unit's state alone: sent for two units, one dead letter would count in both.
    """
    before = list(dict.fromkeys(str(act["unit_key"]) for act in sent))
    if not before or unit in before:
        return ""
    return (
        f"A scan of {before[0]} was sent instead of it already, by {sent[0]['author']}; sent for {unit} too, one "
        f"record would count twice. Name {before[0]}; if that was wrong, take its scan back by a VOID and scan {unit}."
    )


def original_of(letter: Row) -> Row | None:
    """Return the scan that its bytes are, where they can be read by now; None where they cannot."""
    if letter["value_hex"] is None or letter["size"] * 2 != len(letter["value_hex"]):
        return None
    try:
        name, fields = decode(bytes.fromhex(letter["value_hex"]))
    except Undecodable:
        return None
    return fields if name == "scan" else None


def filled(letter: Row) -> dict[str, str]:
    """Return what a form is filled with: the original where it can be read, else the unit where the key names one."""
    fields = original_of(letter)
    if fields is not None:
        unit = f"{fields['item']}/{fields['serial']}" if fields["item"] else fields["serial"]
        said = {name: str(fields.get(name) or "") for name in FIELDS}
        return {"code": unit} | said | {"event_time": iso(fields["event_time"])}
    return {"code": _unit_of_key(letter["key_hex"])} | dict.fromkeys(FIELDS, "")


def text_of(digits: str | None) -> str:
    """Return bytes as text: what cannot be shown stands as an escape."""
    decoded = bytes.fromhex(digits or "").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in decoded)


def dump_of(digits: str | None, most: int = 4096) -> str:
    """Return bytes as a dump: offset, sixteen bytes, what of them is text; cut after `most` bytes."""
    raw = bytes.fromhex(digits or "")[:most]
    lines = []
    for start in range(0, len(raw), 16):
        part = raw[start : start + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)  # noqa: PLR2004  printable ASCII
        lines.append(f"{start:06x}  {part.hex(' '):<47}  {shown}")
    return "\n".join(lines)


def _unit_of_key(digits: str | None) -> str:
    try:
        return parse(bytes.fromhex(digits or "").decode()).text
    except (BadUnitKey, UnicodeDecodeError):
        return ""
