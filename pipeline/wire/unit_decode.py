"""A unit's record read back: where a batch's fold begins.

Flow: framed records as wire/unit.py made them -> Units arrays.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes, join
from pipeline.domain.unit_state import ALERT, ALERTS, FACT, FORMAT, HEAD, PLACE, Units, blank_life, slots_for
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.put import Starts, put_bytes
from pipeline.wire.unit import ALERT_BYTES, FACT_BYTES, FIXED_BYTES, HEAD_BYTES, LIFE_BYTES, Parts, parts_of

_TIMES = 5
_CONTINUES: Final = 128  # a number goes on in the next byte
_FACTS_AT: Final = int(HEAD.fields["facts"][1]) if HEAD.fields else 0


@compiled
def _skip_number(data: Bytes, at: int) -> int:
    while data[at] >= _CONTINUES:
        at += 1
    return at + 1


@compiled
def _number(data: Bytes, at: int) -> tuple[Any, int]:
    value, shift = np.uint64(0), np.uint64(0)
    while True:
        byte = np.uint64(data[at])
        value |= (byte & np.uint64(127)) << shift
        at += 1
        if byte < np.uint64(_CONTINUES):
            break
        shift += np.uint64(7)
    return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1)), at


@compiled
def _skip_text(data: Bytes, at: int) -> int:
    length, at = _number(data, at)
    return int(at + length)


@compiled
def _state_of(data: Bytes, at: int) -> int:
    """Return where the state's bytes begin in a framed unit record that we wrote ourselves."""
    at = _skip_text(data, at + FRAME_BYTES)  # key
    at = _skip_number(data, _skip_number(data, at))  # version, sequence
    for _ in range(4):  # item, serial, lifecycle, state
        at = _skip_text(data, at)
    for _ in range(2):  # site, custody
        at = at + 1 if data[at] == 0 else _skip_text(data, at + 1)
    for _ in range(1 + _TIMES):
        at = at + 1 if data[at] == 0 else _skip_number(data, at + 1)
    at = at + 1 if data[at] == 0 else _skip_text(data, at + 1)  # lot
    for _ in range(3):  # applied, rejected, open_alerts
        at = _skip_number(data, at)
    kinds, at = _number(data, at)
    for _ in range(kinds):
        at = _skip_number(data, _skip_text(data, at))
        at = _skip_number(data, _skip_text(data, at))
    if kinds != 0:
        at += 1
    at = _skip_number(data, _skip_number(data, at))  # partition, ordinal
    return _skip_number(data, at)  # length of the state


@compiled
def _find_states(data: Bytes, starts: Starts, state: Starts, facts: Starts) -> None:
    for u in range(len(starts) - 1):
        if starts[u + 1] > starts[u]:
            state[u] = _state_of(data, starts[u])
            facts[u] = data[state[u] + _FACTS_AT]


@compiled
def _read(data: Bytes, state: Starts, parts: Parts, units: Units) -> None:
    heads, lives, bases, alerts, facts = parts
    for u in range(len(state)):
        at = state[u]
        if at < 0:
            continue
        put_bytes(heads, u * HEAD_BYTES, data, at, HEAD_BYTES)
        put_bytes(lives, u * LIFE_BYTES, data, at + HEAD_BYTES, LIFE_BYTES)
        put_bytes(alerts, u * ALERT_BYTES, data, at + HEAD_BYTES + LIFE_BYTES, ALERT_BYTES)
        at += FIXED_BYTES
        head, place = units.heads[u], units.places[u]
        if head["has_base"]:
            put_bytes(bases, u * LIFE_BYTES, data, at, LIFE_BYTES)
            at += LIFE_BYTES
        size = int(head["facts"]) * FACT_BYTES
        put_bytes(facts, place["first"] * FACT_BYTES, data, at, size)
        place["lot_length"] = np.int32(data[at + size]) - 1
        place["lot_start"] = ~(at + size + 1)


def decode_units(values: list[bytes | None], incoming: npt.NDArray[np.int64]) -> tuple[Units, Bytes]:
    """Lay loaded units out for a batch; None is a unit never seen.

    Args:
        values: framed unit records, as encode_units made them.
        incoming: int64[unit], how many scans of the batch concern each.

    Returns:
        The units and the buffer of loaded bytes, to which a lot's negative start refers.
    """
    data, starts = join([value or b"" for value in values])
    count = len(values)
    state, remembered = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    _find_states(data, starts, state, remembered)
    slots = slots_for(remembered, incoming)
    places = np.zeros(count, PLACE)
    places["first"], places["lot_length"] = np.cumsum(slots) - slots, -1
    units = Units(
        heads=np.zeros(count, HEAD),
        lives=blank_life(count),
        bases=blank_life(count),
        places=places,
        alerts=np.zeros((count, ALERTS), ALERT),
        facts=np.zeros(int(slots.sum()), FACT),
    )
    units.heads["format"] = FORMAT
    parts = parts_of(units)
    _read(data, state, parts, units)
    return units, data
