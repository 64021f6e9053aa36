"""Columns to scans: framed Avro bytes, and the unit keys they are sent under.

Flow: text columns (tables of bytes with codes) and number columns -> one buffer with the start of each record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.schemas import catalogue
from pipeline.wire.text_column import NULL, Text

TextField = Literal[
    "scan_id", "item", "serial", "site", "destination", "location", "reader", "operator", "document", "container",
    "other_unit", "lot", "condition", "corrects", "source", "receipt",
]  # fmt: skip
REQUIRED: Final[tuple[TextField, ...]] = ("scan_id", "item", "serial", "site")
NO_DATE: Final = np.iinfo(np.int32).min  # the expiry of a scan that has none
_VERSION: Final = 1  # of the schema that _FIELDS spells out

_REQUIRED_TEXT, _NUMBER, _OPTIONAL_TEXT, _OPTIONAL_NUMBER = 0, 1, 2, 3
_FIELDS: Final = (  # in schema order; attributes, the last, are apart
    ("scan_id", _REQUIRED_TEXT), ("item", _REQUIRED_TEXT), ("serial", _REQUIRED_TEXT), ("step", _NUMBER),
    ("event_time", _NUMBER), ("capture_time", _NUMBER), ("site", _REQUIRED_TEXT), ("destination", _OPTIONAL_TEXT),
    ("location", _OPTIONAL_TEXT), ("reader", _OPTIONAL_TEXT), ("operator", _OPTIONAL_TEXT),
    ("document", _OPTIONAL_TEXT), ("container", _OPTIONAL_TEXT), ("other_unit", _OPTIONAL_TEXT),
    ("lot", _OPTIONAL_TEXT), ("expiry", _OPTIONAL_NUMBER), ("condition", _OPTIONAL_TEXT), ("origin", _NUMBER),
    ("corrects", _OPTIONAL_TEXT), ("source", _OPTIONAL_TEXT), ("receipt", _OPTIONAL_TEXT),
)  # fmt: skip

Slices = tuple[NDArray[np.uint8], NDArray[np.int64]]  # a buffer and where each record starts in it


@dataclass(frozen=True)
class Attributes:
    """The attributes of all rows end to end: row i has names[starts[i]:starts[i+1]], values likewise."""

    starts: NDArray[np.int64]
    names: Text
    values: Text


@dataclass(frozen=True)
class ScanRows:
    """Scans as columns, one row per scan.

    Shape: texts by field, a field left out is null in every row; step and origin are places in the enum
    (`pipeline.domain.scan`); expiry is days since 1970, NO_DATE where there is none.
    Units: times in milliseconds since 1970, UTC.
    """

    texts: Mapping[TextField, Text]
    step: NDArray[np.integer]
    event_time: NDArray[np.int64]
    capture_time: NDArray[np.int64]
    origin: NDArray[np.integer]
    expiry: NDArray[np.int32] | None = None
    attributes: Attributes | None = None

    def __len__(self) -> int:
        return len(self.step)


def encode_scans(rows: ScanRows) -> Slices:
    """Encode every row as a framed scan v1, under the id that the catalogue gives it.

    Shape: uint8[bytes] and int64[rows + 1]: record i is buffer[starts[i]:starts[i+1]].
    Raises: ValueError where a required field is missing or null, or columns differ in length.
    """
    _check(rows)
    starts = np.zeros(len(rows) + 1, np.int64)
    out = np.empty(_room(rows), np.uint8)
    head = np.frombuffer(frame(catalogue().id("scan", _VERSION)), np.uint8)
    end = _write(out, starts, head, _layout(rows))
    return out[:end].copy(), starts


def unit_keys(item: Text, serial: Text) -> Slices:
    """Return item + "/" + serial of each row, the serial alone where the item is empty."""
    starts = np.zeros(len(item) + 1, np.int64)
    item_lengths = item.lengths()
    np.cumsum(item_lengths + (item_lengths > 0) + serial.lengths(), out=starts[1:])
    out = np.empty(int(starts[-1]), np.uint8)
    _write_keys(
        out, starts, Table(item.buffer, item.starts, item.codes), Table(serial.buffer, serial.starts, serial.codes)
    )
    return out, starts


class Table(NamedTuple):
    """Text as the compiled loops take it: bytes, where each entry starts, and codes of one or several columns."""

    buffer: NDArray[np.uint8]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]


class _Layout(NamedTuple):
    """All columns: per field its kind and its place among the codes or numbers, -1 where the column was left out."""

    kinds: NDArray[np.int64]
    places: NDArray[np.int64]
    texts: Table
    numbers: NDArray[np.uint64]
    pair_starts: NDArray[np.int64]
    pairs: Table


def _check(rows: ScanRows) -> None:
    for name in REQUIRED:
        if name not in rows.texts or (rows.texts[name].codes < 0).any():
            message = f"{name} is missing or null in a scan to be encoded"
            raise ValueError(message)
    lengths = {len(text) for text in rows.texts.values()}
    if lengths | {len(rows.event_time), len(rows.capture_time), len(rows.origin)} != {len(rows)}:
        message = "the columns of the scans to be encoded differ in length"
        raise ValueError(message)


def _room(rows: ScanRows) -> int:
    """Return a size that is always enough: the text, and every number at its longest."""
    texts = list(rows.texts.values()) + ([rows.attributes.names, rows.attributes.values] if rows.attributes else [])
    per_row = FRAME_BYTES + len(_FIELDS) * _LONGEST + 2 * _LONGEST
    return len(rows) * per_row + sum(int(text.lengths().sum()) + _LONGEST * len(text) for text in texts)


def _layout(rows: ScanRows) -> _Layout:
    numbers: list[tuple[str, NDArray[np.integer]]] = [
        ("step", rows.step), ("event_time", rows.event_time), ("capture_time", rows.capture_time),
        ("origin", rows.origin),
    ]  # fmt: skip
    if rows.expiry is not None:
        numbers.append(("expiry", rows.expiry))
    place_of: dict[str, int] = {name: place for place, name in enumerate(rows.texts)}
    place_of |= {name: place for place, (name, _) in enumerate(numbers)}
    none = Text.of_values([])
    attributes = rows.attributes or Attributes(np.zeros(len(rows) + 1, np.int64), none, none)
    return _Layout(
        kinds=np.array([kind for _, kind in _FIELDS], np.int64),
        places=np.array([place_of.get(name, -1) for name, _ in _FIELDS], np.int64),
        texts=_one_table(list(rows.texts.values())),
        numbers=np.stack([_zigzag(column) for _, column in numbers]),
        pair_starts=attributes.starts,
        pairs=_one_table([attributes.names, attributes.values]),
    )


def _one_table(texts: Sequence[Text]) -> Table:
    """Put the tables of all columns end to end; the codes follow.

    An entry ends where the next starts, so each column's table keeps its closing start: an empty entry nobody names.
    """
    buffers, starts, codes = [], [], []
    at, entries = 0, 0
    for text in texts:
        buffers.append(text.buffer)
        starts.append(text.starts + at)
        codes.append(np.where(text.codes < 0, np.int32(NULL), text.codes + np.int32(entries)))
        at += len(text.buffer)
        entries += len(text.starts)
    return Table(np.concatenate(buffers), np.concatenate(starts), np.stack(codes))


def _zigzag(column: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return Avro's unsigned form of the numbers."""
    numbers = column.astype(np.int64)
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


