"""Sending again what could not be read: which dead letters are scans, what is known of them, under which scan_id.

Flow: a row of `dead_letter` -> what a form is filled with; its origin -> the scan_id of what is sent instead.
"""

from __future__ import annotations

import hashlib
import json
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
_NOT_KEPT: Final = (*FIELDS, "scan_id", "item", "serial", "capture_time")
DUMPED: Final = 4096
"""Bytes of a record that a page shows."""
_NOT_CONTENT: Final = ("scan_id", "capture_time")
_NO_RECORD: Final = ("GAP", "REFUSED_BY_BROKER")
_NO_FACT: Final = ("MISKEYED", "MISROUTED", "BAD_IDENTIFIER", "BAD_ORIGIN", "FUTURE_TIME", "BAD_TIME")
_NO_FACT_LEFT: Final = ("REPEATED", "UNDECIDED")
_NO_EFFECT: Final = ("REJECTED", *_NO_FACT_LEFT)
_DIGITS: Final = 32
_LONGEST_NUMBER: Final = 4


def subject_of(letter: Mapping[str, Any]) -> str:
    """Return what acts on a dead letter are about."""
    return f"dead-letter:{letter['partition']}/{letter['ordinal']}"


def scan_id_of(letter: Mapping[str, Any], attempt: int = 0, what: str = "attempt") -> str:
    """Return the scan_id of what is sent instead of a dead letter: of its origin, so twice is REDELIVERED.

    One is decided once; each attempt after one that was rejected has its own, and so has `what` takes that one back.
    """
    origin = f"dead letter\n{letter['topic']}\n{letter['partition']}\n{letter['offset']}"
    more = f"\n{what} {attempt}" if attempt else ""
    return hashlib.sha256((origin + more).encode()).hexdigest()[:_DIGITS]


def digest_of(fields: Mapping[str, Any]) -> str:
    """Return a digest of what a scan says: the same for a form sent twice, and for fields that later schemas add."""
    told = {name: value for name, value in fields.items() if name not in _NOT_CONTENT and value not in (None, "", [])}
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def why_not(letter: Mapping[str, Any], scans_topic_end: str = "scans") -> str:
    """Return why nothing can be sent instead of a dead letter, empty where something can."""
    if letter["n"]:
        return "It is an output that the broker refused: its scan was accounted for."
    if letter["error"] in _NO_RECORD:
        return "It stands for records that were lost, and holds none: have their sites send again what they have."
    if not str(letter["topic"]).endswith(scans_topic_end):
        return "It is no scan but a record of our own processes: whoever sent it must send it again."
    return ""


def attempts_of(sent: Sequence[Row]) -> list[Row]:
    """Return the scans that were sent instead of one dead letter, the first first: of each scan_id the oldest act.

    The oldest holds the scan_id: acts of one dead letter stand in one partition, and everybody sees the same order.
    """
    found: dict[str, Row] = {}
    for act in reversed(sent):
        found.setdefault(str(act["scan_id"]), act)
    return list(found.values())


def next_attempt(sent: Sequence[Row]) -> int:
    """Return the number of the attempt to send now: a new one where the last has no effect, else the last once more."""
    attempts = attempts_of(sent)
    return max(0, len(attempts) - (0 if attempts and attempts[-1]["stands"] in _NO_EFFECT else 1))


def attempt_of(asked: str, unit: str, digest: str, sent: Sequence[Row]) -> int:
    """Return as which attempt a scan is sent, given what a page showed and all acts of earlier ones.

    So the same form twice is one attempt, and under one scan_id goes one content only.

    Raises: ValueError, saying what stands in the way and what would be right.
    """
    attempts, newest = attempts_of(sent), next_attempt(sent)
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_NUMBER else newest
    if number not in (newest, len(attempts) - 1):
        message = "Something else was sent since this page was made, or counts by now: see below, then send it again."
        raise ValueError(message)
    if number < len(attempts) and (why := of_another(unit, digest, attempts[number])):
        raise ValueError(why)
    return number


