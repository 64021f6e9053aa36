"""Early warning in the ledger: lots that fail more than their item's other lots, day by day.

Flow: lives by lot (`queries/lot_days.sql`, `queries/lot_failures.sql`) -> expected and seen each day -> alarms.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from analytics.answers import Answer
from analytics.lifetimes import Asked, LedgerEnd, ledger_end, left_out, parameters, told_end
from analytics.questions import question
from analytics.statistics.arrays import Floats
from analytics.statistics.baseline import (
    AGE_BANDS,
    LEAST_BASELINE_FAILURES,
    TRAILING_DAYS,
    Expected,
    expected_failures,
)
from analytics.statistics.early_warning import DAYS_PER_FALSE_ALARM, RATIO, Watched, cusum, healthy_threshold
from pipeline.warehouse.client import Warehouse

WATCHED_DAYS = 365
MOST_DAYS = 730
"""More would take much memory: a number per lot, day and age band."""
METHOD = (
    f"daily Poisson CUSUM per item and lot against {RATIO:g} times the expected: unit-days by age band at the rates of "
    f"the item's other lots in the {TRAILING_DAYS} days before, not tested under {LEAST_BASELINE_FAILURES} failures of "
    f"theirs; threshold by simulation, at most one false alarm per {DAYS_PER_FALSE_ALARM:g} days of the whole ledger"
)
_EPOCH = date(1970, 1, 1)
_LOT = ("item", "lot")
_QUESTIONS = ("lot_days", "lot_failures")
_THRESHOLDS: dict[bytes, float] = {}
"""What was simulated lately, by a hash of what it was simulated for."""
_MOST_THRESHOLDS = 64


class AskedWarnings(NamedTuple):
    """Whose lifetimes, of which items (all where there are none), over how many last days."""

    lifetimes: Asked = Asked()
    items: Sequence[str] = ()
    days: int = WATCHED_DAYS


class Streams(NamedTuple):
    """What was expected and seen of each lot, on each day watched.

    Shape: lots has a row per stream (item, lot); the arrays (streams, days), baseline (streams, days) too: failures of
    the other lots that the expectation rests on.
    """

    lots: pl.DataFrame
    expected: Floats
    seen: Floats
    baseline: Floats


def warnings_answer(warehouse: Warehouse, asked: AskedWarnings) -> Answer:
    """Return the lots that raised the alarm, the newest first, and those that could not be tested.

    Shape: {kind, method, excluded, data_end, …, days, threshold, streams, not_tested: [{item, lot, baseline}],
    warnings: [{item, lot, began, warned, failures, expected, ratio}]}; a row per alarm, from the day on which the sum
    last was 0 to the day of the alarm. Not tested is a lot whose item's others never had enough failures in these days;
    `baseline` is the most they had.
    Units: first failures, on the day they became known (the last day for what came after it); days in UTC.
    Source: `statistics/early_warning.py`, `statistics/baseline.py`.
    """
    end = ledger_end(warehouse, asked.lifetimes.as_of)
    given = _given(asked, end)
    changes, failures = (warehouse.query_frame(question(name), given) for name in _QUESTIONS)
    last = _last_day(end.data_end)
    streams = _streams(changes, failures, last, asked.days)
    threshold = _threshold(streams)
    alarms = [] if threshold is None else _alarms(streams, threshold, last - asked.days + 1)
    return {
        "kind": "warnings", "method": METHOD, "excluded": left_out(warehouse, given), **told_end(end),
        "origin": str(asked.lifetimes.origin), "exposure": str(asked.lifetimes.exposure),
        "event": str(asked.lifetimes.event), "items": list(asked.items), "days": asked.days, "threshold": threshold,
        "streams": len(streams.lots),
        "not_tested": [
            {"item": item, "lot": lot, "baseline": int(count)}
            for (item, lot), count in zip(streams.lots.rows(), streams.baseline.max(axis=1).tolist(), strict=True)
            if count < LEAST_BASELINE_FAILURES
        ],
        "warnings": alarms,
    }  # fmt: skip


def warnings_question(warehouse: Warehouse, asked: AskedWarnings) -> tuple[tuple[str, ...], dict[str, object]]:
    """Return the names and the parameters of the questions behind the warnings."""
    return _QUESTIONS, _given(asked, ledger_end(warehouse, asked.lifetimes.as_of))


def _given(asked: AskedWarnings, end: LedgerEnd) -> dict[str, object]:
    chosen = {"items": list(asked.items), "bands": list(AGE_BANDS)}
    return parameters(asked.lifetimes, end, every=False) | chosen


def _last_day(data_end: datetime | None) -> int:
    """Return the day of the newest scan: units are at risk until then."""
    ended = (data_end or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC).date()
    return (ended - _EPOCH).days


def _streams(changes: pl.DataFrame, failures: pl.DataFrame, last: int, days: int) -> Streams:
    parts = [
        _of_item(part, failures.filter(pl.col("item") == item), last, days)
        for (item,), part in changes.partition_by("item", as_dict=True, maintain_order=True).items()
    ]
    lots = pl.concat([part.lots for part in parts]) if parts else pl.DataFrame(schema=dict.fromkeys(_LOT, pl.String))
    empty = np.zeros((0, days))
    return Streams(lots, *(np.concatenate([empty, *(part[at] for part in parts)]) for at in (1, 2, 3)))


def _of_item(changes: pl.DataFrame, failures: pl.DataFrame, last: int, days: int) -> Streams:
    """Return the streams of one item's lots."""
    lots = changes.select(_LOT).unique(maintain_order=True)
    first = last - days - TRAILING_DAYS + 1
    at_risk = np.cumsum(_laid(changes, "change", lots, first, last, is_state=True), axis=1)
    failed = _laid(failures, "failures", lots, first, last, is_state=False)
    found: Expected = expected_failures(at_risk, failed)
    watched = slice(TRAILING_DAYS, None)
    return Streams(lots, found.failures[:, watched], found.seen[:, watched], found.baseline[:, watched])


