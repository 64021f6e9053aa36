"""Root causes in the ledger: which values of which attributes go with failing.

Flow: lives with attribute values (`queries/causes.sql`) -> each value against the units without it -> the discoveries.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from analytics.answers import Answer, value
from analytics.lifetimes import Asked, LedgerEnd, ledger_end, left_out, parameters, told_end
from analytics.questions import ask, question
from analytics.reasons import of_what_is_left, why_none
from analytics.statistics.baseline import AGE_BANDS
from analytics.statistics.root_cause import FALSE_DISCOVERY_RATE, Cause, Compared, Exposed, Strata, causes, compare
from pipeline.warehouse.client import Warehouse

ATTRIBUTES = ("lot", "site", "month", "supplier", "configuration")
METHOD = (
    "first failures per value against those expected of its unit-days by item and age band, exact conditional "
    f"binomial, Benjamini-Hochberg over all values at {FALSE_DISCOVERY_RATE}, ranked by the lower limit of the ratio; "
    "values that share over 80 % of their failures are one; RELABEL to another unit ends a unit's time at risk, "
    "its new label is a unit of its own"
)
_PAIR = ("attribute", "value")
_NUMBERS = ("failures", "expected", "ratio", "low", "high", "q")


class AskedCauses(NamedTuple):
    """Which attributes, of which items (all where there are none), in whose lifetimes."""

    lifetimes: Asked = Asked()
    attributes: Sequence[str] = ATTRIBUTES
    items: Sequence[str] = ()


def causes_answer(warehouse: Warehouse, asked: AskedCauses, level: float = 0.95) -> Answer:
    """Return the attribute values that go with failing, the most certain first.

    Shape: {kind, level, method, n, events, excluded, …, compared, reason, causes: [{attribute, value, same, failures,
    expected, ratio, low, high, q}]}; `same` are values of hardly any other failures, `compared` how many values were;
    `reason` says why none was, or which attribute asked for no unit has.
    Units: units and their first failures; ages in days, in the bands of `AGE_BANDS`.
    Source: `statistics/root_cause.py`.
    """
    end = ledger_end(warehouse, asked.lifetimes.as_of)
    given = _given(asked, end)
    rows = warehouse.query_frame(question("causes"), given | {"bands": list(AGE_BANDS)})
    whole = rows.filter(pl.col("attribute") == "")  # noqa: PLC1901  a column
    split = rows.filter(pl.col("attribute") != "")  # noqa: PLC1901
    values = split.select(_PAIR).unique(maintain_order=True)
    compared = compare(*_counted(split, whole, values), len(values), level)
    excluded, many = left_out(warehouse, given), int((~np.isnan(compared.q)).sum())
    answer = {
        "kind": "causes", "level": level, "method": METHOD,
        "n": int(whole["units"].sum()), "events": int(whole["failures"].sum()),
        "excluded": excluded, **told_end(end),
        "attributes": list(asked.attributes), "items": list(asked.items), "origin": str(asked.lifetimes.origin),
        "exposure": str(asked.lifetimes.exposure), "event": str(asked.lifetimes.event),
        "compared": many,
    }  # fmt: skip
    reason = _reason(warehouse, answer, given, set(values["attribute"]))
    return answer | {
        "reason": of_what_is_left(reason, answer),
        "causes": [_row(cause, values) for cause in _discovered(warehouse, given, values, compared)],
    }


def _reason(warehouse: Warehouse, answer: Answer, given: dict[str, object], found: set[str]) -> str:
    """Return why nothing was compared, or which attribute that somebody chose no unit has; else nothing."""
    lacking = [name for name in answer["attributes"] if name not in found]
    if not answer["n"]:
        return why_none(answer["excluded"])
    if set(lacking) - set(ATTRIBUTES) or len(lacking) == len(answer["attributes"]):
        return _unstated(warehouse, lacking, given)
    if answer["compared"]:
        return ""
    if not answer["events"]:
        return f"No unit at risk has the event {answer['event']}: there is nothing to explain."
    return "Every value is of all units alike: there are no others to compare with; name other attributes."


def _unstated(warehouse: Warehouse, lacking: Sequence[str], given: dict[str, object]) -> str:
    rows = ask(warehouse, "attributes_stated", data_end=given["data_end"], items=given["items"])
    stated = {"lot", "site", "month"}.union(row["attribute_name"] for row in rows)
    others = ", ".join(sorted(stated.difference(lacking)))
    return f"No unit compared has {' or '.join(lacking) or 'an attribute'}; name any of {others}."


def causes_question(warehouse: Warehouse, asked: AskedCauses) -> tuple[str, dict[str, object]]:
    """Return the name and the parameters of the question behind the causes."""
    end = ledger_end(warehouse, asked.lifetimes.as_of)
    return "causes", _given(asked, end) | {"bands": list(AGE_BANDS)}


def _given(asked: AskedCauses, end: LedgerEnd) -> dict[str, object]:
    chosen = {"attributes": list(asked.attributes), "items": list(asked.items)}
    return parameters(asked.lifetimes, end, every=False) | chosen


def _counted(split: pl.DataFrame, whole: pl.DataFrame, values: pl.DataFrame) -> tuple[Exposed, Strata]:
    """Return the rows as numbers: a value by its place in `values`, an item and band by its place in `whole`."""
    placed = split.join(values.with_row_index("value_at"), on=_PAIR).join(
        whole.select("item", "band").with_row_index("stratum"), on=("item", "band")
    )
    days, failures = (placed[name].to_numpy().astype(np.float64) for name in ("unit_days", "failures"))
    at, stratum = (placed[name].to_numpy().astype(np.int64) for name in ("value_at", "stratum"))
    totals = (whole[name].to_numpy().astype(np.float64) for name in ("unit_days", "failures"))
    return Exposed(at, stratum, days, failures), Strata(*totals)


def _discovered(
    warehouse: Warehouse, given: dict[str, object], values: pl.DataFrame, compared: Compared
) -> list[Cause]:
    chosen = values[np.flatnonzero(compared.q <= FALSE_DISCOVERY_RATE).tolist()]
    if chosen.is_empty():
        return []
    named = {"names": chosen["attribute"].to_list(), "texts": chosen["value"].to_list()}
    shared = warehouse.query_frame(question("causes_shared"), given | named)
    placed = shared.join(values.with_row_index("value_at"), on=_PAIR)
    failure = placed.select(pl.struct("item", "serial").rank("dense"))["item"].to_numpy().astype(np.int64)
    return causes(compared, placed["value_at"].to_numpy().astype(np.int64), failure)


def _row(cause: Cause, values: pl.DataFrame) -> Answer:
    named = dict(zip(_PAIR, values.row(cause.value), strict=True))
    same = [" ".join(values.row(other)) for other in cause.same]
    numbers = {name: value(getattr(cause, name)) for name in _NUMBERS}
    return named | {"same": same} | numbers | {"failures": int(cause.failures)}
