"""The fold's own state of a unit as bytes.

Flow: Units arrays -> bytes inside a unit's record; the way back is wire/unit_decode.py.

Head, life, four ALERTs, life of the base, the facts, the rest of some facts, the lot's length, the lot, links,
documents in which the unit is expected, the latest times of what was forgotten: evidence of each alert, a sight of it.
An ordinary unit is written as in format 1, with the first bytes of head, life, alerts and facts: the byte that says
whether there is a base says what else there is.
"""

from typing import Any, Final

import numpy as np

from pipeline.domain.copying import copier_of
from pipeline.domain.inlined import inlined
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import (
    ALERT,
    ALERTS,
    EXPECTED,
    FACT,
    HEAD,
    LIFE,
    NEVER,
    STATED_FACT,
    TAIL,
    Record,
    Units,
)
from pipeline.wire.put import put_bytes, put_number

HEAD_BYTES: Final = HEAD.itemsize
LIFE_BYTES: Final = LIFE.itemsize
ALERT_BYTES: Final = ALERT.itemsize
FACT_BYTES: Final = FACT.itemsize
EXPECTED_BYTES: Final = EXPECTED.itemsize


def offset_of(record: "np.dtype[Any]", name: str) -> int:
    """Return where a field begins."""
    assert record.fields is not None
    return int(record.fields[name][1])


SHORT_HEAD_BYTES: Final = offset_of(HEAD, "members")
SHORT_LIFE_BYTES: Final = offset_of(LIFE, "flags")
SHORT_FACT_BYTES: Final = offset_of(FACT, "set")
SHORT_ALERT_BYTES: Final = offset_of(ALERT, "until")
REST_BYTES: Final = FACT_BYTES - SHORT_FACT_BYTES
PARTS_AT: Final = offset_of(HEAD, "has_base")
HAS_BASE: Final = 1
HAS_RESTS: Final = 2  # after the facts: four bytes, a bit for each that goes on, then what they go on with
IS_LONG: Final = 4  # head and lives are whole
HAS_FORGOTTEN: Final = 8  # at the end: latest times of what was forgotten
TIME_BYTES: Final = 8
FORGOTTEN_BYTES: Final = TIME_BYTES * (ALERTS + 1)
copy_short_fact = copier_of(SHORT_FACT_BYTES)
copy_rest = copier_of(REST_BYTES)
copy_short_alert = copier_of(SHORT_ALERT_BYTES)
LINK_FIXED_BYTES: Final = 3  # kind and length
Parts = tuple[Bytes, Bytes, Bytes, Bytes, Bytes, Bytes]
"""Heads, lives, bases, alerts, facts and expected documents of a batch, as bytes."""


@inlined
def _goes_on(fact: Record) -> bool:
    """Whether a fact has more to say than format 1 had room for."""
    says_more = fact["set"] != 0 or fact["unset"] != 0 or fact["link"] != 0 or fact["depth"] != 0
    is_dated = fact["expiry"] != NEVER or fact["empty"] != 0 or fact["root"] != fact["scan_id"]
    has_paper = fact["paper"] != 0 or fact["sale"] != 0
    plain = 0 if fact["flags"] & STATED_FACT else -1
    return bool(says_more or is_dated or has_paper or fact["plain"] != plain)


@inlined
def _is_long(life: Record) -> bool:
    return bool(life["flags"] != 0 or life["plain"] != 0 or life["sale"] != 0 or life["expiry"] != NEVER)


@inlined
def _has_forgotten(units: Units, u: int) -> bool:
    for kind in range(ALERTS):
        if units.alerts[u, kind]["until"] != NEVER:
            return True
    return bool(units.places[u]["sighted"] != NEVER)


@inlined
def _put_time(out: Bytes, at: int, time: int) -> int:
    for byte in range(TIME_BYTES):
        out[at + byte] = (time >> (8 * byte)) & 255
    return at + TIME_BYTES


@inlined
def _parts(units: Units, u: int) -> tuple[int, int, int]:
    """Return the byte that says what there is of a unit, the facts that go on as bits, and how many they are."""
    head, first = units.heads[u], units.places[u]["first"]
    goes_on, bits = 0, np.int64(0)
    for j in range(head["facts"]):
        if _goes_on(units.facts[first + j]):
            goes_on += 1
            bits |= np.int64(1) << j
    parts = HAS_BASE if head["has_base"] or head["heir"] else 0
    if goes_on > 0:
        parts |= HAS_RESTS
    is_told = head["members"] != 0 or head["edges"] != 0 or head["links"] != 0 or head["expected"] != 0
    if is_told or head["heir"] or _is_long(units.lives[u]) or (parts & HAS_BASE and _is_long(units.bases[u])):
        parts |= IS_LONG
    if _has_forgotten(units, u):
        parts |= HAS_FORGOTTEN
    return parts, int(bits), goes_on


