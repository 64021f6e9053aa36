"""The ids of derived scans: the hash of the root scan's id, how deep below it, and who was told by whom."""

import re
from typing import Any

Record = dict[str, Any]

_DERIVED_ID = re.compile(r"(?P<root>[0-9a-f]{16})(?P<depth>[0-9a-f]{2})[0-9a-f]{16}")
_MOST_DEPTH = 32
FORWARDED = 64
_BASIS, _PRIME, _WORD = 14695981039346656037, 1099511628211, 1 << 64


def hash_of(text: str) -> str:
    """Returns the 16 hexadecimal digits of a text's hash (FNV-1a, 64 bits, never 0)."""
    value = _BASIS
    for byte in text.encode():
        value = (value ^ byte) * _PRIME % _WORD
    return f"{value or 1:016x}"


def is_derived_id(scan_id: str) -> bool:
    """Returns whether an id is one that the ledger gives to derived scans."""
    found = _DERIVED_ID.fullmatch(scan_id)
    return found is not None and int(found["depth"], 16) < 2 * FORWARDED and 1 <= _hops(found["depth"]) <= _MOST_DEPTH


def _hops(digits: str) -> int:
    return int(digits, 16) % FORWARDED


def is_drawn(scan: Record) -> bool:
    """Returns whether a scan is the move of what the unit is in; one forwarded from a retired label is its own."""
    return scan["origin"] == "DERIVED" and int(scan["scan_id"][16:18], 16) < FORWARDED


def root_of(scan: Record) -> str:
    """Returns the hash of the id of the scan that a derived scan derives from."""
    return str(scan["scan_id"])[:16]


def depth_of(scan: Record) -> int:
    """Returns how many units lie between a derived scan and its root; 0 for any other scan."""
    return _hops(scan["scan_id"][16:18]) if scan["origin"] == "DERIVED" else 0


def a_derived_id(root: str, depth: int, name: str) -> str:
    """Returns the id of a derived scan of the scan with that id."""
    return f"{hash_of(root)}{depth:02x}{hash_of(name)}"
