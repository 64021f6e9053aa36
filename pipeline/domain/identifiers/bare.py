"""Codes without a syntax of their own: bare numbers told apart by their length, and codes behind their scheme."""

import re
from collections.abc import Callable
from typing import Final

from pipeline.domain.identifiers.ai_table import AIS
from pipeline.domain.identifiers.devices import Device, read_imei, read_vin
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.gs1_keys import pairs_of, plain_parts
from pipeline.domain.identifiers.identified import Identified, Source
from pipeline.domain.identifiers.reading import Reading, concluded
from pipeline.domain.unit_key import (
    GS1_DIGITS,
    GTIN_DIGITS,
    PARTS_OF_ITEM,
    VIN_LENGTH,
    BadUnitKey,
    UnitKey,
    build,
    parse,
)

_GTINS: Final = frozenset({8, 12, 13, GTIN_DIGITS})
_DIGITS: Final = re.compile(r"[0-9]+")
_IMEI_LENGTHS: Final = frozenset({15, 16})
_DEVICES: Final[dict[str, Callable[[str], Device]]] = {"imei": read_imei, "vin": read_vin}


def read_bare(code: str, text: str, prefix: int | None) -> Identified | None:
    """Read 8, 12, 13 or 14 digits as a GTIN, 18 as an SSCC, 17 characters as a VIN; None where it is none of them."""
    if _DIGITS.fullmatch(text):
        if len(text) in _GTINS:
            write: Callable[[list[tuple[str, str]]], str] = lambda pairs: pairs[0][1][-len(text) :]  # noqa: E731
            return concluded(code, Reading("gtin", [("01", text.zfill(GTIN_DIGITS))], [], [], write, prefix))
        if len(text) == GS1_DIGITS:
            return concluded(code, Reading("sscc", [("00", text)], [], [], lambda pairs: pairs[0][1], prefix))
    if len(text) == VIN_LENGTH and text.isascii() and text.isalnum():
        return _device(code, "vin", text)
    return None


def imei_hint(text: str) -> Finding | None:
    """Return how to write digits that are an IMEI if anything; alone they may be anything."""
    if len(text) not in _IMEI_LENGTHS or read_imei(text).errors:
        return None
    message = f"{len(text)} digits alone may be anything; an IMEI is written with its scheme"
    return Finding("character 1", "scheme", message, f"imei:{text}")


def _device(code: str, scheme: str, text: str) -> Identified:
    serial, errors, warnings = _DEVICES[scheme](text)
    key = None if errors else f"{scheme}:{serial}"
    return Identified(code, scheme, key, None, {}, tuple(warnings), tuple(errors))


def read_schemed(code: str, text: str, prefix: int | None) -> Identified:
    """Read a code behind its scheme: an IMEI, a VIN, a unit key, or the key of a class."""
    scheme, _, rest = text.partition(":")
    if scheme in _DEVICES:
        return _device(code, scheme, rest)
    parts = rest.split("/")
    if scheme == "gtin" and _DIGITS.fullmatch(parts[0]) and len(parts[0]) in _GTINS:
        text = f"{scheme}:{'/'.join([parts[0].zfill(GTIN_DIGITS), *parts[1:]])}"
        parts[0] = parts[0].zfill(GTIN_DIGITS)
    if len(parts) == PARTS_OF_ITEM.get(scheme):
        return _class_alone(code, text, prefix)
    try:
        key = parse(text)
    except BadUnitKey as error:
        return Identified(code, "unit_key", None, None, {}, (), (_bad_key(scheme, parts, str(error)),))
    return _of_key(code, key, prefix)


def _bad_key(scheme: str, parts: list[str], why: str) -> Finding:
    """Return what is wrong with a unit key; the nearest is one written anew, or with its check digit put right."""
    pairs = pairs_of(scheme, parts) or []
    for ai, value in pairs:
        fault = AIS[ai].fault(value)
        if fault and fault.right and pairs[0][0] == ai:
            parts = [fault.right[-len(parts[0]) :] if place == 0 else part for place, part in enumerate(parts)]
    try:
        nearest: str | None = build(scheme, *parts).text
    except BadUnitKey:
        nearest = None
    return Finding(scheme, "unit_key", why, nearest)


def _class_alone(code: str, text: str, prefix: int | None) -> Identified:
    """Read the item of a unit key without a serial."""
    try:
        item = UnitKey.checked(text, "0").item
    except BadUnitKey as error:
        return Identified(code, "unit_key", None, None, {}, (), (_bad_key(text.partition(":")[0], [], str(error)),))
    scheme, parts = plain_parts(UnitKey(item, "0"))
    pairs = pairs_of(scheme, parts[:-1])
    source = Source(tuple(pairs or ()), prefix, tuple(parts[:-1]) if scheme == "gid" else ())
    return Identified(code, "unit_key", None, item, {}, (), (), source)


def _of_key(code: str, key: UnitKey, prefix: int | None) -> Identified:
    """Return what a unit key says, with the forms that its standard has for it."""
    scheme, parts = plain_parts(key)
    pairs = pairs_of(scheme, parts) or []
    faults = [(ai, fault) for ai, value in pairs if (fault := AIS[ai].fault(value))]
    warnings = tuple(
        Finding(f"({ai}) character {fault.at + 1}", fault.rule, f"no GS1 code says this: ({ai}) {fault.message}")
        for ai, fault in faults
    )
    gid = tuple(parts) if scheme == "gid" else ()
    source = Source() if faults else Source(tuple(pairs), prefix, gid)
    return Identified(code, "unit_key", key.text, key.item or None, {}, warnings, (), source)
