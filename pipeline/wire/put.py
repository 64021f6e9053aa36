"""Avro's primitives, written into a buffer by compiled code: each function takes a place and returns the next one."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.copying import copy_bytes
from pipeline.domain.inlined import inlined
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import NEVER

Starts = npt.NDArray[np.int64]

LONGEST_NUMBER: Final = 11
"""Bytes of the longest number with its union branch."""

_SEVEN, _LOW, _MORE = np.uint64(7), np.uint64(127), np.uint64(128)


@inlined
def put_number(out: Bytes, at: int, value: int) -> int:
    """Write an int, a long or an enum index."""
    rest = np.uint64((np.int64(value) << np.int64(1)) ^ (np.int64(value) >> np.int64(63)))
    while rest > _LOW:
        out[at] = (rest & _LOW) | _MORE
        rest >>= _SEVEN
        at += 1
    out[at] = rest
    return at + 1


@inlined
def put_bytes(out: Bytes, at: int, source: Bytes, start: int, length: int) -> int:
    """Copy bytes as they are."""
    copy_bytes(out, at, source, start, length)
    return at + length


@inlined
def put_text(out: Bytes, at: int, source: Bytes, start: int, length: int) -> int:
    """Write a string or bytes: its length, then itself."""
    return put_bytes(out, put_number(out, at, length), source, start, length)


@inlined
def put_entry(out: Bytes, at: int, texts: Bytes, starts: Starts, number: int) -> int:
    """Write entry `number` of a table of texts as a string."""
    return put_text(out, at, texts, starts[number], starts[number + 1] - starts[number])


@inlined
def put_optional_entry(out: Bytes, at: int, texts: Bytes, starts: Starts, number: int) -> int:
    """Write entry `number` of a table of texts as a nullable string; 0 is null."""
    if number == 0:
        out[at] = 0
        return at + 1
    out[at] = 2
    return put_entry(out, at + 1, texts, starts, number)


@inlined
def put_optional_text(out: Bytes, at: int, source: Bytes, start: int, length: int) -> int:
    """Write a nullable string; a length below 0 is null."""
    if length < 0:
        out[at] = 0
        return at + 1
    out[at] = 2
    return put_text(out, at + 1, source, start, length)


@inlined
def put_optional_time(out: Bytes, at: int, time: int) -> int:
    """Write a nullable time; NEVER is null."""
    if time == NEVER:
        out[at] = 0
        return at + 1
    out[at] = 2
    return put_number(out, at + 1, time)


def cut(out: Bytes, starts: Starts) -> list[bytes]:
    """Cut a buffer into its records."""
    whole, places = out[: starts[-1]].tobytes(), starts.tolist()
    return [whole[start:end] for start, end in zip(places, places[1:], strict=False)]
