"""Avro's primitives, read by compiled code out of records that we wrote ourselves: nothing is checked here.

Each function takes a place and returns the next one. Records of others are read by wire/scan_loop.py.
"""

from typing import Any, Final

import numpy as np

from pipeline.domain.inlined import inlined
from pipeline.domain.slices import Bytes

_CONTINUES: Final = 128  # a number goes on in the next byte


@inlined
def skip_number(data: Bytes, at: int) -> int:
    """Pass over an int, a long or an enum index."""
    while data[at] >= _CONTINUES:
        at += 1
    return at + 1


@inlined
def take_number(data: Bytes, at: int) -> tuple[Any, int]:
    """Return an int, a long or an enum index, and the next place."""
    value, shift = np.uint64(0), np.uint64(0)
    while True:
        byte = np.uint64(data[at])
        value |= (byte & np.uint64(127)) << shift
        at += 1
        if byte < np.uint64(_CONTINUES):
            break
        shift += np.uint64(7)
    return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1)), at


@inlined
def skip_text(data: Bytes, at: int) -> int:
    """Pass over a string or bytes."""
    length, at = take_number(data, at)
    return int(at + length)
