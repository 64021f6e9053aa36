"""The schemes of the Electronic Product Code, as data, and how each is made of a GS1 key and taken apart again.

Source: EPC Tag Data Standard 1.13 and 2.1, sections 6.3 and 7.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.identifiers.prefix_table import PrefixTable
from pipeline.domain.unit_key import NO_EXTENSION, PARTS_OF_ITEM, check_digit

_GTIN8: Final = "000000"
_GTIN8_PREFIX: Final = 8
PREFIX_LENGTHS: Final = range(6, 13)
"""A company prefix of 4 or 5 digits is used with the digit or two behind it, as one of 6 (TDS 2, section 7)."""


Prefix = int | PrefixTable | None
"""How many digits the company prefix has: read from an EPC, looked up, or not known."""


class Scheme(NamedTuple):
    """One scheme: its URN is company prefix, reference, and what follows."""

    name: str
    ai: str
    digits: int
    """Digits of company prefix and reference together; 0 where the reference is text."""
    is_leading: bool = False
    """The reference's first digit (indicator, extension) stands before the company prefix in the key."""
    serial_ai: str = ""
    """The AI of the serial; where empty and `has_serial`, the serial ends the key's own value."""
    has_serial: bool = False
    filler: str = ""
    """Digits of the AI's value before the key."""
    pieces: int = 0
    """Digits behind the check digit that are fields of two digits each (piece, total)."""


SCHEMES: Final = {
    scheme.name: scheme
    for scheme in (
        Scheme("sgtin", "01", 13, is_leading=True, serial_ai="21", has_serial=True),
        Scheme("sscc", "00", 17, is_leading=True),
        Scheme("sgln", "414", 12, serial_ai="254", has_serial=True),
        Scheme("grai", "8003", 12, has_serial=True, filler="0"),
        Scheme("giai", "8004", 0),
        Scheme("gsrn", "8018", 17),
        Scheme("gsrnp", "8017", 17),
        Scheme("gdti", "253", 12, has_serial=True),
        Scheme("sgcn", "255", 12, has_serial=True),
        Scheme("cpi", "8010", 0, serial_ai="8011", has_serial=True),
        Scheme("itip", "8006", 13, is_leading=True, serial_ai="21", has_serial=True, pieces=4),
        Scheme("upui", "01", 13, is_leading=True, serial_ai="235", has_serial=True),
        Scheme("pgln", "417", 12),
        Scheme("gsin", "402", 16),
        Scheme("ginc", "401", 0),
    )
}
EPC_ONLY: Final = {"lgtin": "class"} | {scheme: "id" for scheme in SCHEMES if scheme not in PARTS_OF_ITEM}
"""Schemes whose things have a unit key of another scheme, or none, by the kind of their URN."""
ELSEWHERE: Final = {
    "usdod": "US Department of Defense",
    "adi": "aerospace and defence",
    "bic": "shipping containers, ISO 6346",
    "imovn": "vessels, IMO",
}
"""Schemes that are no GS1 key."""


def pairs_of_fields(scheme: Scheme, prefix: str, reference: str, rest: list[str]) -> list[Pair]:
    """Return the pairs of a URN's fields; `rest` is what follows the reference."""
    number = reference[:1] + prefix + reference[1:] if scheme.is_leading else prefix + reference
    value = scheme.filler + number + (str(check_digit(number)) if scheme.digits else "")
    if scheme.pieces:
        value += "".join(rest[:-1])
    serial = rest[-1] if scheme.has_serial else ""
    if not scheme.serial_ai:
        return [(scheme.ai, value + serial)]
    if not serial or (scheme.name == "sgln" and serial == NO_EXTENSION):
        return [(scheme.ai, value)]
    return [(scheme.ai, value), (scheme.serial_ai, serial)]


def scheme_of(values: Mapping[str, str]) -> Scheme | None:
    """Return the scheme of the first key among values by AI."""
    ai = next((ai for ai in values if ai in _BY_AI), None)
    if ai is None:
        return None
    schemes = _BY_AI[ai]
    return next((scheme for scheme in schemes if scheme.serial_ai in values), schemes[0])


_BY_AI: Final[dict[str, list[Scheme]]] = {}
for _scheme in SCHEMES.values():
    _BY_AI.setdefault(_scheme.ai, []).append(_scheme)


def known_prefix(scheme: Scheme, values: Mapping[str, str], given: Prefix) -> int | None:
    """Return the length of the company prefix: as an EPC said, else looked up.

    A GTIN-8's is 8 by rule; one of 4 or 5 digits counts as 6.
    """
    if isinstance(given, int):
        return given
    if scheme.is_leading and scheme.digits == 13 and values[scheme.ai].startswith(_GTIN8):  # noqa: PLR2004
        return _GTIN8_PREFIX
    if given is None:
        return None
    found = given.length_of(values[scheme.ai][len(scheme.filler) + scheme.is_leading :])
    return found and max(found, PREFIX_LENGTHS.start)


def fields_of_pairs(scheme: Scheme, values: Mapping[str, str], prefix_length: int) -> list[str] | None:
    """Return a URN's fields; None where the values name a class only, or the prefix is longer than the number."""
    value = values[scheme.ai][len(scheme.filler) :]
    size = scheme.digits + 1 if scheme.digits else len(value)
    number, behind = value[:size], value[size:]
    prefix, reference = _split(scheme, number, prefix_length)
    if len(prefix) < prefix_length or (not scheme.digits and not (prefix.isdigit() and reference)):
        return None
    fields = [prefix, reference]
    if scheme.pieces:
        fields += [behind[:2], behind[2:]]
        behind = ""
    if not scheme.has_serial:
        return fields
    serial = values.get(scheme.serial_ai, "") if scheme.serial_ai else behind
    serial = serial or (NO_EXTENSION if scheme.name == "sgln" else "")
    return [*fields, serial] if serial else None


def _split(scheme: Scheme, number: str, prefix_length: int) -> tuple[str, str]:
    text = number[:-1] if scheme.digits else number
    if not scheme.is_leading:
        return text[:prefix_length], text[prefix_length:]
    return text[1 : prefix_length + 1], text[0] + text[prefix_length + 1 :]
