"""Where affected units are: each in exactly one place, of one site; a part is where the outermost unit it is in is."""

from typing import Final

import polars as pl
from pydantic import BaseModel

from analytics.questions import ask
from analytics.recall.affected import Affected
from pipeline.warehouse.client import Warehouse

PLACES: Final = ("on hand", "in transit", "with customer", "returned", "scrapped", "unknown")
"""In the order of the question `recall_known`."""


class Part(BaseModel):
    """The units of one place and site: what holds something bad now, what held it before, what is on a list only."""

    place: str
    site: str
    units: int
    holds_now: int
    held_before: int
    left: int = 0


def site_names(warehouse: Warehouse) -> dict[int, str]:
    """Return the names of sites by their numbers."""
    return {int(row["id"]): str(row["site"]) for row in ask(warehouse, "recall_sites")}


def split(found: Affected, names: dict[int, str]) -> list[Part]:
    """Return the parts, by place and site; their units sum to the units affected."""
    told = {"place": found.place, "site": found.site, "holds_now": found.holds_now, "has_held": found.has_held}
    counted = (
        pl.DataFrame(told)
        .group_by("place", "site", maintain_order=True)
        .agg(units=pl.len(), holds_now=pl.col("holds_now").sum(), held=pl.col("has_held").sum())
    )
    parts = [
        Part(
            place=PLACES[row["place"]],
            site=names.get(row["site"], ""),
            units=row["units"],
            holds_now=row["holds_now"],
            held_before=row["held"] - row["holds_now"],
            left=row["units"] - row["held"],
        )
        for row in counted.iter_rows(named=True)
    ]
    return sorted(parts, key=lambda part: (PLACES.index(part.place), -part.units, part.site))
