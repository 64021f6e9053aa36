"""Moments as they are sent: RFC 3339 with a zone, or milliseconds since 1970; rounded to milliseconds, half up."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = _EPOCH.date()
_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = np.iinfo(np.int64).max
_SECONDS: Final = 100_000_000_000  # a smaller number is no time of today in milliseconds, but may be one in seconds
_SHOWN: Final = 60


def moment_of(value: object) -> int | None:
    """Return the moment of one JSON value in milliseconds since 1970, None where it is none or has no zone."""
    if type(value) is str:
        if _RFC_3339.fullmatch(value) is None:
            return None
        try:  # microseconds are cut, not rounded, by what reads them: no half is made or lost
            return ((datetime.fromisoformat(value.upper()) - _EPOCH) // _MICROSECOND + 500) // 1000
        except (ValueError, OverflowError):  # a 30th of February; a year beyond Python's by its zone
            return None
    return value if type(value) is int and _SECONDS <= value <= _LATEST else None


def days_of(text: str) -> int | None:
    """Return a date YYYY-MM-DD in days since 1970, None where it is none."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return (date.fromisoformat(text) - _FIRST_DAY).days
    except ValueError:
        return None


def no_moment(value: object) -> str:
    """Return why a value is no moment, and what would be one."""
    shown = repr(value)[:_SHOWN]
    if type(value) is int and 0 < value < _SECONDS:
        return f"{shown} looks like seconds; milliseconds since 1970 are {value * 1000}"
    return f"{shown} is no time; the form is 2026-11-02T09:20:00.000Z, with its zone, or milliseconds since 1970"
