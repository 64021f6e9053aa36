"""What a document expected against what was scanned: found, missing, extra and wrong units, with likely typing errors.

Flow: rows of `document_units`, or of `count_bounds` and `count_units` -> one status a unit, counts of them.
"""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from analytics.questions import as_parameter, ask
from pipeline.domain.expected import names_containers
from pipeline.domain.identifiers.document_name import one_name
from pipeline.domain.identifiers.expected import near
from pipeline.warehouse.client import Warehouse

Row = dict[str, Any]

STEPS: Final = {
    "asn": ["RECEIVE"],
    "order": ["PICK", "SHIP", "SELL", "DISPENSE"],
    "rma": ["RETURN"],
    "count": ["COUNT"],
}
"""By kind of document, the steps that answer it."""

FOUND, MISSING, EXTRA, WRONG, MISMATCH = "found", "missing", "extra", "wrong", "mismatch"
CARRIER, CONTENT = "carrier", "content"
MOVED, UNEXPECTED, WRONG_PLACE, ARRIVED = "moved", "unexpected", "wrong_place", "arrived"
VARIANCES: Final = (MISSING, EXTRA, WRONG, MISMATCH, UNEXPECTED, WRONG_PLACE)
"""The statuses somebody must look at; the others are as they should be."""

_SURPRISING: Final = (EXTRA, WRONG, UNEXPECTED)
_UNKNOWN: Final[Row] = dict.fromkeys(
    (
        "unit", "is_expected", "is_counted", "is_recounted", "has_arrived", "has_left", "is_elsewhere", "former_site",
        "former_location", "former_state", "counted_at",
    )
)  # fmt: skip
"""A unit on a count sheet that the ledger knows nothing of at the place."""


_COLUMNS: Final = ("unit", "status", "likely", "scans", "site", "first_seen", "outcome", "reason")
_COLUMNS_BY_KIND: Final = {
    "rma": (*_COLUMNS, "sale", "sold_under"),
    "count": (
        "unit", "status", "likely", "former_site", "former_location", "former_state", "counted_at", "is_recounted",
    ),
}  # fmt: skip


def columns_of(name: str) -> tuple[str, ...]:
    """Return the columns of a document's units that people are shown."""
    return _COLUMNS_BY_KIND.get(name.partition(":")[0], _COLUMNS)


def document_report(warehouse: Warehouse, name: str) -> Row | None:
    """Return what became of a document, or None where nobody told of it and nothing was scanned under it.

    Its identifier may be written in any way; `document` is the name that the ledger knows it by: the one name, else as
    it is written, for what was told before there was one.

    Shape: document, site, location, author, told_at (null where nobody told), `counts` by status, `units` one row each:
    unit, status, likely (the missing unit that an unexpected one may be, misread), sold_under (of a return that must
    have been sold under a document: the one that it was), then the columns of the question.
    """
    written = name.strip()
    reports = (_report(warehouse, known_as) for known_as in dict.fromkeys((one_name(written), written)))
    return next(filter(None, reports), None)


def _report(warehouse: Warehouse, name: str) -> Row | None:
    kind = name.partition(":")[0]
    known = ask(warehouse, "document", document=name)
    head = known[0] if known else {"document": name, "site": "", "location": "", "author": "", "told_at": None}
    units = _counted(warehouse, head) if kind == "count" else _expected(warehouse, name, kind)
    if not known and not units:
        return None
    _pair_typos(units)
    tally = Counter(row["status"] for row in units)
    return {**head, "counts": dict(sorted(tally.items())), "units": units}


def _expected(warehouse: Warehouse, name: str, kind: str) -> list[Row]:
    rows = ask(warehouse, "document_units", document=name, steps=STEPS.get(kind, []))
    items = {_item(row["unit"]) for row in rows if row["is_expected"]}
    inside = _inside(rows)
    told = [_with_status(row, _status_expected(row, items, inside)) for row in sorted(rows, key=itemgetter("unit"))]
    return _with_sales(warehouse, name, told) if kind == "rma" else told


