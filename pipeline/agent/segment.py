"""The format of a segment, a file of numbered entries that only grows.

    segment = head entry*
    head    = "SLSPOOL1", salt (8 random bytes), first (u64), length of note (u32), crc (u32), note
    entry   = mark (4 bytes), crc (u32), length (u32), number (u64), safe (u64), text

All numbers are little-endian. `first` is the number of the first entry, the next ones follow without a gap. `note` is
what whoever keeps the log wants to remember without reading older segments. `crc` is CRC-32 over the salt and all that
follows it, so that an old block of another file, which a disk may show after a power loss, is no entry here. `safe` is
the number of the last entry that was known to be on disk when this one was written.

The tail. An entry counts as taken when its file was synced. A crash may leave anything after the last such entry: half
an entry, zeros, even whole entries behind a hole, because blocks reach a disk in any order. Reading stops at the first
place that holds no right entry, and the rest is torn: nobody was told that it was taken. It is another matter where a
right entry further on has a `safe` at or above the number missing: that entry was on disk once, and what cannot be read
is damage, which is reported with its numbers, and the entries behind it count. So does the very entry that is missing
where it lies further on: no crash puts bytes before it.
"""

import os
import struct
import sys
import zlib
from dataclasses import dataclass
from typing import Final, NamedTuple

LARGEST_TEXT: Final = 1024 * 1024

_MAGIC: Final = b"SLSPOOL1"
MARK: Final = b"\xf5SL\x1e"
_HEAD: Final = struct.Struct("<8s8sQI")
_ENTRY: Final = struct.Struct("<IQQ")
_CRC: Final = struct.Struct("<I")
_PREFIX: Final = len(MARK) + _CRC.size
ENTRY_BYTES: Final = _PREFIX + _ENTRY.size


class SegmentHead(NamedTuple):
    """What a segment says of itself; its entries begin at `end`."""

    salt: bytes
    first: int
    note: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a log."""

    number: int
    text: bytes

    @property
    def last(self) -> int:
        """Its number: an entry is one."""
        return self.number


@dataclass(frozen=True, slots=True)
class Damage:
    """Entries that were on disk and can be read no more."""

    number: int
    last: int


class Parsed(NamedTuple):
    """What a piece of a segment holds: entries and damage in order, and where the last right entry ends."""

    found: list[Entry | Damage]
    next_number: int
    end: int


class _Found(NamedTuple):
    entry: Entry
    safe: int
    begin: int
    end: int


def build_head(first: int, note: bytes) -> bytes:
    """Return a new segment's head, with a salt of its own."""
    salt = os.urandom(8)
    fixed = _HEAD.pack(_MAGIC, salt, first, len(note))
    return fixed + _CRC.pack(zlib.crc32(fixed + note)) + note


def read_head(data: bytes) -> SegmentHead | None:
    """Return what a head says, None where there is no whole one."""
    begin = _HEAD.size + _CRC.size
    if len(data) < begin:
        return None
    magic, salt, first, length = _HEAD.unpack_from(data)
    note = data[begin : begin + length]
    (crc,) = _CRC.unpack_from(data, _HEAD.size)
    if magic != _MAGIC or len(note) != length or crc != zlib.crc32(data[: _HEAD.size] + note):
        return None
    return SegmentHead(salt, first, note, begin + length)


def build_entry(salt: bytes, number: int, text: bytes, *, safe: int) -> bytes:
    """Return the bytes of an entry."""
    body = _ENTRY.pack(len(text), number, safe) + text
    return MARK + _CRC.pack(zlib.crc32(body, zlib.crc32(salt))) + body


def read_entries(data: bytes, salt: bytes, number: int, *, safe: int = 0, most: int = sys.maxsize) -> Parsed:
    """Read entries from `number` on until the data ends or is torn.

    Args:
        data: A segment from the beginning of an entry on.
        salt: The segment's.
        number: What the first entry should be.
        safe: Entries up to this one are known to have been on disk: where they are missing, that is damage.
        most: At most about so many.
    """
    found: list[Entry | Damage] = []
    at = 0
    while at < len(data) and len(found) < most:
        if (right := _entry_at(data, at, salt)) and right.entry.number == number:
            found.append(right.entry)
        elif right := _beyond_hole(data, at, salt, number, safe):
            missing = [Damage(number, right.entry.number - 1)] if right.entry.number > number else []
            found += [*missing, right.entry]
        else:
            break
        number, at = right.entry.number + 1, right.end
    return Parsed(found, number, at)


def _entry_at(data: bytes, at: int, salt: bytes) -> _Found | None:
    body = at + _PREFIX
    if data[at : at + len(MARK)] != MARK or len(data) < body + _ENTRY.size:
        return None
    (crc,) = _CRC.unpack_from(data, at + len(MARK))
    length, number, safe = _ENTRY.unpack_from(data, body)
    end = body + _ENTRY.size + length
    if length > LARGEST_TEXT or end > len(data) or crc != zlib.crc32(data[body:end], zlib.crc32(salt)):
        return None
    return _Found(Entry(number, data[body + _ENTRY.size : end]), safe, at, end)


def _beyond_hole(data: bytes, at: int, salt: bytes, number: int, safe: int) -> _Found | None:
    """Return the first right entry after a hole that is damage, None where the hole is a torn tail's beginning."""
    first: _Found | None = None
    while (at := data.find(MARK, at + 1)) >= 0:
        right = _entry_at(data, at, salt)
        if right is None or right.entry.number < number:
            continue
        first = first or right
        if max(right.safe, safe) >= number or first.entry.number == number:  # then only bytes were put in between
            return first
        at = right.end - 1
    return None
