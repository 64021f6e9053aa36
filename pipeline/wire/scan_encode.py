"""Columns to scans: framed Avro bytes, and the unit keys they are sent under.

Flow: text columns (tables of bytes with codes) and number columns -> one buffer with the start of each record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.scan_encode_loop import (
    NUMBER,
    OPTIONAL_NUMBER,
    OPTIONAL_TEXT,
    PAIRS,
    REQUIRED_TEXT,
    Layout,
    Table,
    write_keys,
    write_scans,
)
from pipeline.wire.schemas import catalogue
from pipeline.wire.text_column import NULL, Text

TextField = Literal[
    "scan_id", "item", "serial", "site", "destination", "location", "reader", "operator", "document", "container",
    "other_unit", "lot", "condition", "corrects", "source", "receipt", "flags_set", "flags_unset", "event",
]  # fmt: skip
REQUIRED: Final[tuple[TextField, ...]] = ("scan_id", "item", "serial", "site")
NO_DATE: Final = np.iinfo(np.int32).min  # the expiry of a scan that has none
_LONGEST: Final = 11  # bytes of a number in a union: one for the branch, up to ten for 64 bits
_VERSION: Final = 2  # of the schema that _FIELDS spells out

_FIELDS: Final = (  # in schema order
    ("scan_id", REQUIRED_TEXT), ("item", REQUIRED_TEXT), ("serial", REQUIRED_TEXT), ("step", NUMBER),
    ("event_time", NUMBER), ("capture_time", NUMBER), ("site", REQUIRED_TEXT), ("destination", OPTIONAL_TEXT),
    ("location", OPTIONAL_TEXT), ("reader", OPTIONAL_TEXT), ("operator", OPTIONAL_TEXT),
    ("document", OPTIONAL_TEXT), ("container", OPTIONAL_TEXT), ("other_unit", OPTIONAL_TEXT),
    ("lot", OPTIONAL_TEXT), ("expiry", OPTIONAL_NUMBER), ("condition", OPTIONAL_TEXT), ("origin", NUMBER),
    ("corrects", OPTIONAL_TEXT), ("source", OPTIONAL_TEXT), ("receipt", OPTIONAL_TEXT),
    ("attributes", PAIRS), ("flags_set", OPTIONAL_TEXT), ("flags_unset", OPTIONAL_TEXT), ("event", OPTIONAL_TEXT),
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
    """Encode every row as a framed scan v2, under the id that the catalogue gives it.

    Shape: uint8[bytes] and int64[rows + 1]: record i is buffer[starts[i]:starts[i+1]].
    Raises: ValueError where a required field is missing or null, or columns differ in length.
    """
    _check(rows)
    starts = np.zeros(len(rows) + 1, np.int64)
    out = np.empty(_room(rows), np.uint8)
    head = np.frombuffer(frame(catalogue().id("scan", _VERSION)), np.uint8)
    end = write_scans(out, starts, head, _layout(rows))
    return out[:end].copy(), starts


def unit_keys(item: Text, serial: Text) -> Slices:
    """Return item + "/" + serial of each row, the serial alone where the item is empty."""
    starts = np.zeros(len(item) + 1, np.int64)
    item_lengths = item.lengths()
    np.cumsum(item_lengths + (item_lengths > 0) + serial.lengths(), out=starts[1:])
    out = np.empty(int(starts[-1]), np.uint8)
    write_keys(
        out, starts, Table(item.buffer, item.starts, item.codes), Table(serial.buffer, serial.starts, serial.codes)
    )
    return out, starts


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


def _layout(rows: ScanRows) -> Layout:
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
    return Layout(
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
