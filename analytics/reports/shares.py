"""Reports of shares: counts from one question, each share with Wilson's limits."""

from collections.abc import Sequence
from typing import NamedTuple

from analytics.answers import value
from analytics.questions import Row
from analytics.reports.report import Column
from analytics.statistics.wilson import share


class ShareOf(NamedTuple):
    """A share: its column, and the columns of its part and its whole."""

    name: str
    part: str
    whole: str


METHOD = "Wilson's score interval, 95 %; null where the whole is 0"


def with_shares(rows: Sequence[Row], shares: Sequence[ShareOf]) -> list[Row]:
    """Return the rows with each share and its limits behind their counts; unrounded, None of an empty whole."""
    found = [dict(row) for row in rows]
    for one in shares:
        rate = share([row[one.part] for row in rows], [row[one.whole] for row in rows])
        for row, *limits in zip(found, rate.value, rate.low, rate.high, strict=True):
            row |= dict(zip(names_of(one), map(value, limits), strict=True))
    return found


def names_of(one: ShareOf) -> tuple[str, str, str]:
    """Return the columns of a share: itself, its lower and its upper limit."""
    return one.name, f"{one.name}_low", f"{one.name}_high"


def share_columns(one: ShareOf) -> tuple[Column, ...]:
    """Return the columns of a share as a report lists them."""
    name, low, high = names_of(one)
    return (
        Column(name, "share", f"{one.part} / {one.whole}"),
        Column(low, "share", f"lower limit of {name}"),
        Column(high, "share", f"upper limit of {name}"),
    )
