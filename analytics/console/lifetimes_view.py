"""Lifetimes as a page shows them: curves with bands, numbers at risk, the test between groups, the Weibull fit.

Flow: lives out of the warehouse, asked once -> the answers of all statistics of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from analytics.answers import Answer, curve_answer, log_rank_answer, weibull_answer
from analytics.console.plots.curves import numbers_at_risk
from analytics.lifetimes import Asked, Lives, age_tables, lives
from pipeline.warehouse.client import Warehouse

LEVEL: Final = 0.95
_FEWEST_GROUPS: Final = 2
MOST_CURVES: Final = 50
"""Groups with a curve: with more, a page would be waited for, and nobody could read it."""


@dataclass(frozen=True)
class Lifetimes:
    """What is known of the lifetimes asked for.

    Shape: `curve` is an answer of survival or cumulative incidence; `test` None where there are no groups to compare;
    `ages` and `at_risk` the table below the curve; `fits` None where not asked for; `left_out` groups without a curve,
    those with the fewest events.
    """

    curve: Answer
    test: Answer | None
    ages: list[float]
    at_risk: list[dict[str, Any]]
    fits: Answer | None
    found: Lives
    left_out: int


def lifetimes(warehouse: Warehouse, asked: Asked, kind: str = "survival", *, with_fits: bool = False) -> Lifetimes:
    """Ask once whose lifetimes they are and return every statistic of them.

    Args:
        warehouse: The ledger's.
        asked: Whose, by what, from when.
        kind: The curve: survival, hazard or cumulative_incidence.
        with_fits: Whether Weibull fits are wanted, too.

    Raises: WarehouseDown, WarehouseRefused.
    """
    found = lives(warehouse, asked, every=False)
    kept = found._replace(rows={group: found.rows[group] for group in _with_most_events(found)})
    tables = age_tables(kept)
    ages, at_risk = numbers_at_risk(tables)
    return Lifetimes(
        curve=curve_answer(kind, tables, found.excluded, LEVEL),
        test=log_rank_answer(tables, found.excluded, LEVEL) if len(tables) >= _FEWEST_GROUPS else None,
        ages=ages,
        at_risk=at_risk,
        fits=weibull_answer(tables, found.excluded, LEVEL) if with_fits else None,
        found=found,
        left_out=len(found.rows) - len(tables),
    )


def _with_most_events(found: Lives) -> list[str | None]:
    """Return the groups that get a curve, those with most events first: a plot shows the first of them."""
    events = {group: rows.filter(pl.col("ending") == "EVENT")["units"].sum() for group, rows in found.rows.items()}
    return sorted(events, key=lambda group: (-events[group], str(group)))[:MOST_CURVES]
