"""What an event says of a batch: lot and expiry, from its master data or from the identifier itself."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from pipeline.capture.epcis.names import MASTER_DATA, Prefixes
from pipeline.capture.epcis.things import fitted
from pipeline.wire.scan_fields import CAPS

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[TZ+\-].*)?", re.ASCII)
_AI_DATE: Final = re.compile(r"(\d{2})(\d{2})(\d{2})", re.ASCII)
_LOT, _EXPIRY = "10", "17"
_CENTURY_BACK, _CENTURY_ON = 51, -50


class Batch(NamedTuple):
    """What is known of a unit's batch."""

    lot: str | None
    expiry: int | None
    """Days since 1970."""


def batch_of(ilmd: Mapping[str, Any] | None, prefixes: Prefixes) -> Batch:
    """Return the batch that an event's master data name."""
    named = {prefixes.expanded(name): value for name, value in (ilmd or {}).items()}
    lot = _text(named.get(f"{{{MASTER_DATA}}}lotNumber"))
    return Batch(
        fitted(lot, CAPS["lot"]) if lot else None,
        _days(_ISO_DATE.match(_text(named.get(f"{{{MASTER_DATA}}}itemExpirationDate")))),
    )


def batch_of_unit(attributes: Mapping[str, str], year: int) -> Batch:
    """Return the batch that an identifier carries with it; its dates have no century, which the event's year tells.

    Source: GS1 General Specifications, section 7.12: the century that is nearest.
    """
    found = _AI_DATE.fullmatch(attributes.get(_EXPIRY, ""))
    lot = attributes.get(_LOT)
    if found is None:
        return Batch(lot, None)
    apart = int(found[1]) - year % 100
    century = year // 100 + (-1 if apart >= _CENTURY_BACK else 1 if apart <= _CENTURY_ON else 0)
    return Batch(lot, _day(century * 100 + int(found[1]), int(found[2]), int(found[3])))


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("#text", value.get("@value"))
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _days(found: re.Match[str] | None) -> int | None:
    return None if found is None else _day(int(found[1]), int(found[2]), int(found[3]))


def _day(year: int, month: int, day: int) -> int | None:
    """Return days since 1970; day 0 is the last of the month; None where there is no such day."""
    if not (date.min.year <= year <= date.max.year and 1 <= month <= 12):  # noqa: PLR2004  months
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last).toordinal() - _EPOCH_DAY if day <= last else None
