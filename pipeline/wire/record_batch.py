"""The records of one Kafka record batch (magic 2) as columns.

Flow: the batch's records, uncompressed, as they lie in the log -> places of keys and values, offsets, timestamps.

Source: Apache Kafka, "Record Batch" and "Record" (message format v2).
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.inlined import inlined

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]

NULL: Final = -1
_LAST_SHIFT: Final = 63
_CONTINUES: Final = 128


class CorruptBatch(ValueError):
    """The bytes are no records in Kafka's format; the broker's checksum should have caught it."""


class RecordColumns(NamedTuple):
    """One entry a record.

    Shape: key and value lie at `*_at`, `*_length` bytes long in the bytes given (NULL for null); `offset` and
    `timestamp` are relative to the batch's base.
    """

    key_at: Longs
    key_length: Longs
    value_at: Longs
    value_length: Longs
    offset: Longs
    timestamp: Longs


@inlined
def _varint(data: Bytes, at: int) -> tuple[Any, int]:
    """Read a zigzag number; the place is -1 where it does not end inside the bytes."""
    value, shift = np.int64(0), np.int64(0)
    while at < len(data) and shift <= _LAST_SHIFT:
        byte = np.int64(data[at])
        value |= (byte & 127) << shift
        at += 1
        if byte < _CONTINUES:
            return ((value >> 1) & 0x7FFFFFFFFFFFFFFF) ^ -(value & 1), at
        shift += 7
    return 0, -1


@inlined
def _slice(data: Bytes, at: int, limit: int) -> tuple[int, int, int]:
    """Read a length and what it spans: start, length (NULL for null), next place or -1."""
    length, at = _varint(data, at)
    if at < 0 or length < NULL or at + max(length, 0) > limit:
        return 0, 0, -1
    return at, length, at + max(length, 0)


@inlined
def _read(data: Bytes, columns: RecordColumns) -> int:
    """Read all records; returns the place after the last one, -1 where one is broken."""
    key_at, key_length, value_at, value_length, offset, timestamp = columns
    at = 0
    for row in range(len(offset)):
        size, at = _varint(data, at)
        end = at + size
        if at < 0 or size < 1 or end > len(data):
            return -1
        at += 1  # attributes: none are defined
        timestamp[row], at = _varint(data, at)
        if at < 0:
            return -1
        offset[row], at = _varint(data, at)
        if at < 0:
            return -1
        key_at[row], key_length[row], at = _slice(data, at, end)
        if at < 0:
            return -1
        value_at[row], value_length[row], at = _slice(data, at, end)
        if at < 0:
            return -1
        at = end  # headers carry nothing the ledger reads
    return at


def read_records(data: bytes, count: int) -> RecordColumns:
    """Read the records of a batch.

    Raises:
        CorruptBatch: they do not fill the bytes exactly.
    """
    columns = RecordColumns(*(np.empty(count, np.int64) for _ in RecordColumns._fields))
    if _read(np.frombuffer(data, np.uint8), columns) != len(data):
        message = f"{count} records do not fill {len(data)} bytes"
        raise CorruptBatch(message)
    return columns
