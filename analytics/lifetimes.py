"""Lifetimes out of the warehouse: which units, from when their age counts, what ends them, until when is known."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from analytics.questions import question
from analytics.rates import ATTRIBUTES, Exposure, Group
from analytics.statistics.age_table import CENSORED, COMPETING, EVENT, AgeTable, age_table
from analytics.statistics.recurrences import Histories, histories
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.retention import removals

STATED = frozenset({*ATTRIBUTES, Group.MONTH_SOLD, Group.MONTH_MADE})
"""Cohorts that not every unit has: one without is in no group."""
START_OF_TIME, END_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC), datetime(2299, 1, 1, tzinfo=UTC)
_ENDINGS = {"EVENT": EVENT, "COMPETING": COMPETING, "CENSORED": CENSORED}
_LEFT_OUT = {"UNKNOWN_AGE": "unknown_age", "NEVER_AT_RISK": "never_at_risk"}


class Origin(StrEnum):
    """Where age 0 is."""

    SOLD = "sold"
    COMMISSIONED = "commissioned"
    FIRST_SEEN = "first-seen"


class Ending(StrEnum):
    """The event."""

    FAIL = "FAIL"
    RETURN = "RETURN"


class Asked(NamedTuple):
    """Whose lifetimes, by what, from when, until when; `as_of` None: all the ledger knows."""

    by: Sequence[Group] = ()
    origin: Origin = Origin.SOLD
    exposure: Exposure = Exposure.OBSERVED
    event: Ending = Ending.FAIL
    as_of: datetime | None = None


class LedgerEnd(NamedTuple):
    """Up to when the ledger knows, and how late scans came; None where it holds no scan.

    `removed_before`: what was received before is not in the tables any more, on record; None where all is there.
    """

    data_end: datetime | None
    p95_delay_seconds: int | None
    removed_before: datetime | None = None


class Lives(NamedTuple):
    """Units by group: their lives, as rows that stand for many; how many were left out and why.

    Shape: rows by group, with the columns entry, exit, ending, ages, units.
    """

    rows: Mapping[str | None, pl.DataFrame]
    excluded: dict[str, int]
    end: LedgerEnd


def ledger_end(warehouse: Warehouse, as_of: datetime | None = None) -> LedgerEnd:
    """Return the greatest event_time of any ACCEPTED, FLAGGED or REPEATED scan, and the p95 delay.

    `as_of`, where it is asked, is the end itself: whoever asks says that until then all is known. No scan, no end.
    """
    row = warehouse.query_frame(question("ledger_end"), {"as_of": _text(as_of or END_OF_TIME)}).row(0, named=True)
    latest, delay = row["data_end"], row["p95_delay_seconds"]
    data_end = None if latest is None else as_of or latest.replace(tzinfo=UTC)
    removed = max((one.before for one in removals(warehouse).values()), default=None)
    return LedgerEnd(data_end, None if delay is None else int(delay), removed)


def lives(warehouse: Warehouse, asked: Asked, *, every: bool) -> Lives:
    """Return the lives asked for; with `every`, the event ends none of them and each of its ages is there.

    A unit that has none of a cohort asked for, say no supplier, is left out as the first of them that it lacks.

    Source: `queries/lives_seen.sql` from the first sight, `queries/lives_standing.sql` where unit_state can answer
    (now, with all scans there), else `queries/lives.sql`, as by first site: the same numbers; `queries/lives_by.sql` by
    the cohorts that scans state.
    """
    end = ledger_end(warehouse, asked.as_of)
    frame = warehouse.query_frame(question(_name(asked, end)), parameters(asked, end, every=every))
    counted, excluded = frame.filter(~pl.col("ending").is_in(list(_LEFT_OUT))), _excluded(frame, "ending")
    for cohort in asked.by:
        if cohort in STATED:
            has_none = pl.col(f"by_{cohort.column}") == ""  # noqa: PLC1901  a column
            excluded[f"no_{cohort.column}"] = int(counted.filter(has_none)["units"].sum())
            counted = counted.filter(~has_none)
    return Lives(_by_group(counted, asked.by), excluded, end)


def left_out(warehouse: Warehouse, given: Mapping[str, Any]) -> dict[str, int]:
    """Return how many units have no life, by why; `given` are `parameters`, and the items that are meant."""
    return _excluded(warehouse.query_frame(question("lives_left_out"), dict(given)), "how")


def _excluded(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return {word: int(frame.filter(pl.col(column) == ending)["units"].sum()) for ending, word in _LEFT_OUT.items()}


def lives_question(warehouse: Warehouse, asked: Asked, *, every: bool) -> tuple[str, dict[str, Any]]:
    """Return the name and the parameters of the question that `lives` asks."""
    end = ledger_end(warehouse, asked.as_of)
    return _name(asked, end), parameters(asked, end, every=every)


def age_tables(found: Lives) -> dict[str | None, AgeTable]:
    """Return the age table of each group, from lives of which the event is the end."""
    return {
        group: age_table(
            rows["entry"].to_numpy(),
            rows["exit"].to_numpy(),
            rows["ending"].replace_strict(_ENDINGS, return_dtype=pl.Int64).to_numpy(),
            rows["units"].to_numpy(),
        )
        for group, rows in found.rows.items()
    }


def unit_histories(found: Lives) -> dict[str | None, Histories]:
    """Return the histories of each group's units, from lives with every event.

    A row that stands for many units has the weight of them; their events are alike.
    """
    return {group: _histories(rows) for group, rows in found.rows.items()}


def _histories(rows: pl.DataFrame) -> Histories:
    events = rows.select("ages").with_row_index("unit").explode("ages").drop_nulls("ages")
    columns = (rows["entry"].to_numpy(), rows["exit"].to_numpy(), events["unit"].to_numpy(), events["ages"].to_numpy())
    return histories(*columns, rows["units"].to_numpy().astype(np.float64))


def _name(asked: Asked, end: LedgerEnd) -> str:
    if STATED.intersection(asked.by):
        return "lives_by"
    if Group.SITE in asked.by:
        return "lives"
    if asked.origin is Origin.FIRST_SEEN:
        return "lives_seen"
    return "lives_standing" if asked.as_of is None and end.removed_before is None else "lives"


def told_end(end: LedgerEnd) -> dict[str, Any]:
    """Return until when the ledger knows, as answers say it, and since when where older scans were removed."""
    data_end, removed = end.data_end, end.removed_before
    told = {
        "data_end": None if data_end is None else data_end.isoformat(timespec="milliseconds"),
        "p95_delay_seconds": end.p95_delay_seconds,
    }
    return told if removed is None else told | {"removed_before": removed.date().isoformat()}


def parameters(asked: Asked, end: LedgerEnd, *, every: bool) -> dict[str, Any]:
    """Return what questions of lives take."""
    return {
        "by": [str(cohort) for cohort in asked.by],
        "origin": str(asked.origin),
        "exposure": str(asked.exposure),
        "event": str(asked.event),
        "every": every,
        "data_end": _text(end.data_end or START_OF_TIME),
    }


def _by_group(rows: pl.DataFrame, by: Sequence[Group]) -> dict[str | None, pl.DataFrame]:
    """Return the rows of each group, named by its values joined; one group without a name where there is no split."""
    if not by:
        return {None: rows} if len(rows) else {}
    named = rows.with_columns(pl.concat_str([f"by_{cohort.column}" for cohort in by], separator=", ").alias("group"))
    return {str(group): part for (group,), part in sorted(named.partition_by("group", as_dict=True).items())}


def _text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
