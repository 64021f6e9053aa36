"""Recalls: tried out, started, looked at, closed. What is sent through the log is the caller's to send.

Flow: what is asked, or a recall's id -> a Preview, a Recall; the content of the act that starts or closes one.

A recall is its act RECALL_START: what was asked, by whom and when, the number and the hash of its list. The list itself
is in `recall_units`, written before the act. What joined later is what the same question finds and the list has not.
"""

import uuid
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from pydantic import BaseModel

from analytics.questions import Row, ask
from analytics.recall.affected import Affected, affected
from analytics.recall.asked import Asked, BadPredicate, milliseconds
from analytics.recall.cells import described
from analytics.recall.columns import Ledger, columns, read
from analytics.recall.describe import Description
from analytics.recall.kept import keep, listed_units
from analytics.recall.listing import hash_of, listed
from analytics.recall.places import Part, site_names, split
from analytics.recall.unfitting import unfitting
from analytics.unit_rows import Ids
from pipeline.warehouse.client import Warehouse

ID_CHARACTERS: Final = 16
_MOST_TEXT: Final = 500_000


class NoSuchRecall(LookupError):
    """No recall has that id; the message says where to see those there are."""


class Preview(BaseModel):
    """What a recall would concern: counts, where the units are, predicates that describe them."""

    text: str
    asked: Asked
    units: int
    holds_now: int
    held_before: int
    places: list[Part]
    description: Description
    known_until: dict[int, int]
    """By partition the last ordinal that the answer knew."""
    unfitting: list[str] = []
    """Where it concerns nothing, why: the conditions that no unit fits, and what is like them."""


class Head(BaseModel):
    """A recall as its acts say."""

    recall: str
    status: str
    text: str
    asked: Asked
    started_at: datetime
    started_by: str
    reason: str
    units: int
    sha256: str
    closed_at: datetime | None
    closed_by: str
    closed_reason: str


class Recall(BaseModel):
    """A recall as it stands: its list and what has joined since.

    The parts, and `holds_now`, `held_before` and `left`, sum to `units` and `joined` together.
    """

    head: Head
    units: int
    joined: int
    recovered: int
    holds_now: int
    held_before: int
    left: int
    """Units on the list that the question would not find any more: a scan was taken back or corrected."""
    places: list[Part]


class Act(NamedTuple):
    """What is to be sent through the log."""

    recall: str
    content: dict[str, Any]


class Standing(NamedTuple):
    """A recall, and its units: as `listed`, with `has_joined`, `is_recovered`, `is_listed_only`."""

    recall: Recall
    units: pl.DataFrame


def preview(warehouse: Warehouse, asked: Asked) -> Preview:
    """Return what a recall would concern; nothing is written.

    Raises: BadPredicate; WarehouseDown, WarehouseRefused.
    """
    return tried_out(warehouse, asked)[0]


def tried_out(warehouse: Warehouse, asked: Asked, *, is_listed: bool = False) -> tuple[Preview, pl.DataFrame | None]:
    """Return what a recall would concern and, where it `is_listed`, its units as `listed`; raises as `preview`."""
    until = _known_until(warehouse)
    ledger = read(warehouse, asked.checked().predicate, is_described=True)
    found = affected(ledger, asked)
    units = listed(warehouse, found, site_names(warehouse)) if is_listed else None
    return _preview(warehouse, ledger, found, asked, until), units


def new_id() -> str:
    """Return the id of a recall that is to be started."""
    return uuid.uuid4().hex[:ID_CHARACTERS]


def begin(
    warehouse: Warehouse, asked: Asked, reason: str = "", *, recall: str = ""
) -> tuple[Act, Preview, pl.DataFrame]:
    """Keep the list of a new recall; return the act that starts it, and what it concerns in counts and one by one.

    `recall` is its id, that of `new_id` where none is given, or where there is a list of that id already: one whose act
    came to nothing, and a list is never changed.

    Raises: BadPredicate, also where nothing is affected; WarehouseDown, WarehouseRefused.
    """
    until = _known_until(warehouse)
    ledger = read(warehouse, asked.checked().predicate, is_described=True)
    found = affected(ledger, asked)
    if not len(found.unit):
        message = "; ".join([f"no unit is affected by {asked.text()}", *unfitting(warehouse, ledger, asked)])
        raise BadPredicate(message)
    seen = _preview(warehouse, ledger, found, asked, until)
    is_free = bool(recall) and not len(listed_units(warehouse, recall).unit)
    recall, units = recall if is_free else new_id(), listed(warehouse, found, site_names(warehouse))
    keep(warehouse, recall, units, has_joined=False)
    content = {"asked": asked.model_dump(mode="json", exclude_defaults=True), "text": asked.text(), "reason": reason,
               "units": len(units), "sha256": hash_of(units["unit_key"]), "known_until": until}  # fmt: skip
    return Act(recall, _short_enough(content)), seen, units


