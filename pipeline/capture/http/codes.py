"""Codes as they were read, in any syntax, as unit keys with what else they say of a unit: lot, expiry, attributes.

Flow: texts -> unit keys, or why one names no unit and what would.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from pipeline.domain.identifiers import Identified, identify_many

MOST_BYTES: Final = 8_000
_LOT: Final = "10"
_EXPIRY: Final = "17"
_EPOCH: Final = date(1970, 1, 1)
_CENTURY: Final = 100
_PAST, _FUTURE = 51, 50  # years that two digits reach back and ahead
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


def read_codes(codes: Sequence[str], *, lenient: bool) -> list[Code]:
    """Read each code.

    Args:
        codes: as a reader gave them.
        lenient: also take a raw element string without the FNC1 it has to begin with.
    """
    return [_code(found) for found in identify_many(codes, lenient=lenient)]


def expiry_days(yymmdd: str, this_year: int | None = None) -> int:
    """Return the day of an expiry date of a GS1 code in days since 1970; day 00 is the month's last.

    Source: GS1 General Specifications, 7.12: two digits of a year are within 51 years before and 50 after this one.
    """
    now = datetime.now(UTC).year if this_year is None else this_year
    year, month, day = now - now % _CENTURY + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    if year - now >= _PAST:
        year -= _CENTURY
    elif now - year >= _FUTURE:
        year += _CENTURY
    last = monthrange(year, month)[1]  # of that century: in another the code's 29th of February may be none
    return (date(year, month, min(day, last) or last) - _EPOCH).days


def _code(found: Identified) -> Code:
    if found.unit_key is None:
        return Code(None, _why_not(found))
    if not found.attributes:
        return Code(found.unit_key)
    others = dict(found.attributes)
    lot, expiry = others.pop(_LOT, None), others.pop(_EXPIRY, None)
    return Code(found.unit_key, "", lot, None if expiry is None else expiry_days(expiry), others)


def _why_not(found: Identified) -> str:
    if not found.errors:
        return f"the code names {found.class_key or 'a class of units'}, no single unit: it has no serial"
    first = found.errors[0]
    return f"{first.where}: {first.message}" + (f"; the nearest right one is {first.nearest}" if first.nearest else "")
