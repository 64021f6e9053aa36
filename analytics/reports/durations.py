"""Reports of durations: quantiles by Kaplan-Meier, open ones censored, and whether the last week differs from before.

Flow: lives of shipments or stays by group and span (`queries/lead_times.sql`, `queries/dwell.sql`) -> a row per group.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics.answers import plain, value
from analytics.questions import Row, question
from analytics.reports.report import Asked, Column, text_of
from analytics.statistics.age_table import CENSORED, EVENT, AgeTable, age_table
from analytics.statistics.discoveries import adjusted
from analytics.statistics.log_rank import log_rank
from analytics.statistics.quantiles import quantile
from analytics.statistics.survival import kaplan_meier
from pipeline.warehouse.client import Warehouse

MINUTES_PER_DAY = 1440
FALSE_DISCOVERY_RATE = 0.05
LEAST_EVENTS = 5
"""Fewer in the last 7 days and the 56 before together: no test, for its p-value is of many."""
METHOD = (
    "quantiles by Kaplan-Meier with log-log limits, what has not ended censored at data_end; shift: log-rank of the "
    "time that falls into the 7 days before data_end against that in the 56 days before these, entry honoured, "
    f"Benjamini-Hochberg over all groups at {FALSE_DISCOVERY_RATE}, not tested under {LEAST_EVENTS} events"
)
_SHARES = {"p10": 0.1, "median": 0.5, "p90": 0.9, "p95": 0.95}


def duration_rows(
    warehouse: Warehouse, asked: Asked, name: str, groups: Sequence[str], counts: Sequence[str]
) -> list[Row]:
    """Return a row per group: how many, how many ended, quantiles in days, the last week against before.

    Args:
        warehouse: Where to ask.
        asked: Until when.
        name: The question whose rows are lives: the groups' columns, span, entry, exit, event, is_open, many.
        groups: The columns that name a group.
        counts: What all, those with the event, those still open and those that ended otherwise are called.
    """
    frame = warehouse.query_frame(question(name), {"data_end": text_of(asked.data_end)})
    if frame.is_empty():
        return []
    parts = frame.partition_by(list(groups), as_dict=True, maintain_order=True)
    rows = [dict(zip(groups, map(str, key), strict=True)) | _numbers(part, counts) for key, part in parts.items()]
    return _with_shifts([row for row in rows if row[counts[0]]])


def duration_columns(counts: Sequence[str], abouts: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns behind the groups', the counts with what they are."""
    shares = {"p10": "10 %", "median": "half", "p90": "90 %", "p95": "95 %"}
    times = [
        column
        for name, part in shares.items()
        for column in (
            Column(f"{name}_days", "days", f"by when {part} of them have; empty where the curve never gets there"),
            Column(f"{name}_low", "days", f"lower limit of {name}_days"),
            Column(f"{name}_high", "days", f"upper limit of {name}_days"),
        )
    ]
    return (
        *(Column(name, "count", about) for name, about in zip(counts, abouts, strict=True)),
        *times,
        Column("recent_events", "count", "ended so in the last 7 days"),
        Column("before_events", "count", "ended so in the 56 days before"),
        Column("recent_median_days", "days", "median, from the last 7 days alone"),
        Column("before_median_days", "days", "median, from the 56 days before alone"),
        Column("p", "probability", "of the log-rank test; empty where not tested"),
        Column("p_adjusted", "probability", "with Benjamini-Hochberg over all groups"),
        Column("is_shifted", "", f"whether p_adjusted is at most {FALSE_DISCOVERY_RATE}"),
    )


def _numbers(part: pl.DataFrame, counts: Sequence[str]) -> Row:
    spans = {str(name): rows for (name,), rows in part.partition_by("span", as_dict=True).items()}
    every = spans["ALL"]
    alike = every["many"]
    total, happened, still = (int(count.sum()) for count in (alike, alike * every["event"], alike * every["is_open"]))
    row: Row = dict(zip(counts, (total, happened, still, total - happened - still), strict=False))
    curve = kaplan_meier(_table(every))
    for name, share in _SHARES.items():
        found = quantile(curve, share)
        row |= {f"{name}_{column}": _days(at) for column, at in zip(("days", "low", "high"), found, strict=True)}
    recent, before = (_table(spans[name]) if name in spans else None for name in ("RECENT", "BEFORE"))
    return row | _shift(recent, before)


def _table(rows: pl.DataFrame) -> AgeTable:
    how = np.where(rows["event"].to_numpy() != 0, EVENT, CENSORED)
    return age_table(rows["entry"].to_numpy(), rows["exit"].to_numpy(), how, rows["many"].to_numpy())


def _shift(recent: AgeTable | None, before: AgeTable | None) -> Row:
    events = [0 if table is None else plain(table.events.sum()) for table in (recent, before)]
    medians = [None if table is None else _median(table) for table in (recent, before)]
    p = None
    if recent is not None and before is not None and sum(events) >= LEAST_EVENTS:
        p = value(log_rank([recent, before]).p)
    names = ("recent_events", "before_events", "recent_median_days", "before_median_days", "p")
    return dict(zip(names, (*events, *medians, p), strict=True))


def _median(table: AgeTable) -> float | None:
    return _days(quantile(kaplan_meier(table), 0.5).time)


def _with_shifts(rows: list[Row]) -> list[Row]:
    tested = [row for row in rows if row["p"] is not None]
    corrected = iter(adjusted([row["p"] for row in tested]).tolist() if tested else [])
    for row in rows:
        row["p_adjusted"] = next(corrected) if row["p"] is not None else None
        row["is_shifted"] = row["p_adjusted"] is not None and row["p_adjusted"] <= FALSE_DISCOVERY_RATE
    return rows


def _days(minutes: float) -> float | None:
    return value(minutes / MINUTES_PER_DAY)
