"""EPC URNs of pure identities, classes and patterns: read into pairs of AI and value, and written from them.

Source: EPC Tag Data Standard 1.13 and 2.1, section 6; EPCIS 2.0, section 6.4 for classes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.identifiers.epc_schemes import (
    ELSEWHERE,
    PREFIX_LENGTHS,
    SCHEMES,
    Prefix,
    Scheme,
    fields_of_pairs,
    known_prefix,
    pairs_of_fields,
    scheme_of,
)
from pipeline.domain.identifiers.finding import Finding

_ESCAPED: Final = '"#%&/<>?'
_ESCAPES: Final = {letter: f"%{ord(letter):02X}" for letter in _ESCAPED}
_PLAIN: Final = {code: letter for letter, code in _ESCAPES.items()}
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_WRONG: Final = re.compile(r"%(?!2[2356Ff]|3[CcEeFf])|[^%!'-.0-;=A-Z_a-z]")
_UNESCAPED: Final = re.compile(r'["#&/<>?]|%(?![0-9A-Fa-f]{2})')
_ANY: Final = "*"
_URI: Final = re.compile(r"urn:epc:(id|idpat|class):([^:]*):(.*)", re.DOTALL)
_GID_BITS: Final = (28, 24, 36)
_NUMBER: Final = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class EpcRead:
    """What an EPC says."""

    pairs: list[Pair] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    prefix_length: int | None = None
    gid: tuple[str, ...] = ()
    """Manager, class and, where it is one unit, serial of a General Identifier."""
    filter: int = 0


def refused(where: str, rule: str, message: str, nearest: str | None = None) -> EpcRead:
    """Return a reading that found nothing but a fault."""
    return EpcRead(findings=[Finding(where, rule, message, nearest)])


def read_epc_uri(text: str) -> EpcRead:
    """Read `urn:epc:id:…`, `urn:epc:class:lgtin:…` or `urn:epc:idpat:…`; a pattern with `*` names a class."""
    found = _URI.fullmatch(text)
    if found is None:
        return refused(
            "character 1", "epc", "an EPC is written urn:epc:id:scheme:fields; there are id, idpat, class, tag"
        )
    kind, name, body = found.groups()
    if kind == "class":
        return _read_lot(body) if name == "lgtin" else refused("scheme", "epc", f"there is no class of {name!r}")
    if name not in SCHEMES and name != "gid":
        known = f": {ELSEWHERE[name]}; it names no GS1 key and is not read" if name in ELSEWHERE else " is none"
        return refused("scheme", "epc", f"the EPC scheme {name!r}{known}")
    if kind == "idpat" and _ANY in body.split("."):
        return _read_pattern(name, body.split("."))
    return read_gid(body.split("."), is_class_allowed=False) if name == "gid" else read_fields(SCHEMES[name], body)


def _read_pattern(name: str, fields: list[str]) -> EpcRead:
    """Read what stands before the first `*`: a class, if it is as much as that."""
    fields = fields[: fields.index(_ANY)]
    if name == "gid":
        return read_gid(fields, is_class_allowed=True)
    if len(fields) < 2 + SCHEMES[name].pieces // 2:
        return refused("fields", "epc", f"the pattern names no single {name}, nor one class")
    return read_fields(SCHEMES[name], ".".join(fields), is_class=True)


def _read_lot(text: str) -> EpcRead:
    """Read the class of a lot, which is written as an SGTIN with the lot for a serial."""
    found = read_fields(SCHEMES["sgtin"], text)
    pairs = [("10" if ai == "21" else ai, value) for ai, value in found.pairs]
    return EpcRead(pairs, found.findings, found.prefix_length)


def read_gid(fields: list[str], *, is_class_allowed: bool) -> EpcRead:
    """Read a General Identifier: manager, class, serial, each a number."""
    if not len(_GID_BITS) - is_class_allowed <= len(fields) <= len(_GID_BITS):
        return refused("fields", "epc", "a GID has a manager, a class and a serial")
    for text, bits in zip(fields, _GID_BITS, strict=False):
        if not _NUMBER.fullmatch(text) or len(text) > bits or int(text) >= 1 << bits:
            return refused("fields", "epc", f"{text!r} is no number below 2^{bits} without leading zeros")
    return EpcRead(gid=tuple(fields))


def read_fields(scheme: Scheme, text: str, *, is_class: bool = False) -> EpcRead:
    """Read company prefix, reference and what follows; a class needs no serial."""
    count = 2 + scheme.pieces // 2
    fields = _split(scheme, text)
    wanted = count + scheme.has_serial
    if len(fields) != wanted and not (is_class and len(fields) == count):
        return refused("fields", "epc", f"{scheme.name} has {wanted} fields between dots, not {len(fields)}")
    if wrong := _WRONG.search(text):
        return refused(f"fields, character {wrong.start() + 1}", "epc", _escape_fault(wrong[0], text[wrong.start() :]))
    prefix, reference, *rest = split_fields(scheme, text)
    if fault := _misshapen(scheme, prefix, reference, rest):
        return refused("fields", "epc", fault)
    if is_class and len(fields) == count:
        rest = [*rest, ""]
    return EpcRead(pairs_of_fields(scheme, prefix, reference, rest), prefix_length=len(prefix))


def _split(scheme: Scheme, text: str) -> list[str]:
    """Split at the dots between fields; the last field, where it is text, may have dots of its own."""
    count = 2 + scheme.pieces // 2
    return text.split(".", count if scheme.has_serial else 1 if not scheme.digits else -1)


def split_fields(scheme: Scheme, text: str) -> list[str]:
    """Return the plain fields of a well-formed EPC."""
    return [_ESCAPE.sub(lambda run: _PLAIN[run[0].upper()], part) for part in _split(scheme, text)]


def escaped(text: str) -> str:
    """Return fields with the escapes that are missing in them."""
    return _UNESCAPED.sub(lambda letter: _ESCAPES[letter[0]], text)


def is_escaped(text: str) -> bool:
    """Whether every character of fields may stand in an EPC, and every escape is one."""
    return _WRONG.search(text) is None


def _escape_fault(letter: str, text: str) -> str:
    if letter == "%":
        return f"{text[:3]!r} is no escape of an EPC: only {' '.join(_PLAIN)} are"
    return f"{letter!r} is written {_ESCAPES[letter]}" if letter in _ESCAPES else f"{letter!r} may not stand in an EPC"


def _misshapen(scheme: Scheme, prefix: str, reference: str, rest: list[str]) -> str:
    """Say what is wrong with lengths and digits; nothing where all is well."""
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) in PREFIX_LENGTHS):
        return f"the company prefix {prefix!r} is not 6 to 12 digits"
    if scheme.digits:
        digits = scheme.digits - len(prefix)
        if len(reference) != digits or not (reference.isdigit() or not digits):
            return f"behind a company prefix of {len(prefix)} digits stand {digits} digits, not {reference!r}"
    elif not reference:
        return "the reference is empty"
    if "" in rest:
        return "the serial is empty"
    if scheme.pieces and not all(len(part) == 2 and part.isdigit() for part in rest[:-1]):  # noqa: PLR2004
        return "piece and total have two digits each"
    return ""


def epc_fields(values: Mapping[str, str], prefix: Prefix) -> tuple[str, list[str]] | None:
    """Return the scheme and the fields of values by AI; None where they name no single thing, or no prefix is known."""
    scheme = scheme_of(values)
    length = None if scheme is None else known_prefix(scheme, values, prefix)
    if scheme is None or length is None or length not in PREFIX_LENGTHS:
        return None
    fields = fields_of_pairs(scheme, values, length)
    return None if fields is None else (scheme.name, fields)


def write_epc_uri(scheme: str, fields: list[str]) -> str:
    """Write a pure identity."""
    return f"urn:epc:id:{scheme}:{join_fields(fields)}"


def join_fields(fields: list[str]) -> str:
    """Write fields between dots, with escapes."""
    return ".".join("".join(_ESCAPES.get(letter, letter) for letter in field) for field in fields)
