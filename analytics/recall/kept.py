"""The lists of recalls, kept in the table `recall_units`.

Flow: units one by one -> rows, written once; a recall's id -> the numbers of the units on its list.
"""

import io
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.recall.columns import columns
from analytics.unit_rows import Ids
from pipeline.warehouse.client import Warehouse

_COLUMNS = "recall, has_joined, unit_key, item, serial, lot, holds_now, held_from, held_to"
_ROWS_AT_ONCE = 200_000


class Listed(NamedTuple):
    """The units on a list. Shape: one row per unit."""

    unit: Ids
    has_joined: npt.NDArray[np.bool_]


def keep(warehouse: Warehouse, recall: str, units: pl.DataFrame, *, has_joined: bool) -> None:
    """Write units on a recall's list; again is once."""
    rows = units.select(
        pl.lit(recall).alias("recall"), pl.lit(has_joined).alias("has_joined"), "unit_key", "item", "serial", "lot",
        "holds_now", "held_from", "held_to",
    )  # fmt: skip
    for at in range(0, len(rows), _ROWS_AT_ONCE):
        body = io.BytesIO()
        rows.slice(at, _ROWS_AT_ONCE).write_ipc_stream(body, compat_level=pl.CompatLevel.oldest())
        warehouse.insert_avro(f"INSERT INTO recall_units ({_COLUMNS}) FORMAT ArrowStream", body.getvalue())


def listed_units(warehouse: Warehouse, recall: str) -> Listed:
    """Return the units on a recall's list."""
    types = {"unit": np.dtype(np.uint64), "has_joined": np.dtype(bool)}
    return Listed(**columns(warehouse, "recall_listed", types, recall=recall))
