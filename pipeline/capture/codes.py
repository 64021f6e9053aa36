"""Codes as they were read, in any syntax, as unit keys with what else they say of a unit: lot, expiry, attributes.

Flow: texts -> unit keys, or why one names no unit and what would.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from pipeline.domain.identifiers import Convention, Identified, identify, identify_many

MOST_BYTES: Final = 8_000
_LOT: Final = "10"
_EXPIRY: Final = "17"
_EPOCH: Final = date(1970, 1, 1)
_CENTURY: Final = 100
_PAST, _FUTURE = 51, 50  # years that two digits reach back and ahead
_UNDECLARED: Final = frozenset({"gtin", "sscc", "vin", "imei", "epc_hex", "unbracketed", "unknown"})
_NOTHING: Final[dict[str, str]] = {}


class Code(NamedTuple):
    """What one code came to: a unit key, or why it is none; and what it says besides.

    Units: expiry in days since 1970; `attributes` by application identifier, without lot and expiry.
    """

    key: str | None
    wrong: str = ""
    lot: str | None = None
    expiry: int | None = None
    attributes: dict[str, str] = _NOTHING


@dataclass(frozen=True)
class CodeReader:
    """How codes are read here.

    `lenient` also takes a raw element string without the FNC1 it has to begin with; `conventions` are what else an
    organisation's codes may be.
    """

    lenient: bool = False
    conventions: tuple[Convention, ...] = ()

    def read(self, codes: Sequence[str]) -> list[Code]:
        """Read each code."""
        year = datetime.now(UTC).year
        found = identify_many(codes, lenient=self.lenient)
        if self.conventions:
            found = [self._declared(one, year) if one.syntax in _UNDECLARED else one for one in found]
        return [_code(one, year) for one in found]

    def read_one(self, code: str) -> Code:
        """Read one code exactly as among many, without what it costs to make ready for many."""
        year = datetime.now(UTC).year
        return _code(identify(code, lenient=self.lenient, conventions=self.conventions, this_year=year), year)

    def _declared(self, found: Identified, year: int) -> Identified:
        """Ask again about a code that says by nothing what it is: conventions go before what goes by length alone."""
        return identify(found.input, lenient=self.lenient, conventions=self.conventions, this_year=year)


CODES: Final = CodeReader()
"""As the standards say, nothing more."""


@lru_cache(maxsize=10_000)
def expiry_days(yymmdd: str, now: int) -> int:
    """Return the day of an expiry date of a GS1 code in days since 1970; day 00 is the month's last.

    Args:
        yymmdd: as the code has it.
        now: this year.

    Source: GS1 General Specifications, 7.12: two digits of a year are within 51 years before and 50 after this one.
    """
    year, month, day = now - now % _CENTURY + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    if year - now >= _PAST:
        year -= _CENTURY
    elif now - year >= _FUTURE:
        year += _CENTURY
    last = monthrange(year, month)[1]  # of that century: in another the code's 29th of February may be none
    return (date(year, month, min(day, last) or last) - _EPOCH).days


def _code(found: Identified, year: int) -> Code:
    if found.unit_key is None:
        return Code(None, _why_not(found))
    others = found.attributes  # nobody else's any more
    if not others:
        return Code(found.unit_key)
    lot, expiry = others.pop(_LOT, None), others.pop(_EXPIRY, None)
    return Code(found.unit_key, "", lot, None if expiry is None else expiry_days(expiry, year), others)


def _why_not(found: Identified) -> str:
    if not found.errors:
        return f"the code names {found.class_key or 'a class of units'}, no single unit: it has no serial"
    first = found.errors[0]
    return f"{first.where}: {first.message}" + (f"; the nearest right one is {first.nearest}" if first.nearest else "")
