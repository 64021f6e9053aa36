"""What a document expected against what was scanned: found, missing, extra and wrong units, with likely typing errors.

Flow: rows of `document_units` or `count_units` -> one status a unit, counts of them.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from analytics.questions import ask
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

FOUND, MISSING, EXTRA, WRONG, CARRIER = "found", "missing", "extra", "wrong", "carrier"
MOVED, UNEXPECTED, WRONG_PLACE, ARRIVED = "moved", "unexpected", "wrong_place", "arrived"
VARIANCES: Final = (MISSING, EXTRA, WRONG, UNEXPECTED, WRONG_PLACE)
"""The statuses somebody must look at; the others are as they should be."""

_SURPRISING: Final = (EXTRA, WRONG, UNEXPECTED)


def document_report(warehouse: Warehouse, name: str) -> Row | None:
    """Return what became of a document, or None where nobody told of it and nothing was scanned under it.

    Shape: document, site, location, author, told_at (null where nobody told), `counts` by status, `units` one row each:
    unit, status, likely (the missing unit that an unexpected one may be, misread), then the columns of the question.
    """
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
    return [_with_status(row, _status_expected(row, items)) for row in rows]


def _status_expected(row: Row, items: set[str]) -> str:
    if row["is_expected"]:
        return FOUND if row["scans"] else MISSING
    if row["is_carrier"]:
        return CARRIER
    return EXTRA if _item(row["unit"]) in items and row["reason"] != "WRONG_UNIT" else WRONG


def _counted(warehouse: Warehouse, head: Row) -> list[Row]:
    """Return a count's units: a sheet that names its units expects those, else what the ledger says stood there."""
    name = head["document"]
    rows = ask(warehouse, "count_units", document=name, site=head["site"], location=head["location"])
    sheet = {row["unit"] for row in ask(warehouse, "document_units", document=name, steps=[]) if row["is_expected"]}
    if not sheet:
        return [_with_status(row, _status_counted(row)) for row in rows]
    known = {row["unit"]: row for row in rows}
    absent = dict.fromkeys(rows[0] if rows else ("unit", "is_expected", "is_counted"), None)
    listed = [known.get(unit, absent | {"unit": unit, "is_counted": False}) for unit in sorted(sheet)]
    others = [row for row in rows if row["unit"] not in sheet and row["is_counted"]]
    return [_with_status(row, _status_counted(row | {"is_expected": row["unit"] in sheet})) for row in listed + others]


def _status_counted(row: Row) -> str:
    if row["is_counted"]:
        if row["is_expected"]:
            return FOUND
        if row["is_here_after"]:
            return ARRIVED
        return WRONG_PLACE if row["former_site"] else UNEXPECTED
    return MISSING if row["is_here_after"] or row["is_here_after"] is None else MOVED


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
