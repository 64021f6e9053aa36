"""A unit's record: a summary for ClickHouse, and the fold's own state as bytes.

Flow: Units arrays -> framed records for the topic `units` and the store; the way back is wire/unit_decode.py.

The state's bytes: HEAD, LIFE, four ALERTs, LIFE of the base (only if the head has one), the facts, the lot's length,
the lot.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.lifecycle import MAX_STATES
from pipeline.domain.slices import Bytes, join
from pipeline.domain.unit_state import ALERT, ALERTS, FACT, HEAD, LIFE, Record, Units
from pipeline.domain.verdict import ALERT_ACKNOWLEDGED, ALERT_KINDS, ALERT_OPEN, ALERT_STATUSES, REASONS
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.put import (
    LONGEST_NUMBER,
    Starts,
    cut,
    put_bytes,
    put_entry,
    put_number,
    put_optional_entry,
    put_optional_text,
    put_optional_time,
    put_text,
)
from pipeline.wire.revision import Keys
from pipeline.wire.schemas import catalogue
from pipeline.wire.verdict import Names

HEAD_BYTES: Final = HEAD.itemsize
LIFE_BYTES: Final = LIFE.itemsize
ALERT_BYTES: Final = ALERT.itemsize * ALERTS
FACT_BYTES: Final = FACT.itemsize
FIXED_BYTES: Final = HEAD_BYTES + LIFE_BYTES + ALERT_BYTES
_NUMBERS, _TEXTS_CAP, _LOT_CAP = 20, 1000, 70


Parts = tuple[Bytes, Bytes, Bytes, Bytes, Bytes]
"""Heads, lives, bases, alerts and facts of a batch, as bytes."""


class Summary(NamedTuple):
    """What the summary needs beyond the fold's state.

    Shape: `lifecycles` names end to end; `ordinal` int64[unit], of the record that changed it last.
    """

    lifecycles: Bytes
    lifecycle_starts: Starts
    ordinal: npt.NDArray[np.int64]
    partition: int


_KINDS, _KIND_STARTS = join([REASONS[kind].encode() for kind in ALERT_KINDS])
_STATUSES, _STATUS_STARTS = join([status.encode() for status in ALERT_STATUSES])


@compiled
def _put_alerts(out: Bytes, at: int, slots: npt.NDArray[np.void], texts: tuple[Bytes, Starts, Bytes, Starts]) -> int:
    """Write the number of open alerts and the array of those that ever opened."""
    kinds, kind_starts, statuses, status_starts = texts
    ever, are_open = 0, 0
    for kind in range(len(slots)):
        ever += slots[kind]["opening"] > 0
        are_open += slots[kind]["status"] == ALERT_OPEN or slots[kind]["status"] == ALERT_ACKNOWLEDGED
    at = put_number(out, at, are_open)
    if ever > 0:
        at = put_number(out, at, ever)
        for kind in range(len(slots)):
            if slots[kind]["opening"] > 0:
                at = put_entry(out, at, kinds, kind_starts, kind)
                at = put_number(out, at, slots[kind]["opening"])
                at = put_entry(out, at, statuses, status_starts, slots[kind]["status"])
                at = put_number(out, at, slots[kind]["count"])
    out[at] = 0
    return at + 1


@compiled
def _put_state(
    out: Bytes,
    at: int,
    parts: Parts,
    unit: int,
    place: tuple[int, int, bool],
    lot: Bytes,
    lot_at: int,
    lot_length: int,
) -> int:
    """Write the fold's own state, as Avro bytes."""
    heads, lives, bases, alerts, facts = parts
    first, count, has_base = place
    lot_bytes = max(lot_length, 0)
    size = FIXED_BYTES + (LIFE_BYTES if has_base else 0) + count * FACT_BYTES + 1 + lot_bytes
    at = put_number(out, at, size)
    at = put_bytes(out, at, heads, unit * HEAD_BYTES, HEAD_BYTES)
    at = put_bytes(out, at, lives, unit * LIFE_BYTES, LIFE_BYTES)
    at = put_bytes(out, at, alerts, unit * ALERT_BYTES, ALERT_BYTES)
    if has_base:
        at = put_bytes(out, at, bases, unit * LIFE_BYTES, LIFE_BYTES)
    at = put_bytes(out, at, facts, first * FACT_BYTES, count * FACT_BYTES)
    out[at] = np.uint8(lot_length + 1)  # 0: no lot
    return put_bytes(out, at + 1, lot, lot_at, lot_bytes)


