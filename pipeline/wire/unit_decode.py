"""A unit's record read back: where a batch's fold begins.

Flow: framed records as wire/unit.py made them -> Units arrays.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.inlined import inlined
from pipeline.domain.slices import Bytes, join
from pipeline.domain.unit_state import (
    ALERT,
    ALERTS,
    EXPECTED,
    FACT,
    FORMAT,
    HEAD,
    LINK,
    LINKS,
    NEVER,
    PLACE,
    STATED_FACT,
    TAIL,
    Units,
    blank_life,
    slots_for,
)
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.put import Starts, put_bytes
from pipeline.wire.state import (
    ALERT_BYTES,
    EXPECTED_BYTES,
    FACT_BYTES,
    HAS_BASE,
    HAS_FORGOTTEN,
    HAS_RESTS,
    HEAD_BYTES,
    IS_LONG,
    LIFE_BYTES,
    LINK_FIXED_BYTES,
    PARTS_AT,
    REST_BYTES,
    SHORT_ALERT_BYTES,
    SHORT_FACT_BYTES,
    SHORT_HEAD_BYTES,
    SHORT_LIFE_BYTES,
    TIME_BYTES,
    Parts,
    copy_rest,
    copy_short_alert,
    copy_short_fact,
    offset_of,
    parts_of,
)
from pipeline.wire.take import skip_number, skip_text, take_number

_TIMES = 5
_FACTS_AT: Final = offset_of(HEAD, "facts")
_LINKS_AT: Final = offset_of(HEAD, "links")
_EXPECTED_AT: Final = offset_of(HEAD, "expected")


def _rest_of_an_ordinary_fact() -> Bytes:
    fact = np.zeros(1, FACT)
    fact["plain"], fact["expiry"] = -1, NEVER
    return fact.view(np.uint8)[SHORT_FACT_BYTES:]


_ORDINARY: Final = _rest_of_an_ordinary_fact()


@inlined
def _state_of(data: Bytes, at: int) -> int:
    """Return where the state's bytes begin in a framed unit record that we wrote ourselves."""
    at = skip_text(data, at + FRAME_BYTES)  # key
    at = skip_number(data, skip_number(data, at))  # version, sequence
    for _ in range(4):  # item, serial, lifecycle, state
        at = skip_text(data, at)
    for _ in range(2):  # site, custody
        at = at + 1 if data[at] == 0 else skip_text(data, at + 1)
    for _ in range(1 + _TIMES):
        at = at + 1 if data[at] == 0 else skip_number(data, at + 1)
    at = at + 1 if data[at] == 0 else skip_text(data, at + 1)  # lot
    for _ in range(3):  # applied, rejected, open_alerts
        at = skip_number(data, at)
    kinds, at = take_number(data, at)
    for _ in range(kinds):
        at = skip_number(data, skip_text(data, at))
        at = skip_number(data, skip_text(data, at))
    if kinds != 0:
        at += 1
    at = skip_number(data, skip_number(data, at))  # partition, ordinal
    return skip_number(data, at)  # length of the state


@inlined
def _find_states(data: Bytes, starts: Starts, state: Starts, facts: Starts, links: Starts, expected: Starts) -> None:
    for u in range(len(starts) - 1):
        if starts[u + 1] > starts[u]:
            at = _state_of(data, starts[u])
            state[u], facts[u] = at, data[at + _FACTS_AT]
            if data[at + PARTS_AT] & IS_LONG:
                links[u], expected[u] = data[at + _LINKS_AT], data[at + _EXPECTED_AT]


@inlined
def _read_facts(data: Bytes, at: int, facts: Bytes, units: Units, first: int, count: int, ordinary: Bytes) -> int:
    """Read what every fact has; the rest is what an ordinary one leaves out."""
    for j in range(first, first + count):
        copy_short_fact(facts, j * FACT_BYTES, data, at)
        copy_rest(facts, j * FACT_BYTES + SHORT_FACT_BYTES, ordinary, 0)
        at += SHORT_FACT_BYTES
        fact = units.facts[j]
        fact["root"] = fact["scan_id"]
        if fact["flags"] & STATED_FACT:
            fact["plain"] = 0
    return at