_LONGEST: Final = 11  # bytes of a number in a union: one for the branch, up to ten for 64 bits
_NONE: Final = np.uint64(2**32 - 1)  # NO_DATE in Avro's unsigned form
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
def _write(out: NDArray[np.uint8], record_starts: NDArray[np.int64], head: NDArray[np.uint8], layout: _Layout) -> int:
    """Write all records, note where each starts, return where the last ends."""
    kinds, places, texts, numbers, pair_starts, pairs = layout
    buffer, starts, codes = texts
    pair_buffer, pair_bytes_at, pair_codes = pairs
    at = 0
    for row in range(len(record_starts) - 1):
        at = _put_bytes(out, at, head, 0, len(head))
        for field in range(len(kinds)):
            kind, place = kinds[field], places[field]
            is_text = kind in (_REQUIRED_TEXT, _OPTIONAL_TEXT)
            if kind >= _OPTIONAL_TEXT:
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
        at = _put_attributes(out, at, (pair_starts[row], pair_starts[row + 1]), pair_buffer, pair_bytes_at, pair_codes)
        record_starts[row + 1] = at
    return at


@compiled
def _write_keys(out: NDArray[np.uint8], starts: NDArray[np.int64], item: Table, serial: Table) -> None:
    for row in range(len(starts) - 1):
        start, end = item.starts[item.codes[row]], item.starts[item.codes[row] + 1]
        at = _put_bytes(out, starts[row], item.buffer, start, end)
        if end > start:
            out[at] = _SLASH
            at += 1
        code = serial.codes[row]
        _put_bytes(out, at, serial.buffer, serial.starts[code], serial.starts[code + 1])


_SLASH: Final = ord("/")
