"""The times of events: RFC 3339 texts to milliseconds since 1970 and back.

milliseconds("2026-11-02T09:20:00.0006+01:00")     # rounded half up, with carry
utc(milliseconds(text))                             # "2026-11-02T08:20:00.001Z", as the event hash wants it
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

import numpy as np

_TIME: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_MONTHS: Final = 12
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY_MS, _HOUR_MS, _MINUTE_MS, _SECOND_MS = 86_400_000, 3_600_000, 60_000, 1000
OFFSET: Final = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
"""What eventTimeZoneOffset may be."""


def milliseconds(text: str) -> int | None:
    """Return the moment that a text names, None where it names none or has no zone.

    Units: milliseconds since 1970, UTC; more than milliseconds is rounded, 5 in the fourth place up.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not (year and 1 <= month <= _MONTHS and 1 <= day <= monthrange(year, month)[1]):
        return None
    days = date(year, month, day).toordinal() - _EPOCH_DAY
    clock = int(found[4]) * _HOUR_MS + int(found[5]) * _MINUTE_MS + int(found[6]) * _SECOND_MS
    return days * _DAY_MS + clock + _rounded(found[7] or "") - _offset(found[8])


def utc(moment: int) -> str:
    """Return a moment with three places and the zone Z."""
    return f"{np.datetime64(moment, 'ms')}Z"


def _rounded(fraction: str) -> int:
    digits = f"{fraction[:4]:0<4}"
    return (int(digits) + 5) // 10


def _offset(zone: str) -> int:
    if zone in "Zz":
        return 0
    hours, minutes = zone[1:].split(":")
    size = int(hours) * _HOUR_MS + int(minutes) * _MINUTE_MS
    return -size if zone[0] == "-" else size
