"""Where affected units are: each in exactly one place, of one site; a part is where the outermost unit it is in is."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from analytics.questions import ask
from analytics.recall.affected import Affected
from pipeline.warehouse.client import Warehouse

PLACES: Final = ("on hand", "in transit", "with customer", "returned", "scrapped", "unknown")
"""In the order of the question `recall_known`."""


class Part(BaseModel):
    """The units of one place and site: what holds something bad now, and what held it before."""

    place: str
    site: str
    units: int
    holds_now: int
    held_before: int


def site_names(warehouse: Warehouse) -> dict[int, str]:
    """Return the names of sites by their numbers."""
    return {int(row["id"]): str(row["site"]) for row in ask(warehouse, "recall_sites")}


def split(found: Affected, names: dict[int, str]) -> list[Part]:
    """Return the parts, by place and site; their units sum to the units affected."""
    sites, at = np.unique(found.site, return_inverse=True)
    cells = at * len(PLACES) + found.place
    now = _counts(cells[found.holds_now], len(sites))
    total = _counts(cells, len(sites))
    parts = [
        Part(
            place=PLACES[cell % len(PLACES)],
            site=names.get(int(sites[cell // len(PLACES)]), ""),
            units=int(total[cell]),
            holds_now=int(now[cell]),
            held_before=int(total[cell] - now[cell]),
        )
        for cell in np.flatnonzero(total)
    ]
    return sorted(parts, key=lambda part: (PLACES.index(part.place), -part.units, part.site))


def _counts(cells: npt.NDArray[Any], sites: int) -> npt.NDArray[np.int64]:
    return np.bincount(cells, minlength=sites * len(PLACES))
