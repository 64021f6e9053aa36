"""A unit's record: a summary for ClickHouse, and the fold's own state as bytes.

Flow: Units arrays -> framed records for the topic `units` and the store; the way back is wire/unit_decode.py.

The state's own bytes are in wire/state.py.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.flags import FLAG_STARTS, FLAG_TEXTS, LONGEST_FLAGS
from pipeline.domain.inlined import inlined
from pipeline.domain.lifecycle import MAX_STATES
from pipeline.domain.links import tidy_links
from pipeline.domain.slices import Bytes, join
from pipeline.domain.unit_state import ALERTS, TAIL, Record, Units
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
from pipeline.wire.state import (
    ALERT_BYTES,
    EXPECTED_BYTES,
    FACT_BYTES,
    FORGOTTEN_BYTES,
    HEAD_BYTES,
    LIFE_BYTES,
    LINK_FIXED_BYTES,
    Parts,
    parts_of,
    put_state,
)
from pipeline.wire.verdict import Names

_NUMBERS, _TEXTS_CAP, _LOT_CAP = 24, 1000 + LONGEST_FLAGS, 70


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


@inlined
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


@inlined
def _put_link(out: Bytes, at: int, units: Units, u: int, number: int, texts: tuple[Bytes, Bytes]) -> int:
    """Write the text of a link as a nullable string; 0 is null."""
    if number == 0:
        out[at] = 0
        return at + 1
    link = units.links[units.places[u]["first_link"] + number - 1]
    if link["start"] < 0:
        return put_optional_text(out, at, texts[1], ~link["start"], int(link["length"]))
    return put_optional_text(out, at, texts[0], link["start"], int(link["length"]))


@inlined
def _put_flags(out: Bytes, at: int, flags: int, words: Bytes, starts: Starts) -> int:
    """Write flags as a nullable string, a space between words; none is null."""
    if flags == 0:
        out[at] = 0
        return at + 1
    length = -1
    for flag in range(len(starts) - 1):
        if (flags >> flag) & 1:
            length += 1 + starts[flag + 1] - starts[flag]
    out[at] = 2
    at = put_number(out, at + 1, length)
    end = at + length
    for flag in range(len(starts) - 1):
        if (flags >> flag) & 1:
            at = put_bytes(out, at, words, starts[flag], starts[flag + 1] - starts[flag])
            if at < end:
                out[at] = 32  # " "
                at += 1
    return at


@inlined
def _put_more(
    out: Bytes, at: int, units: Units, u: int, texts: tuple[Bytes, Bytes], flags: tuple[Bytes, Starts]
) -> int:
    """Write the fields after the state: `container` to `members`."""
    life = units.lives[u]
    is_retired = life["alias"] != 0  # then what it was in holds the unit under which it goes on
    at = _put_link(out, at, units, u, 0 if is_retired else life["container"], texts)
    at = _put_link(out, at, units, u, 0 if is_retired else life["parent"], texts)
    at = _put_link(out, at, units, u, life["alias"], texts)
    at = _put_flags(out, at, int(life["flags"]) | int(life["plain"]), flags[0], flags[1])
    at = put_optional_time(out, at, life["expiry"])
    return put_number(out, at, units.heads[u]["members"])


@inlined
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


@inlined
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
    words: tuple[Bytes, Starts, Bytes, Starts],
    flags: tuple[Bytes, Starts],
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
        at = _put_alerts(out, at, units.alerts[u], words)
        at = put_number(out, at, summary.partition)
        at = put_number(out, at, summary.ordinal[u])
        texts = (keys.buffer, loaded)
        at = put_state(out, at, parts, units, u, (lot, lot_at, lot_length), texts)
        at = _put_more(out, at, units, u, texts, flags)
    out_starts[len(which)] = at


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
    fixed = FRAME_BYTES + HEAD_BYTES + 2 * LIFE_BYTES + ALERT_BYTES * ALERTS + TAIL // 8 + FORGOTTEN_BYTES
    fixed += _NUMBERS * LONGEST_NUMBER
    room = int((facts * FACT_BYTES + key_bytes).sum()) + len(which) * (fixed + _TEXTS_CAP + 2 * _LOT_CAP)
    room += _room_for_links(units, which) + len(units.expected) * EXPECTED_BYTES
    out, starts = np.empty(room, np.uint8), np.empty(len(which) + 1, np.int64)
    for u in which[units.heads["links"][which] > 0].tolist():
        tidy_links(units, u)
    parts = parts_of(units)
    words = (_KINDS, _KIND_STARTS, _STATUSES, _STATUS_STARTS)
    frame_ = np.frombuffer(frame(catalogue().id("unit")), np.uint8)
    flags = (FLAG_TEXTS, FLAG_STARTS)
    _write(out, starts, which, units, parts, keys, names, summary, loaded, frame_, words, flags)
    return cut(out, starts)


def _room_for_links(units: Units, which: npt.NDArray[np.int64]) -> int:
    """Return the bytes of all links, and of the three that may stand in the summary once more."""
    if not units.heads["links"][which].any():
        return 0
    lengths = units.links["length"].astype(np.int64)
    return int(lengths.sum()) + LINK_FIXED_BYTES * len(lengths) + 3 * int(lengths.max()) * len(which)
