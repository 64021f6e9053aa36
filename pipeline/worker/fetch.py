"""aiokafka's fetched record batches as columns, without an object per record.

Flow: bytes of a fetch response -> Batches of up to so many records, aborted transactions left out.

aiokafka decides what is fetched, seeks, and filters aborted transactions, all of which stays its own; only the
innermost step, from one record batch to its records, is ours: an object per record costs 2 microseconds.
"""

import logging
import struct
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import _MemoryRecordsPy

from pipeline.ledger.batch import Batch
from pipeline.wire.record_batch import NULL, RecordColumns, read_records
from pipeline.wire.values import Values
from pipeline.worker.unpack import BATCH_BYTES, Unpackable, unpack

_LOG = logging.getLogger("pipeline.worker")
_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
"""Base offset, length, leader epoch, magic, checksum, attributes, last offset delta, base and greatest timestamp,
producer id and epoch, base sequence, number of records."""

_CODEC_BITS, _LOG_APPEND_TIME = 0x07, 0x08
_MAGIC: Final = 2


class RawRecords:
    """A fetch response's batches, each with its own bytes beside aiokafka's view of it."""

    def __init__(self, data: bytes) -> None:
        self._inner = _MemoryRecordsPy(data)

    def size_in_bytes(self) -> int:
        """Return how many bytes the response has."""
        return int(self._inner.size_in_bytes())

    def has_next(self) -> bool:
        """Whether another whole batch follows."""
        return bool(self._inner.has_next())

    def next_batch(self) -> "RawBatch":
        """Return the next batch."""
        raw = self._inner._next_slice
        return RawBatch(self._inner.next_batch(), raw)


class RawBatch:
    """One record batch: aiokafka's view for what it decides, `columns` for us."""

    def __init__(self, batch: Any, raw: Any) -> None:  # noqa: ANN401  aiokafka's batch, a memoryview
        self._batch, self.raw = batch, raw

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Return what aiokafka's own batch says."""
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401
        """Return the next record as aiokafka reads it: the marker of a control batch."""
        return next(self._batch)


def columns_of(raw: memoryview) -> tuple[bytes, RecordColumns]:
    """Return a batch's records uncompressed, and their columns with absolute offsets and timestamps.

    Raises:
        Unpackable: the records cannot be had.
    """
    header = _HEADER.unpack_from(raw)
    base_offset, magic, attributes, base_time, last_time, count = (header[i] for i in (0, 3, 5, 7, 8, 12))
    if magic != _MAGIC:
        message = f"record batch of format {magic}; brokers since 0.11 write format {_MAGIC}"
        raise CorruptRecordException(message)
    data = unpack(attributes & _CODEC_BITS, bytes(raw[_HEADER.size :]))
    columns = read_records(data, count)
    columns.offset[:] += base_offset
    if attributes & _LOG_APPEND_TIME:
        columns.timestamp[:] = last_time
    else:
        columns.timestamp[:] += base_time
    return data, columns


def places_of(raw: memoryview, offset: int, limit: int) -> Iterator[RecordColumns]:
    """Return the offsets of a batch from one on, without the records: each with an empty value, so many at a time."""
    header = _HEADER.unpack_from(raw)
    base_offset, last_delta, last_time = header[0], header[6], header[8]
    end = base_offset + last_delta + 1
    for first in range(max(base_offset, offset), end, limit):
        offsets = np.arange(first, min(first + limit, end))
        nothing = np.zeros_like(offsets)
        yield RecordColumns(nothing, nothing + NULL, nothing, nothing, offsets, nothing + last_time)


def batch_of(parts: list[tuple[bytes, RecordColumns]]) -> Batch:
    """Join record batches into one Batch."""
    keys: list[bytes | None] = []
    starts, ends, at = [], [], 0
    for data, columns in parts:
        begin, length = columns.key_at.tolist(), columns.key_length.tolist()
        keys += [None if n == NULL else data[a : a + n] for a, n in zip(begin, length, strict=True)]
        starts.append(columns.value_at + at)
        ends.append(columns.value_at + columns.value_length + at)
        at += len(data)
    buffer = np.frombuffer(parts[0][0] if len(parts) == 1 else b"".join([data for data, _ in parts]), np.uint8)
    offsets = np.concatenate([columns.offset for _, columns in parts])
    times = np.concatenate([columns.timestamp for _, columns in parts])
    return Batch(keys, Values(buffer, np.concatenate(starts), np.concatenate(ends)), offsets, times)


def records_from(columns: RecordColumns, offset: int) -> RecordColumns:
    """Return the records from an offset on: a batch may begin before what was asked for."""
    if not len(columns.offset) or columns.offset[0] >= offset:
        return columns
    kept = columns.offset >= offset
    return RecordColumns(*(column[kept] for column in columns))


_PartitionRecords: Any = fetcher.PartitionRecords


class ColumnRecords(_PartitionRecords):  # type: ignore[misc]  # aiokafka's internals have no types
    """The records of one partition in a fetch response, as Batches of about `limit` records."""

    limit = 20_000

    def _unpack_records(self) -> Iterator[Batch]:
        parts: list[tuple[bytes, RecordColumns]] = []
        records = size = 0
        for data, columns in self._pieces():
            parts.append((data, columns))
            records, size = records + len(columns.offset), size + len(data)
            if records >= self.limit or size >= BATCH_BYTES:
                yield batch_of(parts)
                parts, records, size = [], 0, 0
        if parts:
            yield batch_of(parts)

    def _pieces(self) -> Iterator[tuple[bytes, RecordColumns]]:
        """Return the records of every batch, at most `limit` at a time: millions fit into one that is well compressed.

        What is to be fetched next is noted after each piece, which is then as good as taken.
        """
        while self._records.has_next():
            batch = self._records.next_batch()
            self._check(batch)
            if not self._is_dropped(batch):
                for data, columns in self._pieces_of(batch.raw):
                    self.next_fetch_offset: int = int(columns.offset[-1]) + 1
                    yield data, columns
            self.next_fetch_offset = batch.next_offset

    def _pieces_of(self, raw: memoryview) -> Iterator[tuple[bytes, RecordColumns]]:
        """Return one batch's records; where they cannot be had, their offsets, each of which becomes a dead letter."""
        asked = self.next_fetch_offset
        try:
            data, columns = columns_of(raw)
        except Unpackable as error:
            _LOG.error("%s: every record of a batch becomes a dead letter, TRUNCATED: %s", self._tp, error)
            yield from ((b"", places) for places in places_of(raw, asked, self.limit))
            return
        columns = records_from(columns, asked)
        for first in range(0, len(columns.offset), self.limit):
            yield data, RecordColumns(*(column[first : first + self.limit] for column in columns))

    def _check(self, batch: "RawBatch") -> None:
        if self._check_crcs and not batch.validate_crc():
            message = f"Invalid CRC - {self._tp}"
            raise CorruptRecordException(message)

    def _is_dropped(self, batch: "RawBatch") -> bool:
        """Whether a batch is a marker or part of an aborted transaction, as aiokafka itself tells them."""
        if self._isolation_level == fetcher.READ_COMMITTED and batch.producer_id is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and self._contains_abort_marker(batch):
                self._aborted_producers.discard(batch.producer_id)
            if batch.is_transactional and batch.producer_id in self._aborted_producers:
                return True
        return bool(batch.is_control_batch)


def fetch_columns(limit: int) -> None:
    """Make every aiokafka consumer of this process fetch Batches; aiokafka has no other place to say so."""
    ColumnRecords.limit = limit
    fetcher.PartitionRecords = ColumnRecords
    fetcher.MemoryRecords = RawRecords
