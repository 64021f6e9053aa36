"""Rows become scans: the text of every number, the record's bytes, the keys, the truth.

Flow: a slice of a wave's rows -> keys, values, partitions and the truth of what was planted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.expected import CODE
from pipeline.simulate.extras import Extra, extra_expiries, extra_texts
from pipeline.simulate.profile import Profile
from pipeline.simulate.rows import NONE, Rows, document_name
from pipeline.simulate.scene import SERIAL_DIGITS, Units
from pipeline.simulate.world import ITEMS, READERS_PER_SITE, World
from pipeline.wire.scan_encode import Attributes, ScanRows, TextField, encode_scans, unit_keys
from pipeline.wire.text_column import Text, slices

_HEX = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)
_SYMPTOMS = (b"no power", b"overheats", b"noise", b"does not start", b"broken on arrival")
_OPERATORS = tuple(b"op-%02d" % n for n in range(60))


@dataclass(frozen=True)
class Texts:
    """The tables of text of one wave; made once, indexed by the rows' numbers.

    Shape: item, serial: one row per identity of the wave.
    """

    item: Text
    serial: Text
    sites: Sequence[bytes]
    readers: Sequence[bytes]
    conditions: Sequence[bytes]
    salt: int
    extras: Sequence[Extra]


def texts_of(world: World, profile: Profile, units: Units, salt: int, extras: Sequence[Extra] = ()) -> Texts:
    """Make the tables; `salt` tells the scan ids of one wave and seed from all others."""
    sites = [name.encode() for name in world.names]
    readers = [b"%s-r%d" % (site, n) for site in sites for n in range(READERS_PER_SITE)]
    conditions = sorted({slot.condition.encode() for slot in profile.slots} - {b""})
    items = np.concatenate([units.item, np.array([item for item, _ in units.added], np.int32)])
    return Texts(Text.of_codes(world.items, items), _serials(units), sites, readers, conditions, salt, extras)


def _serials(units: Units) -> Text:
    """Return the serials of all identities: those that live have one width."""
    numbers = (units.first + np.arange(len(units.item))) // ITEMS
    digits = numbers[:, None] // 10 ** np.arange(SERIAL_DIGITS - 1, -1, -1) % 10 + ord("0")
    living = Text.fixed(np.concatenate([np.full((len(numbers), 1), ord("S")), digits], axis=1).astype(np.uint8))
    added = Text.of_values([serial for _, serial in units.added])
    starts = np.concatenate([living.starts, added.starts[1:] + len(living.buffer)])
    return Text.of_slices(np.concatenate([living.buffer, added.buffer]), starts)


def encode_rows(rows: Rows, texts: Texts) -> tuple[list[bytes], list[bytes]]:
    """Return the keys and the values of rows, in their order."""
    item, serial = texts.item.take(rows["unit"]), texts.serial.take(rows["unit"])
    columns: dict[TextField, Text] = {
        "scan_id": scan_ids(rows["id"], texts.salt),
        "item": item,
        "serial": serial,
        "site": Text.of_codes(texts.sites, rows["site"]),
        "destination": Text.of_codes(texts.sites, rows["destination"]),
        "reader": Text.of_codes(texts.readers, rows["reader"]),
        "operator": Text.of_codes(_OPERATORS, rows["operator"]),
        "document": _named(rows["document"], document_name),
        "lot": _named(rows["lot"], lambda lot: b"L%d" % lot),
        "condition": Text.of_codes(texts.conditions, rows["condition"]),
        "corrects": _corrects(rows["corrects"], texts.salt),
        **extra_texts(rows, texts.extras),
    }
    numbers = (rows["step"], rows["event"], rows["capture"], rows["origin"])
    scans = ScanRows(columns, *numbers, extra_expiries(rows, texts.extras), _attributes(rows["symptom"]))
    keys = slices(*unit_keys(item, serial))
    for row in np.flatnonzero(rows["planted"] == CODE["MISKEYED"]).tolist():
        keys[row] = keys[row].rpartition(b"/")[2]
    return keys, slices(*encode_scans(scans))


def scan_ids(numbers: NDArray[np.int64], salt: int) -> Text:
    """Return 16 hex digits per number, different for different numbers.

    Source: the finishing steps of splitmix64, each of which can be undone, so that no two numbers meet.
    """
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) + np.uint64(salt)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return Text.fixed(_HEX[mixed.astype(">u8").view(np.uint8).reshape(-1, 8)].reshape(-1, 16))


def _corrects(numbers: NDArray[np.int64], salt: int) -> Text:
    """Return the ids of corrected scans, of the few rows that correct one."""
    rows = np.flatnonzero(numbers != NONE)
    codes = np.full(len(numbers), NONE, np.int32)
    codes[rows] = np.arange(len(rows))
    return scan_ids(numbers[rows], salt).with_codes(codes)


def _named(numbers: NDArray[np.integer], name: Callable[[int], bytes]) -> Text:
    """Return the names of numbers, each made once; NONE is null."""
    distinct, codes = np.unique(numbers, return_inverse=True)
    if len(distinct) and distinct[0] == NONE:
        distinct, codes = distinct[1:], codes - 1
    return Text.of_codes([name(number) for number in distinct.tolist()], codes)


def _attributes(symptoms: NDArray[np.integer]) -> Attributes:
    """Return one attribute for each row with a symptom."""
    has_one = symptoms != NONE
    starts = np.concatenate([[0], np.cumsum(has_one)]).astype(np.int64)
    return Attributes(starts, Text.constant(b"symptom", int(starts[-1])), Text.of_codes(_SYMPTOMS, symptoms[has_one]))