@inlined
def _read_rests(data: Bytes, at: int, facts: Bytes, first: int, count: int) -> int:
    """Read what some facts have besides."""
    bits_at = at
    at += TAIL // 8
    for j in range(count):
        if (data[bits_at + j // 8] >> (j % 8)) & 1:
            put_bytes(facts, (first + j) * FACT_BYTES + SHORT_FACT_BYTES, data, at, REST_BYTES)
            at += REST_BYTES
    return at


@inlined
def _read_links(data: Bytes, at: int, units: Units, u: int) -> int:
    first = units.places[u]["first_link"]
    for j in range(first, first + int(units.heads[u]["links"])):
        link = units.links[j]
        link["kind"] = data[at]
        link["length"] = np.int64(data[at + 1]) | np.int64(data[at + 2]) << 8
        link["start"] = ~(at + LINK_FIXED_BYTES)
        at += LINK_FIXED_BYTES + int(link["length"])
    return at


@inlined
def _time_at(data: Bytes, at: int) -> int:
    time = np.int64(0)
    for byte in range(TIME_BYTES):
        time |= np.int64(data[at + byte]) << (8 * byte)
    return int(time)


@inlined
def _read_alerts(data: Bytes, at: int, alerts: Bytes, u: int) -> int:
    for kind in range(ALERTS):
        copy_short_alert(alerts, (u * ALERTS + kind) * ALERT_BYTES, data, at)
        at += SHORT_ALERT_BYTES
    return at


@inlined
def _read_forgotten(data: Bytes, at: int, units: Units, u: int) -> None:
    for kind in range(ALERTS):
        units.alerts[u, kind]["until"] = _time_at(data, at + kind * TIME_BYTES)
    units.places[u]["sighted"] = _time_at(data, at + ALERTS * TIME_BYTES)


@inlined
def _read(data: Bytes, state: Starts, parts: Parts, units: Units, ordinary: Bytes) -> None:
    heads, lives, bases, alerts, facts, expected = parts
    for u in range(len(state)):
        at = state[u]
        if at < 0:
            continue
        head, place, has = units.heads[u], units.places[u], data[at + PARTS_AT]
        head_bytes, life_bytes = SHORT_HEAD_BYTES, SHORT_LIFE_BYTES
        if has & IS_LONG:
            head_bytes, life_bytes = HEAD_BYTES, LIFE_BYTES
        put_bytes(heads, u * HEAD_BYTES, data, at, head_bytes)
        head["format"] = FORMAT
        head["has_base"] = has & HAS_BASE if head["heir"] == 0 else 0
        at += head_bytes
        put_bytes(lives, u * LIFE_BYTES, data, at, life_bytes)
        at = _read_alerts(data, at + life_bytes, alerts, u)
        if has & HAS_BASE:
            put_bytes(bases, u * LIFE_BYTES, data, at, life_bytes)
            at += life_bytes
        at = _read_facts(data, at, facts, units, place["first"], int(head["facts"]), ordinary)
        if has & HAS_RESTS:
            at = _read_rests(data, at, facts, place["first"], int(head["facts"]))
        place["lot_length"] = np.int32(data[at]) - 1
        place["lot_start"] = ~(at + 1)
        at += 1 + max(int(place["lot_length"]), 0)
        at = _read_links(data, at, units, u)
        size = int(head["expected"]) * EXPECTED_BYTES
        put_bytes(expected, place["first_expected"] * EXPECTED_BYTES, data, at, size)
        if has & HAS_FORGOTTEN:
            _read_forgotten(data, at + size, units, u)


def decode_units(
    values: list[bytes | None], incoming: npt.NDArray[np.int64], links: npt.NDArray[np.int64] | None = None
) -> tuple[Units, Bytes]:
    """Lay loaded units out for a batch; None is a unit never seen.

    Args:
        values: framed unit records, as encode_units made them.
        incoming: int64[unit], how many scans of the batch concern each.
        links: int64[unit], how many of them name another unit; none does where it is left out.

    Returns:
        The units and the buffer of loaded bytes, to which the negative starts of lots and links refer.
    """
    data, starts = join([value or b"" for value in values])
    count = len(values)
    state = np.full(count, -1, np.int64)
    remembered, linked, expected = np.zeros((3, count), np.int64)
    _find_states(data, starts, state, remembered, linked, expected)
    slots = slots_for(remembered, incoming)
    link_slots = slots_for(linked, np.zeros(count, np.int64) if links is None else links, LINKS)
    places = np.zeros(count, PLACE)
    places["first"], places["lot_length"] = np.cumsum(slots) - slots, -1
    places["first_link"] = np.cumsum(link_slots) - link_slots
    places["sighted"] = NEVER
    places["first_expected"] = np.cumsum(expected + 1) - expected - 1
    units = Units(
        heads=np.zeros(count, HEAD),
        lives=blank_life(count),
        bases=blank_life(count),
        places=places,
        alerts=np.zeros((count, ALERTS), ALERT),
        facts=np.empty(int(slots.sum()), FACT),
        links=np.zeros(int(link_slots.sum()), LINK),
        expected=np.zeros(int(expected.sum()) + count, EXPECTED),
    )
    units.heads["format"] = FORMAT
    units.alerts["until"] = NEVER
    parts = parts_of(units)
    _read(data, state, parts, units, _ORDINARY)
    return units, data
