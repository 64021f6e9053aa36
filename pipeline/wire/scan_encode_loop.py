"""The compiled loops that write scans: tables of bytes with codes in, one record behind another out.

Flow: the layout of all columns -> the bytes of every record and where each starts.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled

REQUIRED_TEXT, NUMBER, PAIRS, OPTIONAL_TEXT, OPTIONAL_NUMBER = 0, 1, 2, 3, 4


class Table(NamedTuple):
    """Text as the compiled loops take it: bytes, where each entry starts, and codes of one or several columns."""

    buffer: NDArray[np.uint8]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]


class Layout(NamedTuple):
    """All columns: per field its kind and its place among the codes or numbers, -1 where the column was left out."""

    kinds: NDArray[np.int64]
    places: NDArray[np.int64]
    texts: Table
    numbers: NDArray[np.uint64]
    pair_starts: NDArray[np.int64]
    pairs: Table


_NONE: Final = np.uint64(2**32 - 1)  # NO_DATE in Avro's unsigned form
_SLASH: Final = ord("/")
_SEVEN, _LOW, _MORE = np.uint64(7), np.uint64(127), np.uint64(128)

# Every array is an argument of its own: one taken out of a tuple inside the loop costs 50 ns a field, for counting who
# refers to it.


@compiled
def _put_number(out: NDArray[np.uint8], at: int, value: np.uint64) -> int:
    while value > _LOW:
        out[at] = (value & _LOW) | _MORE
        value = value >> _SEVEN
        at += 1
    out[at] = value
    return at + 1


@compiled
def _put_bytes(out: NDArray[np.uint8], at: int, source: NDArray[np.uint8], start: int, end: int) -> int:
    for place in range(start, end):
        out[at] = source[place]
        at += 1
    return at


@compiled
def _put_text(out: NDArray[np.uint8], at: int, buffer: NDArray[np.uint8], start: int, end: int) -> int:
    at = _put_number(out, at, np.uint64(2 * (end - start)))
    return _put_bytes(out, at, buffer, start, end)


@compiled
def _put_attributes(
    out: NDArray[np.uint8],
    at: int,
    some: tuple[int, int],
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    codes: NDArray[np.int32],
) -> int:
    """Write one block of name and value pairs, or none, and the closing empty block."""
    first, end = some
    if end > first:
        at = _put_number(out, at, np.uint64(2 * (end - first)))
        for pair in range(first, end):
            for side in range(2):
                code = codes[side, pair]
                at = _put_text(out, at, buffer, starts[code], starts[code + 1])
    out[at] = 0
    return at + 1


@compiled
def write_scans(
    out: NDArray[np.uint8], record_starts: NDArray[np.int64], head: NDArray[np.uint8], layout: Layout
) -> int:
    """Write all records, note where each starts, return where the last ends."""
    kinds, places, texts, numbers, pair_starts, pairs = layout
    buffer, starts, codes = texts
    pair_buffer, pair_bytes_at, pair_codes = pairs
    at = 0
    for row in range(len(record_starts) - 1):
        at = _put_bytes(out, at, head, 0, len(head))
        for field in range(len(kinds)):
            kind, place = kinds[field], places[field]
            if kind == PAIRS:
                some = (pair_starts[row], pair_starts[row + 1])
                at = _put_attributes(out, at, some, pair_buffer, pair_bytes_at, pair_codes)
                continue
            is_text = kind in (REQUIRED_TEXT, OPTIONAL_TEXT)
            if kind >= OPTIONAL_TEXT:
                present = place >= 0 and (codes[place, row] >= 0 if is_text else numbers[place, row] != _NONE)
                out[at] = 2 if present else 0
                at += 1
                if not present:
                    continue
            if is_text:
                code = codes[place, row]
                at = _put_text(out, at, buffer, starts[code], starts[code + 1])
            else:
                at = _put_number(out, at, numbers[place, row])
        record_starts[row + 1] = at
    return at


@compiled
def write_keys(out: NDArray[np.uint8], starts: NDArray[np.int64], item: Table, serial: Table) -> None:
    """Write the unit key of every row where it starts."""
    for row in range(len(starts) - 1):
        start, end = item.starts[item.codes[row]], item.starts[item.codes[row] + 1]
        at = _put_bytes(out, starts[row], item.buffer, start, end)
        if end > start:
            out[at] = _SLASH
            at += 1
        code = serial.codes[row]
        _put_bytes(out, at, serial.buffer, serial.starts[code], serial.starts[code + 1])