def _laid(rows: pl.DataFrame, column: str, lots: pl.DataFrame, first: int, last: int, *, is_state: bool) -> Floats:  # noqa: PLR0913
    """Return a column as (lots, days, bands); what is older is part of the first day's state, or is left out."""
    placed = rows.join(lots.with_row_index("lot_at"), on=_LOT).filter(pl.col("day") <= last)
    if not is_state:
        placed = placed.filter(pl.col("day") >= first)
    laid = np.zeros((len(lots), last - first + 1, len(AGE_BANDS)))
    days = np.maximum(placed["day"].to_numpy() - first, 0)
    np.add.at(laid, (placed["lot_at"].to_numpy(), days, placed["band"].to_numpy() - 1), placed[column].to_numpy())
    return laid


def _threshold(streams: Streams) -> float | None:
    """Return the threshold of the streams that are tested; None where none is, or nothing is expected.

    What a stream's expectation rested on when it was first tested goes for all its days: it is the least.
    """
    enough = streams.baseline >= LEAST_BASELINE_FAILURES
    tested = np.flatnonzero(enough.any(axis=1))
    if not len(tested):
        return None
    at_first = streams.baseline[tested, enough[tested].argmax(axis=1)]
    threshold = _simulated(Watched(streams.expected[tested], at_first))
    return threshold if np.isfinite(threshold) else None


def _simulated(watched: Watched) -> float:
    """Return the threshold, simulated once for the same expectations: that takes seconds."""
    digest = hashlib.blake2b(watched.expected.tobytes() + watched.baseline.tobytes(), digest_size=16).digest()
    if digest not in _THRESHOLDS:
        while len(_THRESHOLDS) >= _MOST_THRESHOLDS:
            _THRESHOLDS.pop(next(iter(_THRESHOLDS)), None)
        _THRESHOLDS[digest] = healthy_threshold(watched)
    return _THRESHOLDS[digest]


def _alarms(streams: Streams, threshold: float, first: int) -> list[Answer]:
    """Return each alarm with the run of days that led to it."""
    path, alarms = cusum(streams.seen, streams.expected, threshold)
    rows = []
    for stream, day in np.argwhere(alarms & (streams.expected > 0)).tolist():
        before = path[stream, :day] <= 0
        starts_again = alarms[stream, :day]
        began = int(np.flatnonzero(np.append(True, before | starts_again))[-1])
        seen, expected = (float(column[stream, began : day + 1].sum()) for column in (streams.seen, streams.expected))
        item, lot = streams.lots.row(stream)
        rows.append({
            "item": item, "lot": lot, "began": _day(first + began), "warned": _day(first + day),
            "failures": int(seen), "expected": expected, "ratio": seen / expected if expected else None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (str(row["warned"]), float(str(row["ratio"]))), reverse=True)


def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()
