"""Codes as they were read, in any syntax, as unit keys: the seam between the HTTP way in and the identifiers.

Flow: texts -> unit keys, what else the codes say (lot, expiry, other attributes), or why one names no unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from pipeline.domain.unit_key import BadUnitKey, build, parse

_EPOCH: Final = date(1970, 1, 1)
MOST_BYTES: Final = 2_000
_ELEMENT: Final = re.compile(r"\(01\)(\d{14})((?:\(\d{2,4}\)[^(]+)*)")
_PAIR: Final = re.compile(r"\((\d{2,4})\)([^(]+)")


class Code(NamedTuple):
    """What one code came to: a unit key, or why it is none; and what it says besides.

    Units: expiry in days since 1970; `attributes` by application identifier, without lot and expiry.
    """

    key: str | None
    wrong: str = ""
    lot: str | None = None
    expiry: int | None = None
    attributes: dict[str, str] = {}  # noqa: RUF012  never changed


def read_codes(codes: Sequence[str], *, lenient: bool) -> list[Code]:
    """Read each code.

    Args:
        codes: as a reader gave them.
        lenient: also take a raw element string without the FNC1 it has to begin with.
    """
    return [_read(code) for code in codes]


def _read(code: str) -> Code:
    try:
        if (found := _ELEMENT.fullmatch(code)) is not None:
            said = dict(_PAIR.findall(found[2]))
            serial = said.pop("21", None)
            if serial is None:
                return Code(None, "the code names a class of units: it has no serial (21)")
            lot, expiry = said.pop("10", None), said.pop("17", None)
            days = (
                None
                if expiry is None
                else (date(2000 + int(expiry[:2]), int(expiry[2:4]), int(expiry[4:])) - _EPOCH).days
            )
            return Code(build("gtin", found[1], serial).text, "", lot, days, said)
        return Code(parse(code).text)
    except (BadUnitKey, ValueError) as error:
        return Code(None, str(error))
