"""Codes without a syntax of their own: bare numbers told apart by their length, and codes behind their scheme."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pipeline.domain.identifiers.ai_table import AIS
from pipeline.domain.identifiers.devices import Device, read_imei, read_vin
from pipeline.domain.identifiers.epc_schemes import EPC_ONLY, Prefix
from pipeline.domain.identifiers.epc_uri import read_epc_uri, read_gid
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.foreign import foreign_name
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
_ANY_SERIAL: Final = "0"
_IMEI_LENGTHS: Final = frozenset({15, 16})
_DEVICES: Final[dict[str, Callable[[str], Device]]] = {"imei": read_imei, "vin": read_vin}


def read_bare(code: str, text: str, prefix: Prefix) -> Identified | None:
    """Read 8, 12, 13 or 14 digits as a GTIN, 18 as an SSCC, 17 characters as a VIN; None where it is none of them."""
    if _DIGITS.fullmatch(text):
        if len(text) in _GTINS:
            write: Callable[[list[tuple[str, str]]], str] = lambda pairs: pairs[0][1][-len(text) :]  # noqa: E731
            return _number(code, text, Reading("gtin", [("01", text.zfill(GTIN_DIGITS))], [], [], write, prefix))
        if len(text) == GS1_DIGITS:
            return _number(code, text, Reading("sscc", [("00", text)], [], [], lambda pairs: pairs[0][1], prefix))
    if len(text) == VIN_LENGTH and text.isascii() and text.isalnum():
        return _device(code, "vin", text)
    return None


def _number(code: str, text: str, reading: Reading) -> Identified:
    """Return what a bare number is, its faults placed in the number as it was written."""
    found = concluded(code, reading)
    if found.ok:
        return found
    errors = [replace(error, where=f"character {len(text)}", message=error.message[5:]) for error in found.errors]
    return replace(found, errors=tuple(errors), attributes={})


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


def read_schemed(code: str, prefix: Prefix) -> Identified:
    """Read a code behind its scheme: an IMEI, a VIN, a unit key, or the key of a class."""
    scheme, _, rest = code.partition(":")
    if scheme in _DEVICES:
        return _device(code, scheme, rest)
    if fault := _no_scheme_of_keys(code, scheme, rest):
        return Identified(code, "unknown", None, None, {}, (), (fault,))
    parts = rest.split("/")
    if scheme == "gtin" and _DIGITS.fullmatch(parts[0]) and len(parts[0]) in _GTINS:
        parts[0] = parts[0].zfill(GTIN_DIGITS)
    is_class = len(parts) == PARTS_OF_ITEM.get(scheme)
    try:
        key = parse("/".join([f"{scheme}:{parts[0]}", *parts[1:], *[_ANY_SERIAL] * is_class]))
    except BadUnitKey as error:
        nearest = _nearest_key(scheme, parts, is_class=is_class) or _as_urn(scheme, rest)
        fault = Finding(scheme, "unit_key", str(error), nearest)
        return Identified(code, "unit_key", None, None, {}, (), (fault,))
    return _described(code, key, is_class=is_class, prefix=prefix)


def _no_scheme_of_keys(code: str, scheme: str, rest: str) -> Finding | None:
    """Return why what a scheme is written before has no key of that scheme: it would have two, or is no unit."""
    if name := foreign_name(code):
        return Finding("character 1", "foreign", f"this is {name}")
    if scheme not in EPC_ONLY:
        return None
    urn, as_gtin = f"urn:epc:{EPC_ONLY[scheme]}:{scheme}:", f"gtin:{rest}"
    nearest = _as_urn(scheme, rest) or (as_gtin if scheme == "sgtin" and _is_key(as_gtin) else None)
    message = f"{scheme} is a scheme of EPCs, which are written {urn}…, and no scheme of unit keys"
    return Finding("character 1", "scheme", message, nearest)


def _as_urn(scheme: str, rest: str) -> str | None:
    """Return the URN of an EPC with these fields, None where it is none."""
    urn = f"urn:epc:{EPC_ONLY.get(scheme, 'id')}:{scheme}:{rest}"
    read = read_epc_uri(urn)
    return None if read.findings or any(AIS[ai].fault(value) for ai, value in read.pairs) else urn


def _is_key(text: str) -> bool:
    try:
        return bool(parse(text).item)
    except BadUnitKey:
        return False


def _nearest_key(scheme: str, parts: list[str], *, is_class: bool) -> str | None:
    """Return the key written anew, its check digit put right; None where it is none even then."""
    for ai, value in (pairs_of(scheme, parts) or [])[:1]:
        start = value.find(parts[0])
        fault = AIS[ai].fault(value)
        if fault and fault.right:
            parts = [fault.right[start : start + len(parts[0])], *parts[1:]]
    try:
        key = build(scheme, *parts, *[_ANY_SERIAL] * is_class)
    except BadUnitKey:
        return None
    return key.item if is_class else key.text


def _described(code: str, key: UnitKey, *, is_class: bool, prefix: Prefix) -> Identified:
    """Return what a key says, with the forms that its standard has for it."""
    scheme, parts = plain_parts(key)
    parts = parts[:-1] if is_class else parts
    pairs = pairs_of(scheme, parts) or []
    faults = [
        Finding(f"({ai}) character {fault.at + 1}", fault.rule, f"no GS1 code says this: ({ai}) {fault.message}")
        for ai, value in pairs
        if (fault := AIS[ai].fault(value))
    ]
    if scheme == "gid":
        faults = read_gid(parts, is_class_allowed=is_class).findings
    source = Source() if faults else Source(tuple(pairs), prefix, tuple(parts) if scheme == "gid" else ())
    return Identified(
        code, "unit_key", None if is_class else key.text, key.item or None, {}, tuple(faults), (), source
    )  # fmt: skip
