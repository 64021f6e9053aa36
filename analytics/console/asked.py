"""What a view of rates or lifetimes is asked for: read strictly from an address, and written back into one.

Flow: the parameters of an address -> Wish -> what the statistics take, and the address of the same view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, Final, TypeVar

from analytics.console.problems import Refused
from analytics.lifetimes import END_OF_TIME, Asked, Ending, Origin
from analytics.rates import FIRST_DAY, LAST_DAY, Exposure, Group

_DATE_FORM: Final = "2026-11-02"

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Wish:
    """Whose rates, by what, over which time, from which origin.

    `basis` is the time a unit counts; `origin` is where age 0 is, which curves need and rates per unit-year do not.
    """

    by: tuple[Group, ...] = ()
    basis: Exposure = Exposure.OBSERVED
    origin: Origin = Origin.SOLD
    since: date | None = None
    until: date | None = None

    @property
    def first_day(self) -> date:
        """The first day that counts."""
        return self.since or FIRST_DAY

    @property
    def data_end(self) -> datetime:
        """The end of the last day that counts; later than all scans where none is named."""
        return self.as_of or END_OF_TIME

    @property
    def as_of(self) -> datetime | None:
        """The end of the last day that counts; None: all that is known."""
        return None if self.until is None else end_of(self.until)

    def lifetimes(self, event: Ending = Ending.FAIL) -> Asked:
        """Return the same as the statistics of time take it."""
        return Asked(self.by, self.origin, self.basis, event, self.as_of)

    @property
    def whole(self) -> Wish:
        """The same from the first day on: lives, shares of returns and forecasts are of all that is known by a day."""
        return replace(self, since=None)

    @property
    def query(self) -> dict[str, Any]:
        """The parameters of an address that shows the same."""
        return {
            "by": [str(group) for group in self.by],
            "basis": str(self.basis),
            "origin": str(self.origin),
            "since": "" if self.since is None else self.since.isoformat(),
            "until": "" if self.until is None else self.until.isoformat(),
        }


def wish_of(by: Sequence[str], basis: str, origin: str, since: str, until: str) -> Wish:
    """Return what the parameters of an address ask for; raises Refused, saying what would be right."""
    groups = dict.fromkeys(_word(one, Group, "by") for text in by for one in text.split(",") if one.strip())
    first, last = _day(since, "since"), _day(until, "until")
    if first is not None and last is not None and first > last:
        detail = f"The period begins on {first} and ends on {last}: the last day must not be before the first."
        raise Refused(400, detail)
    return Wish(tuple(groups), _word(basis, Exposure, "basis"), _word(origin, Origin, "origin"), first, last)


def end_of(day: date) -> datetime:
    """Return the last millisecond of a day."""
    return datetime.combine(day, time.max.replace(microsecond=999_000), UTC)


def as_of(text: str) -> datetime | None:
    """Return the end of the day that somebody wrote; None where none is; raises Refused."""
    day = _day(text, "until")
    return None if day is None else end_of(day)


def event_of(text: str) -> Ending:
    """Return the event that curves run to; raises Refused."""
    try:
        return Ending(text.strip().upper())
    except ValueError as fault:
        raise Refused(400, f"event: {text[:40]!r} is none of {', '.join(map(str, Ending))}.") from fault


def _word(text: str, kind: type[Word], name: str) -> Word:
    try:
        return kind(text.strip().lower())
    except ValueError as fault:
        detail = f"{name}: {text[:40]!r} is none of {', '.join(map(str, kind))}."
        raise Refused(400, detail) from fault


def _day(text: str, name: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as fault:
        raise Refused(400, f"{name}: {text[:40]!r} is no date; the form is {_DATE_FORM}.") from fault
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(400, f"{name}: {day} lies outside of {FIRST_DAY} to {LAST_DAY}.")
    return day
