"""A dossier: all that the ledger knows of one unit, as lines that prove that none was changed, dropped or moved.

Flow: rows -> lines, each with the hash of the line before it, the last one signed -> faults, found without a ledger.

A line is a JSON object in canonical form (keys sorted, no blanks, UTF-8) and a line feed. Its `hash` is the SHA-256 of
the former line's hash and the canonical form of the line without `hash`. The last line holds the Ed25519 signature of
the hash before it, so whoever has the public key needs nothing else.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from heapq import merge
from itertools import accumulate
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from analytics.custody import Line, Parts, with_custody

FORMAT: Final = "scanledger-dossier-1"
_START: Final = "0" * 64
_SIGNED: Final = b"scanledger dossier\n"
"""In front of what is signed, so that a signature made for something else is none of a dossier."""


def seal(lines: Iterable[Line], key: Ed25519PrivateKey) -> Iterator[str]:
    """Return the lines of a dossier with their hashes, and the signature as the last.

    Shape: each text is one line with its line feed.
    """
    last, number = _START, 0
    for line in lines:
        last = _hash(last, line)
        number += 1
        yield _canonical({**line, "hash": last}) + "\n"
    signature = key.sign(_SIGNED + last.encode()).hex()
    closing = {
        "line": "signature",
        "lines": number,
        "public_key": public_text(key.public_key()),
        "signature": signature,
    }
    yield _canonical({**closing, "hash": _hash(last, closing)}) + "\n"


def faults(content: bytes, key: Ed25519PublicKey) -> list[str]:
    """Return what is wrong with a dossier, in words; empty where it is as it was sealed.

    Args:
        content: The whole file.
        key: Of whoever is trusted to have sealed it; the key that the file names is not believed.
    """
    *lines, rest = content.split(b"\n")
    if rest or not lines:
        return ["the last line has no end: the file was cut off"]
    last = before = _START
    for number, text in enumerate(lines, start=1):
        line = _read(text)
        if line is None:
            return [f"line {number}: not a line in canonical form: a byte was changed"]
        before = last
        last = _hash(before, {name: value for name, value in line.items() if name != "hash"})
        if line.get("hash") != last:
            return [f"line {number}: its hash does not follow from the line before: changed, dropped or moved"]
    return _faults_of_signature(_read(lines[-1]) or {}, before, len(lines) - 1, key)


def _faults_of_signature(closing: Line, signed: str, lines: int, key: Ed25519PublicKey) -> list[str]:
    if closing.get("line") != "signature" or closing.get("lines") != lines:
        return ["the last line is no signature of the lines before it: the file was cut off or added to"]
    try:
        key.verify(bytes.fromhex(str(closing.get("signature"))), _SIGNED + signed.encode())
    except (InvalidSignature, ValueError):
        return ["the signature is not of this key"]
    if closing.get("public_key") != public_text(key):
        return ["the key that the file names is not the one that signed it"]
    return []


def public_text(key: Ed25519PublicKey) -> str:
    """Return a public key as 64 hex digits."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def dossier_lines(unit: str, current: Line | None, parts: Parts, removed: Line | None = None) -> Iterator[Line]:
    """Return the lines of a unit: what it is, then every row in the order in which the ledger came to know it.

    Shape: `parts` has rows by kind (event, revision, alert); each has `ordinal` (that caused it) and `received_at`.
    Events and revisions get `custody` (see `with_custody`) where `current` says what lifecycle the unit has. `removed`
    says up to where rows of its partition were taken out of the tables, on record: a line of its own.
    """
    yield {"line": "unit", "format": FORMAT, "unit_key": unit, "now": plain(current or {})}
    if removed is not None:
        yield {"line": "removed", **plain(removed)}
    if current is not None and "lifecycle" in current:
        parts = with_custody(parts, current["lifecycle"], None if removed is None else removed["before"])
    for kind, row in _in_order(parts):
        yield {"line": kind, **plain({**row, "handing": None})}  # it is there to tell custody by


def _in_order(parts: Parts) -> Iterator[tuple[str, Line]]:
    """Yield kind and row: by ordinal; alerts of findings are of another partition and stand where their time is."""
    home = next((row.get("partition") for row in parts.get("event", ())), None)
    rows = [(place, kind, row) for place, kind in enumerate(parts) for row in parts[kind]]
    own = sorted((one for one in rows if one[2].get("partition") == home), key=lambda one: (one[2]["ordinal"], one[0]))
    others = [one for one in rows if one[2].get("partition") != home]
    others.sort(key=lambda one: (one[2]["received_at"], one[2]["ordinal"], one[0]))
    known_at = accumulate((row["received_at"] for *_, row in own), max)  # ordinals of two inputs: times may go back
    merged = merge(
        zip(known_at, own, strict=True), ((one[2]["received_at"], one) for one in others), key=lambda one: one[0]
    )
    for _, (_, kind, row) in merged:
        yield kind, row


def plain(row: Line) -> dict[str, Any]:
    """Return a row with its times as ISO 8601 texts, and nothing where nothing is known."""
    return {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401  a cell of any type
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return plain(value) if isinstance(value, Mapping) else value


def _hash(former: str, line: Line) -> str:
    return hashlib.sha256(former.encode() + _canonical(line).encode()).hexdigest()


def _canonical(line: Line) -> str:
    return json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _read(text: bytes) -> Line | None:
    """Return a line where it is in canonical form to the byte, else None."""
    try:
        line = json.loads(text)
        is_canonical = isinstance(line, dict) and _canonical(line).encode() == text
    except (ValueError, RecursionError):
        return None
    return line if is_canonical else None