@compiled
def _put_life(out: Bytes, at: int, life: Record, sites: Bytes, site_starts: Starts) -> int:
    """Write the fields `site` to `failed_at`."""
    at = put_optional_entry(out, at, sites, site_starts, life["site"])
    at = put_optional_entry(out, at, sites, site_starts, life["custody"])
    at = put_optional_time(out, at, life["event_time"])
    at = put_optional_time(out, at, life["commissioned_at"])
    at = put_optional_time(out, at, life["shipped_at"])
    at = put_optional_time(out, at, life["sold_at"])
    at = put_optional_time(out, at, life["returned_at"])
    return put_optional_time(out, at, life["failed_at"])


@compiled
def _write(
    out: Bytes,
    out_starts: Starts,
    which: npt.NDArray[np.int64],
    units: Units,
    parts: Parts,
    keys: Keys,
    names: Names,
    summary: Summary,
    loaded: Bytes,
    frame_: Bytes,
    texts: tuple[Bytes, Starts, Bytes, Starts],
) -> None:
    at = 0
    for i in range(len(which)):
        u = which[i]
        head, life, place = units.heads[u], units.lives[u], units.places[u]
        out_starts[i] = at
        at = put_bytes(out, at, frame_, 0, len(frame_))
        has_item = keys.item_length[u] > 0
        at = put_number(out, at, keys.item_length[u] + keys.serial_length[u] + (1 if has_item else 0))
        at = put_bytes(out, at, keys.buffer, keys.item[u], keys.item_length[u])
        if has_item:
            out[at] = 47  # "/"
            at += 1
        at = put_bytes(out, at, keys.buffer, keys.serial[u], keys.serial_length[u])
        at = put_number(out, at, head["format"])
        at = put_number(out, at, head["sequence"])
        at = put_text(out, at, keys.buffer, keys.item[u], keys.item_length[u])
        at = put_text(out, at, keys.buffer, keys.serial[u], keys.serial_length[u])
        at = put_entry(out, at, summary.lifecycles, summary.lifecycle_starts, head["lifecycle"])
        at = put_entry(
            out, at, names.states, names.state_starts, int(head["lifecycle"]) * MAX_STATES + int(life["state"])
        )
        at = _put_life(out, at, life, names.sites, names.site_starts)
        lot, lot_at, lot_length = keys.buffer, place["lot_start"], int(place["lot_length"])
        if lot_at < 0:
            lot, lot_at = loaded, ~lot_at
        at = put_optional_text(out, at, lot, lot_at, lot_length)
        at = put_number(out, at, head["applied"])
        at = put_number(out, at, head["rejected"])
        at = _put_alerts(out, at, units.alerts[u], texts)
        at = put_number(out, at, summary.partition)
        at = put_number(out, at, summary.ordinal[u])
        where = (place["first"], int(head["facts"]), head["has_base"] != 0)
        at = _put_state(out, at, parts, u, where, lot, lot_at, lot_length)
    out_starts[len(which)] = at


def parts_of(units: Units) -> Parts:
    """Return the arrays of a batch's units as bytes, to copy records from and to."""
    heads, lives, bases, _, alerts, facts = (records.reshape(-1).view(np.uint8) for records in units)
    return heads, lives, bases, alerts, facts


def encode_units(
    units: Units, which: npt.NDArray[np.int64], keys: Keys, names: Names, summary: Summary, loaded: Bytes
) -> list[bytes]:
    """Encode those units of a batch, framed; the bytes are the same in the topic and in the store.

    Args:
        units: the batch's units.
        which: int64, the places of those to encode.
        keys: item and serial of every unit of the batch.
        names: the texts behind numbers.
        summary: lifecycles, and the ordinal of the record that changed each unit last.
        loaded: the buffer of states as loaded, where a former lot may lie.
    """
    if len(which) == 0:
        return []
    facts = units.heads["facts"][which].astype(np.int64)
    key_bytes = 2 * (keys.item_length[which] + keys.serial_length[which]).astype(np.int64)
    fixed = FRAME_BYTES + FIXED_BYTES + LIFE_BYTES + _NUMBERS * LONGEST_NUMBER + _TEXTS_CAP + 2 * _LOT_CAP
    room = int((facts * FACT_BYTES + key_bytes).sum()) + len(which) * fixed
    out, starts = np.empty(room, np.uint8), np.empty(len(which) + 1, np.int64)
    parts = parts_of(units)
    texts = (_KINDS, _KIND_STARTS, _STATUSES, _STATUS_STARTS)
    frame_ = np.frombuffer(frame(catalogue().id("unit")), np.uint8)
    _write(out, starts, which, units, parts, keys, names, summary, loaded, frame_, texts)
    return cut(out, starts)
