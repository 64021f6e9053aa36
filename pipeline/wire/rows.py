"""Rows of an Avro container file as slices of it, where each block holds one row: some columns, then a record's body.

Flow: the file as ClickHouse writes it -> keys, numbers, and framed records that lie where they were; nothing is copied.

A row is a text (a key), COLUMNS longs, and the body of a record to the end of the block. The frame that a body needs in
front is written over the longs once they are read, so there must be as many of them as a frame has bytes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.values import Values

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]

_MAGIC = b"Obj\x01"
_SYNC_BYTES = 16


@dataclass(frozen=True)
class Rows:
    """Rows in the order of the file, or in another.

    Shape: `numbers` (columns, rows); `places` (4, rows): where key and framed body begin and end; the keys lie in
    `whole`, the bodies in `buffer`, its copy with the frames.
    """

    whole: bytes
    buffer: Bytes
    numbers: Longs
    places: Longs

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self.places.shape[1])

    def take(self, rows: Longs) -> "Rows":
        """Return these rows, in this order; the bytes are shared."""
        return Rows(self.whole, self.buffer, np.take(self.numbers, rows, axis=1), np.take(self.places, rows, axis=1))

    def between(self, begin: int, end: int) -> "Rows":
        """Return consecutive rows; everything is shared."""
        return Rows(self.whole, self.buffer, self.numbers[:, begin:end], self.places[:, begin:end])

    def keys(self) -> list[bytes]:
        """Return the keys."""
        whole, starts, ends = self.whole, self.places[0].tolist(), self.places[1].tolist()
        return [whole[start:end] for start, end in zip(starts, ends, strict=True)]

    def bodies(self) -> Values:
        """Return the framed bodies."""
        return Values(self.buffer, self.places[2], self.places[3])


def read_rows(whole: bytes, columns: int, frame: bytes) -> Rows:
    """Read a container file whose blocks hold one row each.

    Args:
        whole: the file.
        columns: how many longs stand between the key and the body; at least as many as a frame has bytes.
        frame: what is written in front of each body.
    """
    assert columns >= FRAME_BYTES == len(frame)
    buffer = np.frombuffer(bytearray(whole), np.uint8)
    begin = _end_of_header(whole) if whole else 0
    count = _count(buffer, begin)
    assert count >= 0, "a block holds more than one row"
    rows = Rows(whole, buffer, np.empty((columns, count), np.int64), np.empty((4, count), np.int64))
    _read(buffer, begin, rows.numbers, rows.places, np.frombuffer(frame, np.uint8))
    return rows


@compiled
def _number(data: Bytes, at: int) -> tuple[Any, int]:
    """Read one zigzag number of a file that ClickHouse wrote; return it and the next place."""
    value, shift = np.int64(0), np.int64(0)
    while True:
        byte = np.int64(data[at])
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:  # noqa: PLR2004  the bit that says: more follows
            return ((value >> 1) & 0x7FFFFFFFFFFFFFFF) ^ -(value & 1), at
        shift += np.int64(7)


@compiled
def _count(data: Bytes, at: int) -> int:
    """Return how many rows there are, -1 where a block holds several; no rows are one empty block, or none."""
    rows = 0
    while at < len(data):
        count, at = _number(data, at)
        size, at = _number(data, at)
        at += size + _SYNC_BYTES
        rows += count
        if count > 1:
            return -1
    return rows


@compiled
def _read(data: Bytes, at: int, numbers: Longs, places: Longs, frame: Bytes) -> None:
    for row in range(numbers.shape[1]):
        _, at = _number(data, at)
        size, at = _number(data, at)
        end = at + size
        length, at = _number(data, at)
        places[0, row] = at
        at += length
        places[1, row] = at
        for column in range(len(numbers)):
            numbers[column, row], at = _number(data, at)
        for back in range(len(frame)):
            data[at - len(frame) + back] = frame[back]
        places[2, row] = at - len(frame)
        places[3, row] = end
        at = end + _SYNC_BYTES


def _end_of_header(whole: bytes) -> int:
    """Return where the first block begins: behind the magic, a map of texts, and the marker that ends a block."""
    assert whole.startswith(_MAGIC)
    data, at = np.frombuffer(whole, np.uint8), len(_MAGIC)
    while True:
        count, at = _number(data, at)
        if count == 0:
            return at + _SYNC_BYTES
        if count < 0:
            count, (_, at) = -count, _number(data, at)
        for _ in range(2 * count):
            length, at = _number(data, at)
            at += length
