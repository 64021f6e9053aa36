"""Affected units by name, one by one: for a list that is kept, a file, a page.

Flow: units as numbers -> rows with key, item, serial, lot, place, site and intervals.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from analytics.genealogy import BEGINNING, FOREVER
from analytics.questions import question
from analytics.recall.affected import Affected
from analytics.recall.places import PLACES
from analytics.unit_rows import Ids
from pipeline.warehouse.client import Warehouse

_MOST_ASKED: Final = 20_000
"""Above this all keys are read: a question takes only so many numbers."""
_AT_ONCE: Final = 2_000
_KEYS: Final = pl.Schema(
    {"unit": pl.UInt64, "unit_key": pl.String, "item": pl.String, "serial": pl.String, "lot": pl.String}
)
_TIME: Final = pl.Datetime("ms", "UTC")


def listed(warehouse: Warehouse, found: Affected, sites: dict[int, str]) -> pl.DataFrame:
    """Return one row per unit, ordered by item and serial.

    Shape: unit, unit_key, item, serial, lot, holds_now, place, site, held_from, held_to (lists; null: from its
    beginning, or holds it still).
    """
    names, at = np.unique(found.site, return_inverse=True)
    texts = pl.Series([sites.get(int(name), "") for name in names], dtype=pl.String)
    units = pl.DataFrame(
        {
            "unit": found.unit,
            "holds_now": found.holds_now,
            "place": pl.Series(PLACES, dtype=pl.String).gather(found.place.astype(np.uint32)),
            "site": texts.gather(at.astype(np.uint32)) if len(texts) else pl.Series([], dtype=pl.String),
        }
    )
    units = units.join(keys(warehouse, found.unit), on="unit", how="left").join(
        _intervals(found), on="unit", how="left"
    )
    no_times = pl.lit([], dtype=pl.List(_TIME))
    return (
        units.with_columns(
            pl.col("held_from").fill_null(no_times), pl.col("held_to").fill_null(no_times),
            pl.col("unit_key", "item", "serial", "lot").fill_null(""),
        )
        .sort("item", "serial", "unit_key")
        .select("unit", "unit_key", "item", "serial", "lot", "holds_now", "place", "site", "held_from", "held_to")
    )  # fmt: skip


def holds(unit: Mapping[str, Any]) -> str:
    """Return whether a unit holds something bad now, held it before, or is on the list only."""
    if unit["holds_now"]:
        return "now"
    return "left" if unit.get("is_listed_only") else "before"


def keys(warehouse: Warehouse, units: Ids) -> pl.DataFrame:
    """Return unit, unit_key, item, serial and lot of units; those never scanned have a key, and what it says."""
    if len(units) > _MOST_ASKED:
        wanted = pl.DataFrame({"unit": units})
        found = _asked(warehouse, "recall_keys", [np.empty(0, np.uint64)]).join(wanted, on="unit", how="semi")
    else:
        found = _asked(warehouse, "recall_keys", _in_parts(units))
    missing = np.setdiff1d(units, found["unit"].to_numpy())
    if not len(missing):
        return found
    named = _asked(warehouse, "recall_only_named", _in_parts(missing)).unique("unit")
    key = pl.col("unit_key")
    named = named.with_columns(
        item=pl.when(key.str.contains("/")).then(key.str.replace(r"/[^/]*$", "")).otherwise(pl.lit("")),
        serial=key.str.extract(r"([^/]*)$"),
        lot=pl.lit(""),
    )
    return pl.concat([found, named.select(found.columns)])


def hash_of(unit_keys: Iterable[str]) -> str:
    """Return the SHA-256 of a list: its keys in order, a line feed behind each."""
    digest = hashlib.sha256()
    for key in sorted(unit_keys):
        digest.update(key.encode() + b"\n")
    return digest.hexdigest()


def _in_parts(units: Ids) -> list[Ids]:
    return [units[at : at + _AT_ONCE] for at in range(0, len(units), _AT_ONCE)]


def _asked(warehouse: Warehouse, name: str, parts: list[Ids]) -> pl.DataFrame:
    frames = [warehouse.query_frame(question(name), {"units": part.tolist()}) for part in parts]
    frames = [frame for frame in frames if frame.width]
    columns = {"recall_keys": _KEYS}.get(name, pl.Schema({"unit": pl.UInt64, "unit_key": pl.String}))
    return pl.concat([frame.cast(columns) for frame in frames]) if frames else pl.DataFrame(schema=columns)


def _intervals(found: Affected) -> pl.DataFrame:
    """Return the intervals of each unit as lists: unit, held_from, held_to."""
    before = np.cumsum(found.many) - found.many
    rows = np.repeat(found.first - before, found.many) + np.arange(int(found.many.sum()))
    held = {"unit": np.repeat(found.unit, found.many), "held_from": found.start[rows], "held_to": found.end[rows]}
    return (
        pl.DataFrame(held)
        .group_by("unit", maintain_order=True)
        .agg(_time(pl.col("held_from"), BEGINNING), _time(pl.col("held_to"), FOREVER))
    )


def _time(column: pl.Expr, unbounded: int) -> pl.Expr:
    return pl.when(column != unbounded).then(column).otherwise(None).cast(_TIME)
