"""Periods as people write them, and as numbers that can be subtracted: 7; 2024-06 or Jun 2024; 2024-Q2."""

import re
from typing import NamedTuple

FORMS = "a whole number (7), a month (2024-06, Jun 2024) or a quarter (2024-Q2)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PATTERNS = (
    ("number", re.compile(r"(?P<number>-?\d{1,9})", re.ASCII)),
    ("month", re.compile(r"(?P<year>\d{4})-(?P<part>0[1-9]|1[0-2])", re.ASCII)),
    ("month", re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[ -]+(?P<year>\d{4})", re.ASCII)),
    ("quarter", re.compile(r"(?P<year>\d{4})-?Q(?P<part>[1-4])", re.ASCII)),
)
_PER_YEAR = {"month": 12, "quarter": 4}


class Period(NamedTuple):
    """A period of one kind, counted so that the next one is one more."""

    kind: str
    place: int


def parse_period(text: str) -> Period | None:
    """Return the period, None where the text is none of the forms."""
    for kind, pattern in _PATTERNS:
        if found := pattern.fullmatch(text.strip()):
            return _period(kind, found.groupdict())
    return None


def format_period(period: Period) -> str | int:
    """Return the period as `parse_period` reads it: a number as a number, months as 2024-06, quarters as 2024-Q2."""
    if period.kind == "number":
        return period.place
    year, part = divmod(period.place, _PER_YEAR[period.kind])
    return f"{year:04}-{part + 1:02}" if period.kind == "month" else f"{year:04}-Q{part + 1}"


def _period(kind: str, parts: dict[str, str]) -> Period | None:
    if kind == "number":
        return Period(kind, int(parts["number"]))
    if name := parts.get("name"):
        short = name.lower()[:3]
        return Period(kind, int(parts["year"]) * 12 + _MONTHS.index(short)) if short in _MONTHS else None
    return Period(kind, int(parts["year"]) * _PER_YEAR[kind] + int(parts["part"]) - 1)