def recalls(warehouse: Warehouse) -> list[Head]:
    """Return every recall, the newest first."""
    return [_head(row) for row in ask(warehouse, "recalls", recall="")]


def standing(warehouse: Warehouse, recall: str) -> Standing:
    """Return a recall as it stands now, with its units.

    Raises: NoSuchRecall; WarehouseDown, WarehouseRefused.
    """
    head = known(warehouse, recall)
    ledger = read(warehouse, head.asked.predicate)
    kept = listed_units(warehouse, recall)
    on_list = ledger.labels.units(kept.unit)
    found = _still(ledger, head.asked, on_list)
    recovered = ledger.labels.units(_recovered(warehouse, head.started_at))
    units = listed(warehouse, found, site_names(warehouse)).with_columns(
        has_joined=~pl.col("unit").is_in(pl.Series(on_list[~kept.has_joined]).implode()),
        is_recovered=pl.col("unit").is_in(pl.Series(recovered).implode()),
        is_listed_only=pl.col("held_from").list.len() == 0,
    )
    now, joined = int(found.holds_now.sum()), int(units["has_joined"].sum())
    left = int(units["is_listed_only"].sum())
    return Standing(
        Recall(
            head=head, units=len(units) - joined, joined=joined, recovered=int(units["is_recovered"].sum()),
            holds_now=now, held_before=len(units) - now - left, left=left,
            places=split(found, site_names(warehouse)),
        ),
        units,
    )  # fmt: skip


def _still(ledger: Ledger, asked: Asked, on_list: Ids) -> Affected:
    """Return what a recall concerns by now: what it would find, and its list with what that held before."""
    found = affected(ledger, asked.model_copy(update={"current_only": False}), also=on_list)
    return found.only(found.holds_now | np.isin(found.unit, on_list)) if asked.current_only else found


def end(warehouse: Warehouse, recall: str, reason: str = "") -> tuple[Act, Recall]:
    """Keep what has joined a recall, and return the act that closes it, with what had come of it.

    Raises: NoSuchRecall; BadPredicate where it is closed already; WarehouseDown, WarehouseRefused.
    """
    found = standing(warehouse, recall)
    if found.recall.head.status != "OPEN":
        message = f"recall {recall} was closed by {found.recall.head.closed_by} at {found.recall.head.closed_at}"
        raise BadPredicate(message)
    joined = found.units.filter("has_joined")
    keep(warehouse, recall, joined, has_joined=True)
    content = {"reason": reason, "joined": len(joined), "recovered": found.recall.recovered,
               "sha256": hash_of(found.units["unit_key"]), "known_until": _known_until(warehouse)}  # fmt: skip
    closed = found.recall.head.model_copy(update={"status": "CLOSED", "closed_reason": reason})
    return Act(recall, _short_enough(content)), found.recall.model_copy(update={"head": closed})


def _preview(warehouse: Warehouse, ledger: Ledger, found: Affected, asked: Asked, until: dict[int, int]) -> Preview:
    now = int(found.holds_now.sum())
    return Preview(
        text=asked.text(),
        asked=asked,
        units=len(found.unit),
        holds_now=now,
        held_before=len(found.unit) - now,
        places=split(found, site_names(warehouse)),
        description=described(warehouse, ledger, found),
        known_until=until,
        unfitting=[] if len(found.unit) else unfitting(warehouse, ledger, asked),
    )


def known(warehouse: Warehouse, recall: str) -> Head:
    """Return one recall as its acts say.

    Raises: NoSuchRecall; WarehouseDown, WarehouseRefused.
    """
    rows = ask(warehouse, "recalls", recall=recall) if recall else []
    if not rows:
        message = f"no recall {recall}; `scanledger recall list` shows their ids"
        raise NoSuchRecall(message)
    return _head(rows[0])


def _head(row: Row) -> Head:
    asked = Asked.model_validate_json(row["asked"])
    return Head(**{name: row[name] for name in Head.model_fields if name != "asked"}, asked=asked)


def _recovered(warehouse: Warehouse, since: datetime) -> Ids:
    types = {"unit": np.dtype(np.uint64)}
    return columns(warehouse, "recall_recovered", types, since_ms=milliseconds(since))["unit"]


def _known_until(warehouse: Warehouse) -> dict[int, int]:
    return {int(row["partition"]): int(row["ordinal"]) for row in ask(warehouse, "known_until")}


def _short_enough(content: dict[str, Any]) -> dict[str, Any]:
    if len(str(content)) > _MOST_TEXT:
        message = "the conditions are too long to be written down; name fewer values"
        raise BadPredicate(message)
    return content
