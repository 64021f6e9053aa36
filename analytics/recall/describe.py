"""A recall in words: predicates that cover what is affected, chosen greedily, each with the units it names needlessly.

Flow: units by (item, lot, site where made, day made), how many of each are affected -> predicates in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from analytics.recall.asked import Predicate

MOST_PREDICATES: Final = 20
_MOST_CANDIDATES: Final = 300
"""Of one kind: those with most affected units."""
_KINDS: Final[tuple[tuple[str, ...], ...]] = (("item",), ("item", "lot"), ("item", "site"), ("item", "lot", "site"))
_WITHOUT_ITEM: Final[tuple[tuple[str, ...], ...]] = (("lot",), ("site",), ("lot", "site"))
"""Units by a key of their own (`vin:`, `imei:`, `giai:`) have no item; what names these may fit units of any item."""
Counts = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Candidate = tuple[Predicate, Counts]
"""A predicate, and the cells whose units it fits."""


class Described(BaseModel):
    """One predicate: the affected units it adds to those before it, and the units it fits that are not affected."""

    predicate: Predicate
    text: str
    units: int
    excess: int


class Description(BaseModel):
    """Predicates that cover the affected units; `not_described` are those that no predicate here fits."""

    predicates: list[Described]
    excess: int
    not_described: int


@dataclass(frozen=True)
class Cells:
    """Units that no predicate tells apart. Shape: one row per (item, lot, site, made); `made` in days, -1 unknown."""

    item: Texts
    lot: Texts
    site: Texts
    made: Counts
    units: Counts
    affected: Counts


def describe(cells: Cells, not_known: int = 0) -> Description:
    """Return predicates: each turn the one that gains most, affected units less others, the shorter one of equals.

    Args:
        cells: of every item that has an affected unit, all units; where an affected unit has no item, all there are.
        not_known: affected units that nothing is known of, so that no predicate fits them.
    """
    kinds = _KINDS if cells.affected.any() else ()
    if cells.affected[cells.item == ""].any():
        kinds += _WITHOUT_ITEM
    candidates = [candidate for kind in kinds for candidate in _candidates(cells, kind)]
    is_open, chosen = np.full(len(cells.units), np.True_), list[Described]()
    while candidates and (cells.affected[is_open] > 0).any() and len(chosen) < MOST_PREDICATES:
        predicate, covered = max(candidates, key=lambda one: _gain(cells, is_open, one[1]))
        units, excess = _worth(cells, is_open, covered)
        if not units:
            break
        chosen.append(Described(predicate=predicate, text=predicate.text(), units=units, excess=excess))
        is_open[covered] = False
    left = int(cells.affected[is_open].sum())
    return Description(predicates=chosen, excess=sum(one.excess for one in chosen), not_described=left + not_known)


def _candidates(cells: Cells, kind: tuple[str, ...]) -> Iterator[Candidate]:
    """Yield the predicates of one kind, each also with the days in which its affected units were made."""
    columns = [getattr(cells, name) for name in kind]
    order = np.lexsort(columns)
    changes = np.any([column[order][1:] != column[order][:-1] for column in columns], axis=0)
    groups = np.split(order, np.flatnonzero(changes) + 1)
    groups = sorted(groups, key=lambda rows: -int(cells.affected[rows].sum()))[:_MOST_CANDIDATES]
    for rows in groups:
        values: dict[str, Any] = {
            f"{name}s": (str(column[rows[0]]),) for name, column in zip(kind, columns, strict=True)
        }
        made = cells.made[rows[cells.affected[rows] > 0]]
        if not len(made) or ("",) in values.values():
            continue  # nothing of it is affected; an unknown lot or site is no condition
        yield Predicate(**values), rows
        first, last = int(made.min()), int(made.max())
        if first >= 0:
            within = (cells.made[rows] >= first) & (cells.made[rows] <= last)
            yield Predicate(**values, made_from=_day(first), made_to=_day(last + 1)), rows[within]


def _worth(cells: Cells, is_open: npt.NDArray[np.bool_], covered: Counts) -> tuple[int, int]:
    """Return the affected units that a predicate would add, and the others."""
    new = covered[is_open[covered]]
    affected = int(cells.affected[new].sum())
    return affected, int(cells.units[new].sum()) - affected


def _gain(cells: Cells, is_open: npt.NDArray[np.bool_], covered: Counts) -> tuple[bool, int]:
    units, excess = _worth(cells, is_open, covered)
    return units > 0, units - excess


def _day(number: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)
