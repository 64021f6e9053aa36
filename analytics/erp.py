"""What an ERP states is on hand: loaded into the ledger, compared with what the ledger had there at that time.

Flow: quantities by item and site, the time they are of -> contents of records of `internal`; statements and differences
as ClickHouse has them.
"""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from analytics.questions import Row, ask
from analytics.tables.quantities import Quantities
from pipeline.warehouse.client import Warehouse

MOST_BYTES: Final = 900_000
"""Of the quantities in one record: with the rest of it, it stays below the 1 MiB that `internal` takes."""
AGREES: Final = "AGREES"


def contents(quantities: Quantities, as_of: datetime) -> list[dict[str, Any]]:
    """Return the contents of the records that state quantities: as many parts as their size asks for, one at least."""
    parts = list(_parts(quantities)) or [[]]
    moment = round(as_of.timestamp() * 1000)
    return [
        {"as_of": moment, "part": number, "parts": len(parts), "quantities": rows} for number, rows in enumerate(parts)
    ]


def statements(warehouse: Warehouse, statement: str = "") -> list[Row]:
    """Return the statements that are whole, or one of them, the newest time first.

    Raises: WarehouseDown, WarehouseRefused.
    """
    return ask(warehouse, "erp_statements", statement=statement)


def differences(warehouse: Warehouse) -> list[Row]:
    """Return every item and site that statements in force name, or should, with what the ledger had there then.

    Raises: WarehouseDown, WarehouseRefused.
    """
    return ask(warehouse, "reconciliation", now_ms=time.time_ns() // 1_000_000, settle_hours=0.0)


def _parts(quantities: Quantities) -> Iterator[list[list[Any]]]:
    part, size = list[list[Any]](), 0
    for (item, site), quantity in sorted(quantities.items()):
        row = [item, site, quantity]
        length = len(json.dumps(row, ensure_ascii=False).encode()) + 2
        if part and size + length > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield part