@inlined
def _put_facts(out: Bytes, at: int, facts: Bytes, first: int, count: int, bits: int) -> int:
    for j in range(first, first + count):
        copy_short_fact(out, at, facts, j * FACT_BYTES)
        at += SHORT_FACT_BYTES
    if bits != 0:
        for byte in range(TAIL // 8):
            out[at + byte] = (bits >> (8 * byte)) & 255
        at += TAIL // 8
        for j in range(count):
            if (bits >> j) & 1:
                at = put_bytes(out, at, facts, (first + j) * FACT_BYTES + SHORT_FACT_BYTES, REST_BYTES)
    return at


@inlined
def _put_links(out: Bytes, at: int, units: Units, u: int, scans: Bytes, loaded: Bytes) -> int:
    first = units.places[u]["first_link"]
    for j in range(first, first + int(units.heads[u]["links"])):
        link = units.links[j]
        length = int(link["length"])
        out[at] = link["kind"]
        out[at + 1], out[at + 2] = length & 255, length >> 8
        if link["start"] < 0:
            at = put_bytes(out, at + LINK_FIXED_BYTES, loaded, ~link["start"], length)
        else:
            at = put_bytes(out, at + LINK_FIXED_BYTES, scans, link["start"], length)
    return at


@inlined
def put_state(
    out: Bytes, at: int, parts: Parts, units: Units, u: int, lot: tuple[Bytes, int, int], texts: tuple[Bytes, Bytes]
) -> int:
    """Write the fold's own state, as Avro bytes."""
    heads, lives, bases, alerts, facts, expected = parts
    lot_text, lot_at, lot_length = lot
    head, place = units.heads[u], units.places[u]
    count, links, documents = int(head["facts"]), int(head["links"]), int(head["expected"])
    has, bits, goes_on = _parts(units, u)
    head_bytes, life_bytes = SHORT_HEAD_BYTES, SHORT_LIFE_BYTES
    if has & IS_LONG:
        head_bytes, life_bytes = HEAD_BYTES, LIFE_BYTES
    size = head_bytes + life_bytes + SHORT_ALERT_BYTES * ALERTS + count * SHORT_FACT_BYTES + 1 + max(lot_length, 0)
    size += (life_bytes if has & HAS_BASE else 0) + (TAIL // 8 + goes_on * REST_BYTES if goes_on else 0)
    size += documents * EXPECTED_BYTES + (FORGOTTEN_BYTES if has & HAS_FORGOTTEN else 0)
    for j in range(place["first_link"], place["first_link"] + links):
        size += LINK_FIXED_BYTES + int(units.links[j]["length"])
    at = put_number(out, at, size)
    begin = at
    at = put_bytes(out, at, heads, u * HEAD_BYTES, head_bytes)
    out[begin + PARTS_AT] = has
    at = put_bytes(out, at, lives, u * LIFE_BYTES, life_bytes)
    for kind in range(ALERTS):
        copy_short_alert(out, at, alerts, (u * ALERTS + kind) * ALERT_BYTES)
        at += SHORT_ALERT_BYTES
    if has & HAS_BASE:
        at = put_bytes(out, at, bases, u * LIFE_BYTES, life_bytes)
    at = _put_facts(out, at, facts, place["first"], count, bits)
    out[at] = np.uint8(lot_length + 1)  # 0: no lot
    at = put_bytes(out, at + 1, lot_text, lot_at, max(lot_length, 0))
    if has & IS_LONG:
        at = _put_links(out, at, units, u, texts[0], texts[1])
        at = put_bytes(out, at, expected, place["first_expected"] * EXPECTED_BYTES, documents * EXPECTED_BYTES)
    if has & HAS_FORGOTTEN:
        for kind in range(ALERTS):
            at = _put_time(out, at, units.alerts[u, kind]["until"])
        at = _put_time(out, at, place["sighted"])
    return at


def parts_of(units: Units) -> Parts:
    """Return the arrays of a batch's units as bytes, to copy records from and to."""
    heads, lives, bases, _, alerts, facts, _, expected = (records.reshape(-1).view(np.uint8) for records in units)
    return heads, lives, bases, alerts, facts, expected
