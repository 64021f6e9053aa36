"""The units of affected items, counted by what a predicate can tell apart; where they were made only if it matters.

Flow: what is known of units, which are affected -> cells -> a description.
"""

import numpy as np
import polars as pl

from analytics.questions import ask, question
from analytics.recall.affected import Affected
from analytics.recall.columns import Ledger, first_sites
from analytics.recall.describe import Cells, Description, describe
from pipeline.warehouse.client import Warehouse


def described(warehouse: Warehouse, ledger: Ledger, found: Affected) -> Description:
    """Return the affected units in predicates, with sites where those without leave an excess."""
    names = _names(warehouse)
    units = _units(ledger, found, names)
    not_known = int((found.row < 0).sum())
    without_sites = describe(_cells(units, names), not_known)
    if not without_sites.excess:
        return without_sites
    vague = [one.predicate for one in without_sites.predicates if one.excess]
    items = sorted({item for predicate in vague for item in predicate.items or names["item"]})
    made_at = warehouse.query_frame(question("recall_made_at"), {"items": items})
    if len(ledger.labels):
        made_at = made_at.update(first_sites(warehouse, ledger.labels), on="unit")
    with_sites = units.drop("site").join(made_at, on="unit", how="left").with_columns(pl.col("site").fill_null(""))
    closer = describe(_cells(with_sites, names), not_known)
    return min(without_sites, closer, key=lambda one: (one.not_described, one.excess, len(one.predicates)))


def _names(warehouse: Warehouse) -> pl.DataFrame:
    """Return items and lots by cell."""
    return pl.DataFrame(ask(warehouse, "recall_cells"), schema={"cell": pl.UInt64, "item": pl.String, "lot": pl.String})


def _units(ledger: Ledger, found: Affected, names: pl.DataFrame) -> pl.DataFrame:
    """Return the units of affected items, without retired labels: unit, cell, site (empty), made, is_affected.

    All units where an affected one has no item: what describes that may fit any.
    """
    known = ledger.known
    is_affected = np.zeros(len(known.unit), np.bool_)
    is_affected[found.row[found.row >= 0]] = True
    units = pl.DataFrame({"unit": known.unit, "cell": known.cell, "made": known.made, "is_affected": is_affected})
    if len(ledger.labels):
        units = units.filter(~pl.Series(ledger.labels.are(known.unit)))
    touched = units.filter("is_affected").select(pl.col("cell").unique()).join(names, on="cell").select("item").unique()
    is_without = bool((touched["item"] == "").any())
    cells = (names if is_without else names.join(touched, on="item", how="semi")).select("cell")
    return units.join(cells, on="cell", how="semi").with_columns(pl.lit("").alias("site"))


def _cells(units: pl.DataFrame, names: pl.DataFrame) -> Cells:
    by = ("cell", "site", "made")
    counted = units.group_by(by).agg(units=pl.len(), affected=pl.col("is_affected").sum()).join(names, on="cell")
    counted = counted.sort("item", "lot", "site", "made")
    texts = [counted[name].to_numpy().astype(object) for name in ("item", "lot", "site")]
    numbers = [counted[name].to_numpy().astype(np.int64) for name in ("made", "units", "affected")]
    return Cells(*texts, *numbers)
