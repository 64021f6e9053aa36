"""A batch of scans as columns, decoded exactly: own bounds, exact end, UTF-8, enum range, union index, lengths.

Flow: framed values as they came from the log in; `ScanColumns` out, with an error for each value that is no scan.

    columns = decode_scans([message.value() for message in batch])
    columns.number[EVENT_TIME]                       # int64 milliseconds
    columns.text(SITE, row)                          # str or None; for people, not for the hot path
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SchemaUnknown
from pipeline.wire.framing import Undecodable
from pipeline.wire.scan_fields import (
    ATTRIBUTES,
    CAPTURE_TIME,
    CONDITION,
    CONTAINER,
    CORRECTS,
    DESTINATION,
    DOCUMENT,
    EVENT,
    EVENT_TIME,
    EXPIRY,
    FIELDS,
    FLAGS_SET,
    FLAGS_UNSET,
    ITEM,
    LOCATION,
    LOT,
    OPERATOR,
    ORIGIN,
    OTHER_UNIT,
    READER,
    RECEIPT,
    SCAN_ID,
    SERIAL,
    SITE,
    SOURCE,
    STEP,
    operations_of,
)  # fmt: skip
from pipeline.wire.scan_loop import ERRORS, NO_VALUE, UNKNOWN_SCHEMA, decode_batch
from pipeline.wire.schemas import catalogue
from pipeline.wire.values import Values

__all__ = [
    "ATTRIBUTES", "CAPTURE_TIME", "CONDITION", "CONTAINER", "CORRECTS", "DESTINATION", "DOCUMENT", "ERRORS", "EVENT",
    "EVENT_TIME", "EXPIRY", "FIELDS", "FLAGS_SET", "FLAGS_UNSET", "ITEM", "LOCATION", "LOT", "OPERATOR", "ORIGIN",
    "OTHER_UNIT", "READER", "RECEIPT", "SCAN_ID", "SERIAL", "SITE", "SOURCE", "STEP", "ScanColumns", "decode_scans",
]  # fmt: skip


@dataclass(frozen=True)
class ScanColumns:
    """Scans as columns, one entry per value; a record with an error has all lengths -1."""

    buffer: NDArray[np.uint8]
    """All records behind one another, frames included, each written with one of the catalogue's scan schemas."""
    starts: NDArray[np.int64]
    """Record i is buffer[starts[i]:ends[i]]."""
    ends: NDArray[np.int64]
    number: NDArray[np.int64]
    """(fields, records): the number, the enum's index, or where in the buffer a text's bytes begin."""
    length: NDArray[np.int32]
    """(fields, records): bytes of a text or of all attributes as encoded; 0 for a number; -1 for null."""
    missing: NDArray[np.uint8]
    """How many of the newest schema's fields, the last ones, the record's schema has not: each is one byte, a null."""
    error: NDArray[np.uint8]
    """0 where the record is good, else an index into ERRORS."""
    error_at: NDArray[np.int32]
    """Where in the record, its frame included, the field with the error begins."""

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.error)

    def text(self, field: int, row: int) -> str | None:
        """Return one text."""
        size, begin = int(self.length[field, row]), int(self.number[field, row])
        return None if size < 0 else self.buffer[begin : begin + size].tobytes().decode()


def decode_scans(values: Sequence[bytes | None]) -> ScanColumns:
    """Decode framed scans of any compatible schema into columns.

    A value written with another schema than the catalogue's, but a compatible one, is written anew first; that is the
    slow path, a record at a time.

    Raises:
        RegistryUnreachable: a value's schema id has to be asked for, and the registry does not answer.
    """
    columns = _decode(values)
    unknown = np.flatnonzero(columns.error == UNKNOWN_SCHEMA)
    if not len(unknown):
        return columns
    translated = list(values)
    refused: dict[int, int] = {}
    for row in unknown.tolist():
        try:
            translated[row] = catalogue().translate("scan", values[row] or b"")
        except Undecodable as reason:
            refused[row] = ERRORS.index(reason.error)
    columns = _decode(translated)
    for row, code in refused.items():
        columns.error[row] = code
    return columns


def _decode(values: Sequence[bytes | None]) -> ScanColumns:
    laid = values if isinstance(values, Values) else Values.of(values)
    count = len(laid)
    number = np.empty((len(FIELDS), count), np.int64)
    length = np.empty((len(FIELDS), count), np.int32)
    missing, error, error_at = np.zeros(count, np.uint8), np.zeros(count, np.uint8), np.zeros(count, np.int32)
    error[laid.ends < laid.starts] = NO_VALUE
    writers = np.array([(id_, _fields_of(version)) for id_, version in catalogue().frame_ids("scan")], np.int64)
    places = laid.buffer, laid.starts, laid.ends
    decode_batch(*places, writers, _operations(), number, length, missing, error, error_at)
    return ScanColumns(*places, number, length, missing, error, error_at)


@cache
def _operations() -> NDArray[np.int64]:
    return operations_of(catalogue().version("scan").parsed)


@cache
def _fields_of(version: int) -> int:
    """Return how many fields a version has: it is read by the first operations of the newest, so they must agree."""
    own = operations_of(catalogue().version("scan", version).parsed)
    if (own != _operations()[: len(own)]).any():
        message = f"scan v{version} is not the beginning of the newest version: its bodies cannot be copied"
        raise SchemaUnknown(message)
    return len(own)