def of_another(unit: str, digest: str, last: Row) -> str:
    """Return why a scan is not sent after another one under the same scan_id; empty where it says the same.

    A scan_id is known to its unit's state alone, and only while the unit remembers it: sent for two units, or with
    another content, one dead letter could count twice. Acts of former versions have no digest.
    """
    before, stands = str(last["unit_key"]), str(last["stands"])
    if unit == before and last["digest"] in ("", digest):
        return ""
    sent = f"A scan of {before} was sent instead of it already, by {last['author']}"
    wanted, too = (unit, f"sent for {unit} too") if unit != before else ("this one", "this one says something else")
    if not stands:
        return (
            f"{sent}; what came of it is not in ClickHouse yet. Wait a moment. If nothing comes, send that same scan "
            f"again (opened anew, this page is filled with it); when it is decided, send {wanted}."
        )
    if stands in _NO_EFFECT:
        return f"{sent}, and was {stands.lower()}: see below, then send {wanted}."
    return (
        f"{sent}, and it is {stands}; {too}: one record would count twice. If what was sent is wrong, take the scan "
        f"{last['scan_id']} back by a VOID, then send {wanted} here."
    )


def to_take_back(number: int, sent: Sequence[Row]) -> Row | None:
    """Return the attempt without effect that must be taken back before a new one is sent; None where there is none.

    Rejected is not for ever: what it lacked may come late, and then both would count. One that broke the contract of
    scans is no fact of its unit and stays rejected. One REPEATED or UNDECIDED is none either; it is taken back for
    safety, should a copy have become more than that.
    """
    attempts = attempts_of(sent)
    if not attempts or number < len(attempts) or attempts[-1]["stands_why"] in _NO_FACT:
        return None
    return attempts[-1]


def is_taken_back(attempt: Row, verdict: Mapping[str, Any]) -> bool:
    """Whether an attempt can never take effect any more, by the verdict of the VOID that names it.

    CORRECTS_UNKNOWN: its unit has forgotten it, unless it was a correction, whose own target may be what is forgotten;
    of what was REPEATED or UNDECIDED it had nothing to remember.
    """
    if verdict["outcome"] in ("ACCEPTED", "FLAGGED") or verdict["reason"] == "REDELIVERED":
        return True
    is_no_fact = not attempt["corrects"] or attempt["stands"] in _NO_FACT_LEFT
    return bool(verdict["reason"] == "CORRECTS_UNKNOWN" and is_no_fact)


def original_of(letter: Row) -> Row | None:
    """Return the scan that its bytes are, where they can be read by now; None where they cannot."""
    if letter["value_hex"] is None or letter["size"] * 2 != len(letter["value_hex"]):
        return None
    try:
        name, fields = decode(bytes.fromhex(letter["value_hex"]))
    except Undecodable:
        return None
    return fields if name == "scan" else None


def filled(letter: Row, sent: Sequence[Row] = ()) -> dict[str, str]:
    """Return what a form is filled with: what was sent last where nothing is known of it yet, so that it can go again.

    Else the original where it can be read, else the unit where the key names one.
    """
    last = attempts_of(sent)[-1:]
    if last and last[0]["told"] and not last[0]["stands"]:
        told = json.loads(last[0]["told"])
        return {name: str(told.get(name, "")) for name in ("code", *FIELDS)}
    fields = original_of(letter)
    if fields is not None:
        return told_of(fields)
    return {"code": _unit_of_key(letter["key_hex"])} | dict.fromkeys(FIELDS, "")


def told_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return a scan as a form asks it."""
    unit = f"{fields['item']}/{fields['serial']}" if fields["item"] else fields["serial"]
    said = {name: str(fields.get(name) or "") for name in FIELDS}
    return {"code": unit} | said | {"event_time": iso(fields["event_time"])}


def kept_of(letter: Row) -> dict[str, str]:
    """Return what a corrected scan keeps of the original, because no form asks it; nothing where it cannot be read."""
    fields = original_of(letter) or {}
    told = {name: value for name, value in fields.items() if name not in (*_NOT_KEPT, "attributes") and value}
    told |= {one["name"]: one["value"] for one in fields.get("attributes", [])}
    return {name: str(value) for name, value in told.items()}


def text_of(digits: str | None) -> str:
    """Return bytes as text: what cannot be shown stands as an escape."""
    decoded = bytes.fromhex(digits or "").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in decoded)


def dump_of(digits: str | None, most: int = DUMPED) -> str:
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
