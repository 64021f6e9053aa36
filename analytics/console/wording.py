"""How values are written on pages: times, numbers, ages; the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

MISSING: Final = "–"
_STEPS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands apart: 1,234.5."""
    return MISSING if value is None else f"{value:,.{digits}f}"


def share(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent."""
    return MISSING if value is None else f"{100 * value:.{digits}f} %"


def when(value: datetime | int | None) -> str:
    """Return a time, or milliseconds since 1970, in UTC to the second."""
    moment = moment_of(value)
    return MISSING if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def iso(value: datetime | int | None) -> str:
    """Return a time as programs read it, empty where there is none."""
    moment = moment_of(value)
    return "" if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(value: datetime | int | None) -> datetime | None:
    """Return a time that knows it is UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


def span(seconds: float | None, units: int = 2) -> str:
    """Return a length of time in its greatest units: 3 d 4 h."""
    if seconds is None:
        return MISSING
    rest, parts = max(0, round(seconds)), list[tuple[int, str]]()
    for size, unit in _STEPS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append((count, unit))
    told = [f"{count} {unit}" for count, unit in parts[:units] if count]
    return " ".join(told) or "0 s"


def words(constant: str) -> str:
    """Return a constant as words: IMPOSSIBLE_TRAVEL is Impossible travel."""
    return constant.replace("_", " ").capitalize()