def _inside(rows: Sequence[Row]) -> set[str]:
    """Return the units that came in a container that the document names, at any depth; none where it names units."""
    inside = {row["unit"] for row in rows if row["is_expected"]}
    if not names_containers(inside):
        return set()
    waiting = [row for row in rows if not row["is_expected"]]
    while found := [row for row in waiting if inside.intersection(row["containers"])]:
        inside |= {row["unit"] for row in found}
        waiting = [row for row in waiting if row["unit"] not in inside]
    return inside


def _status_expected(row: Row, items: set[str], inside: set[str]) -> str:
    if row["is_expected"]:
        return FOUND if row["scans"] else MISSING
    if row["is_carrier"] and (not inside or row["unit"] in inside):
        return CARRIER
    if row["unit"] in inside:
        return CONTENT
    return EXTRA if _item(row["unit"]) in items and not row["is_wrong"] else WRONG


def _with_sales(warehouse: Warehouse, name: str, rows: Sequence[Row]) -> list[Row]:
    """Name beside each unit that must have been sold under a document the last one that it was, before it came back.

    It is '' where the sale named none, None where no sale is known; of what came back, another one is a mismatch.
    """
    units: list[Row] = [row | {"sold_under": None} for row in rows]
    sold = [row for row in units if row["sale"]]
    sales: dict[str, list[Row]] = {row["present"]: [] for row in sold}
    for sale in ask(warehouse, "document_sales", document=name) if sales else ():
        sales.setdefault(sale["present"], []).append(sale)
    for row in sold:
        last = row["last_seen"]
        before = [sale["document"] for sale in sales[row["present"]] if last is None or sale["event_time"] <= last]
        row["sold_under"] = before[-1] if before else None
        if row["status"] == FOUND and row["sold_under"] != row["sale"]:
            row["status"] = MISMATCH
    return units


def _counted(warehouse: Warehouse, head: Row) -> list[Row]:
    """Return a count's units: a sheet that names its units expects those, else what the ledger says stood there."""
    rows = _at_the_place(warehouse, head)
    sheet = ask(warehouse, "document_expected", document=head["document"])
    if not sheet:
        listed = [row for row in rows if row["is_expected"] or row["is_counted"]]
        return [_with_status(row, _status_counted(row)) for row in listed]
    known = {row["unit"]: row for row in rows}
    listed = [known.get(one["present"], _UNKNOWN) | {"unit": one["unit"], "is_expected": True} for one in sheet]
    named = {one["present"] for one in sheet}
    others = [row | {"is_expected": False} for row in rows if row["unit"] not in named and row["is_counted"]]
    return [_with_status(row, _status_counted(row)) for row in listed + others]


def _at_the_place(warehouse: Warehouse, head: Row) -> list[Row]:
    """Return the units that stood at a count's place or were counted there; none where nothing was counted."""
    count = {"document": head["document"], "steps": STEPS["count"]}
    bounds = ask(warehouse, "count_bounds", **count)
    if not bounds:
        return []
    began, ended = (as_parameter(bounds[0][name]) for name in ("began", "ended"))
    place = {"site": head["site"] or bounds[0]["first_site"], "location": head["location"]}
    return ask(warehouse, "count_units", **count, **place, began=began, ended=ended)


def _status_counted(row: Row) -> str:
    if not row["is_counted"]:
        return MOVED if row["has_left"] else MISSING
    if row["is_expected"]:
        return FOUND
    if row["has_arrived"]:
        return ARRIVED
    return WRONG_PLACE if row["is_elsewhere"] else UNEXPECTED


def _with_status(row: Row, status: str) -> Row:
    return {"unit": row["unit"], "status": status, "likely": None} | {k: v for k, v in row.items() if k != "unit"}


def _pair_typos(units: Sequence[Row]) -> None:
    """D10: name beside each surprising unit the missing one that it is one character or check digit away from."""
    missing = frozenset(row["unit"] for row in units if row["status"] == MISSING)
    for row in units:
        if missing and row["status"] in _SURPRISING:
            row["likely"] = next((one.unit_key for one in near(row["unit"], missing)), None)


def _item(unit: str) -> str:
    return unit.rpartition("/")[0]
