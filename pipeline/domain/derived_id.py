"""The ids of derived scans: the root scan's hash and how deep below it lead, in hexadecimal digits.

Flow: the bytes of a scan_id -> root and depth, where it is such an id.
"""

from typing import Any, Final

import numpy as np

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes

ROOT_DIGITS: Final = 16
DEPTH_DIGITS: Final = 2
ID_DIGITS: Final = 34
"""The rest names who was told of whose move, as what, and how often before."""
MOST_DEPTH: Final = 32
"""How deep a move goes: units that are in each other, as far as anyone knows for a moment, must not move for ever."""
FORWARDED: Final = 64
"""Added to the depth of what was scanned under a retired label: the unit's own scan all the same, not a move."""
_NINE, _A, _F = ord("9"), ord("a"), ord("f")


@compiled
def read_hex(buffer: Bytes, start: int, digits: int) -> Any:  # noqa: ANN401  64 bits, signed
    """Return the number that hexadecimal digits stand for."""
    number = np.uint64(0)
    for at in range(start, start + digits):
        digit = np.int64(buffer[at])
        number = (number << np.uint64(4)) | np.uint64(digit - 48 if digit <= _NINE else digit - 87)
    return np.int64(number)


@compiled
def hops_of(depth: int) -> int:
    """Return how many units lie between a scan and its root, forwarded or not."""
    return depth & (FORWARDED - 1)


@compiled
def is_derived_id(buffer: Bytes, start: int, length: int) -> bool:
    """Whether a scan_id is one that the ledger gives to derived scans, no deeper than any."""
    if length != ID_DIGITS:
        return False
    for at in range(start, start + length):
        digit = np.int64(buffer[at])
        if not (48 <= digit <= _NINE or _A <= digit <= _F):  # noqa: PLR2004  "0"
            return False
    depth = read_hex(buffer, start + ROOT_DIGITS, DEPTH_DIGITS)
    return bool(depth < 2 * FORWARDED and 1 <= hops_of(depth) <= MOST_DEPTH)
