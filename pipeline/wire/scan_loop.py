"""The loop over a batch of scans, in machine code: every byte it reads lies inside its own record.

Flow: one buffer of framed records and the operations of their schema in; numbers, places and lengths of all fields out.

Invariants:
- numba checks no bounds, so each length is compared with what is left of the record before it is used;
- a reading function returns the next position, or minus an error's code, and nothing goes on from there;
- a bad record leaves only its error; its neighbours do not notice.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.inlined import inlined
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.scan_fields import ENUM, INT, KIND, LIMIT, NOT_NULLABLE, NULL_BRANCH, PAIRS, RECORD_CAP, TEXT
from pipeline.wire.scan_text import is_utf8

ERRORS: Final = (
    "", "UNDECODABLE", "TRUNCATED", "TRAILING_BYTES", "BAD_UTF8", "BAD_ENUM", "BAD_UNION", "TOO_LONG", "UNKNOWN_SCHEMA",
    "NO_VALUE",
)  # fmt: skip
(
    GOOD, UNDECODABLE, TRUNCATED, TRAILING_BYTES, BAD_UTF8, BAD_ENUM, BAD_UNION, TOO_LONG, UNKNOWN_SCHEMA,
    NO_VALUE,
) = range(len(ERRORS))  # fmt: skip

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]

_INT_LEAST: Final = -(1 << 31)
_INT_MOST: Final = (1 << 31) - 1
_LAST_SHIFT: Final = 63
_BELOW_SIGN: Final = (1 << 63) - 1
_NULL: Final = -1
_UNSTATED: Final = -1


@inlined
def decode_batch(
    buffer: Bytes,
    starts: Longs,
    ends: Longs,
    writers: Longs,
    operations: Longs,
    number: Longs,
    length: Ints,
    missing: Bytes,
    error: Bytes,
    error_at: Ints,
) -> None:
    """Decode record after record; where `error` names one already, the record is passed over.

    Shape: record i is buffer[starts[i]:ends[i]]; number and length are (fields, records); writers is (schemas, 2): an
    id in frames and how many of the fields a record with it has. Those it has not are null, `missing` of them.
    """
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        if error[row] == GOOD:
            code, fields = _check_frame(buffer, start, end, writers)
            at = start
            if code == GOOD:
                written = operations[:fields]
                code, at = _decode_record(buffer, start + FRAME_BYTES, end, written, number, length, row)
                missing[row] = len(operations) - fields
                for field in range(fields, len(operations)):
                    number[field, row] = 0
                    length[field, row] = _NULL
            error[row] = code
            error_at[row] = at - start
        if error[row] != GOOD:
            for field in range(len(operations)):
                number[field, row] = 0
                length[field, row] = -1


@inlined
def _check_frame(buffer: Bytes, start: int, end: int, writers: Longs) -> tuple[int, int]:
    """Return what is wrong with a frame, or how many fields a record of its schema has."""
    if end - start < FRAME_BYTES:
        return TRUNCATED, 0
    if buffer[start] != 0:
        return UNDECODABLE, 0
    if end - start > RECORD_CAP:
        return TOO_LONG, 0
    frame_id = np.int64(0)
    for at in range(start + 1, start + FRAME_BYTES):
        frame_id = (frame_id << 8) | np.int64(buffer[at])
    for writer in range(len(writers)):
        if frame_id == writers[writer, 0]:
            return GOOD, writers[writer, 1]
    return UNKNOWN_SCHEMA, 0


@inlined
def _decode_record(
    buffer: Bytes, at: int, end: int, operations: Longs, number: Longs, length: Ints, row: int
) -> tuple[int, int]:
    """Decode one body; return its error and where the field with it begins."""
    for field in range(len(operations)):
        begin = at
        value, size = 0, _NULL
        is_null, at = _null(buffer, at, end, operations[field, NULL_BRANCH])
        if at >= 0 and not is_null:
            value, at = _field(buffer, at, end, operations[field, KIND], operations[field, LIMIT])
            size = at - value if operations[field, KIND] in (TEXT, PAIRS) else 0
        if at < 0:
            return -at, begin
        number[field, row] = value
        length[field, row] = size
    return (GOOD, 0) if at == end else (TRAILING_BYTES, at)


@inlined
def _null(buffer: Bytes, at: int, end: int, null_branch: int) -> tuple[bool, int]:
    """Read the branch of a union, if the field is one; return whether it is null and the next position."""
    if null_branch == NOT_NULLABLE:
        return False, at
    branch, at = _varint(buffer, at, end)
    if at >= 0 and branch not in (0, 1):
        at = -BAD_UNION
    return branch == null_branch, at


@inlined
def _field(buffer: Bytes, at: int, end: int, kind: int, limit: int) -> tuple[int, int]:
    """Read one value; return the number, or where its bytes begin, and the next position."""
    if kind == TEXT:
        return _text(buffer, at, end, limit)
    if kind == PAIRS:
        return at, _pairs(buffer, at, end, limit)
    return _number(buffer, at, end, kind, limit)


@inlined
def _varint(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """Read one zigzag number of at most 64 bits."""
    value = np.int64(0)
    shift = 0
    while True:
        if at >= end:
            return 0, -TRUNCATED
        byte = np.int64(buffer[at])
        at += 1
        if shift == _LAST_SHIFT and byte > 1:
            return 0, -UNDECODABLE
        value |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004  the bit that says: more follows
            break
        shift += 7
    return int(((value >> 1) & _BELOW_SIGN) ^ -(value & 1)), at


@inlined
def _text(buffer: Bytes, at: int, end: int, limit: int) -> tuple[int, int]:
    """Read one text; return where its bytes begin and the position after them."""
    size, at = _varint(buffer, at, end)
    if at < 0:
        return 0, at
    if size < 0:
        return 0, -UNDECODABLE
    if size > end - at:
        return 0, -TRUNCATED
    if size > limit:
        return 0, -TOO_LONG
    if not is_utf8(buffer, at, at + size):
        return 0, -BAD_UTF8
    return at, at + size


@inlined
def _number(buffer: Bytes, at: int, end: int, kind: int, symbols: int) -> tuple[int, int]:
    value, at = _varint(buffer, at, end)
    if at >= 0 and kind == ENUM and (value < 0 or value >= symbols):
        at = -BAD_ENUM
    if at >= 0 and kind == INT and (value < _INT_LEAST or value > _INT_MOST):
        at = -UNDECODABLE
    return value, at


@inlined
def _pairs(buffer: Bytes, at: int, end: int, limit: int) -> int:
    """Pass over an array of pairs of texts, block by block; return the position after it."""
    begin = at
    while True:
        count, at = _varint(buffer, at, end)
        if at >= 0 and count == 0:
            return at if at - begin <= limit else -TOO_LONG
        block_end = _UNSTATED
        if at >= 0 and count < 0:  # Avro: minus the count, then the bytes of the block
            count = -count
            size, at = _varint(buffer, at, end)
            block_end = at + size
        if at >= 0:
            at = _texts(buffer, at, end, count, limit)
        if at >= 0 and block_end not in (_UNSTATED, at):
            at = -UNDECODABLE  # a reader that skips blocks would go on elsewhere
        if at < 0:
            return at


@inlined
def _texts(buffer: Bytes, at: int, end: int, pairs: int, limit: int) -> int:
    """Pass over pairs of texts; return the position after them."""
    if pairs < 0 or pairs > (end - at) // 2:
        return -TRUNCATED  # a pair has two bytes at least; the least number is its own negative
    for _ in range(2 * pairs):
        _begin, at = _text(buffer, at, end, limit)
        if at < 0:
            return at
    return at
