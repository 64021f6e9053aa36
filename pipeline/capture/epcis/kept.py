"""What is kept of captured events, asked for: the table `epcis_events`, the newest of each identity.

Flow: a question -> a page of events as JSON-LD, with the repository's own recordTime and eventID.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pipeline.capture.epcis.declared import Originals
from pipeline.capture.epcis.queries import Question, Token
from pipeline.capture.epcis.times import utc
from pipeline.errors import WarehouseDown, WarehouseRefused
from pipeline.warehouse.client import Warehouse

Event = dict[str, Any]

MOST_PAGE_BYTES: Final = 32 * 1024 * 1024
"""Of the events of one page: a page of large ones ends before perPage."""
_KEY: Final = "toUnixTimestamp64Milli(record_time), identity, toString(kind)"
_EPCS: Final = """
SELECT identity, epcs FROM epcis_events FINAL WHERE kind = 'EVENT' AND identity IN {identities:Array(String)}
"""
_AFTER: Final = (
    "(record_time, identity, toString(kind)) > "
    "(fromUnixTimestamp64Milli({after_ms:Int64}), {after_identity:String}, {after_kind:String})"
)


@dataclass(frozen=True)
class Page:
    """Some events, and where the next page begins; None where this is the last."""

    events: list[Event]
    next: Token | None


def epcs_of_kept(warehouse: Warehouse, identities: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the EPCs, as canonical Digital Links, of the events of these identities that are kept."""
    if not identities:
        return {}
    rows = warehouse.query_rows(_EPCS, {"identities": list(identities)})
    return {identity: set(epcs) for identity, epcs in rows}


def originals_in(warehouse: Callable[[], Warehouse]) -> Originals:
    """Return what tells the EPCs of kept events; where the warehouse is not there, none is: it only informs."""

    def find(identities: Collection[str]) -> Mapping[str, Collection[str]]:
        try:
            return epcs_of_kept(warehouse(), identities)
        except (WarehouseDown, WarehouseRefused):
            return {}

    return find


def ask(warehouse: Warehouse, question: Question) -> Page:
    """Answer a question, the events in the order in which they were captured; raises as `Warehouse.query_rows`."""
    conditions, parameters = list(question.conditions), dict(question.parameters)
    if question.after is not None:
        conditions.append(_AFTER)
        at = question.after
        parameters |= {"after_ms": at.record_ms, "after_identity": at.identity, "after_kind": at.kind}
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    # ruff: noqa: S608  the conditions are our own texts, what was asked for stands in parameters
    found = warehouse.query_rows(
        f"SELECT {_KEY}, length(content) FROM epcis_events FINAL{where}"
        f" ORDER BY record_time, identity, toString(kind) LIMIT {question.per_page + 1}",
        parameters,
    )
    chosen = _within(found[: question.per_page])
    events = _contents(warehouse, chosen)
    return Page(events, chosen[-1] if chosen and len(chosen) < len(found) else None)


def find(warehouse: Warehouse, identity: str) -> Event | None:
    """Return the event of an identity; where only its declaration is kept, that one; None where neither is."""
    rows = warehouse.query_rows(
        f"SELECT {_KEY} FROM epcis_events FINAL WHERE identity = {{identity:String}} ORDER BY kind = 'DECLARATION'",
        {"identity": identity},
    )
    found = _contents(warehouse, [Token(*rows[0])]) if rows else []
    return found[0] if found else None


def _within(rows: Sequence[tuple[Any, ...]]) -> list[Token]:
    chosen: list[Token] = []
    size = 0
    for record_ms, identity, kind, length in rows:
        size += length
        if chosen and size > MOST_PAGE_BYTES:
            break
        chosen.append(Token(record_ms, identity, kind))
    return chosen


def _contents(warehouse: Warehouse, chosen: Sequence[Token]) -> list[Event]:
    if not chosen:
        return []
    rows = warehouse.query_rows(
        f"SELECT {_KEY}, content FROM epcis_events FINAL WHERE identity IN {{identities:Array(String)}}",
        {"identities": [one.identity for one in chosen]},
    )
    contents = {(identity, kind): (record_ms, content) for record_ms, identity, kind, content in rows}
    found = [(one.identity, contents.get((one.identity, one.kind))) for one in chosen]
    return [_event(identity, *kept) for identity, kept in found if kept is not None]


def _event(identity: str, record_ms: int, content: str) -> Event:
    event: Event = orjson.loads(content)
    return {**event, "eventID": event.get("eventID", identity), "recordTime": utc(record_ms)}
