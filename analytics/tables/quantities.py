"""What another system believes is on hand: a CSV file of item, site, quantity, read strictly.

Flow: a CSV file -> quantities by item and site; every bad row is named with its line, and none is taken.
"""

from collections.abc import Mapping

from analytics.tables.cells import Faults, Row, Table, no_whole_number, require_columns, whole_number
from pipeline.domain.identifiers import identify
from pipeline.domain.unit_key import BadUnitKey, parse

COLUMNS = ("item", "site", "quantity")
MAX_SITE_BYTES = 128  # as in a scan
Quantities = Mapping[tuple[str, str], int]


def read_quantities(table: Table) -> Quantities:
    """Return the quantities by item (as in unit keys) and site.

    An item is written as in unit keys (gtin:09506000134352, sku:ACME/WIDGET-1) or as any code that names a class of
    units, as a GTIN's digits. A quantity is a whole number from 0. Each item and site has one row.
    Raises: TableWrong naming each bad row by its line, and what would be right.
    """
    require_columns(table, COLUMNS)
    faults, found = Faults(table.file), dict[tuple[str, str], int]()
    lines: dict[tuple[str, str], int] = {}
    for row in table.rows:
        read = _read(row, faults)
        if read is None:
            continue
        place, quantity = read
        if place in lines:
            faults.add(row, "item", f"at {place[1]!r} is on line {lines[place]} already; write their sum in one row")
        lines.setdefault(place, row.line)
        found[place] = quantity
    faults.raise_any()
    return found


def _read(row: Row, faults: Faults) -> tuple[tuple[str, str], int] | None:
    item, site, quantity = _item(row.cells["item"]), row.cells["site"], whole_number(row.cells["quantity"])
    if item is None:
        faults.add(row, "item", "is no item; write it as gtin:09506000134352, sku:ACME/WIDGET-1, or a GTIN's digits")
    if not site:
        faults.add(row, "site", "is empty; a quantity is on hand somewhere")
    if len(site.encode()) > MAX_SITE_BYTES:
        faults.add(row, "site", f"has {len(site.encode())} bytes; a site's name has at most {MAX_SITE_BYTES}")
    if quantity is None:
        faults.add(row, "quantity", no_whole_number(row.cells["quantity"], "is no whole number from 0, as 12"))
    is_site = 0 < len(site.encode()) <= MAX_SITE_BYTES
    return None if item is None or not is_site or quantity is None else ((item, site), quantity)


def _item(text: str) -> str | None:
    try:
        return parse(f"{text}/0").item or None
    except BadUnitKey:
        return identify(text, lenient=True).class_key or None
