"""Rows of the table `deliveries`: what notify writes of each change of a delivery.

Flow: a change as JSON, as the outbox keeps it -> one line of JSON, as ClickHouse reads it.
"""

from typing import Final

COLUMNS: Final = {
    "id": "String", "n": "UInt32", "alert": "String", "opening": "UInt32", "event": "String", "kind": "String",
    "severity": "String", "subject": "String", "site": "String", "route": "String", "recipient": "String",
    "state": "String", "outcome": "String", "attempts": "UInt32", "code": "UInt16", "detail": "String",
    "due_at": "Int64", "received_at": "Int64", "changed_at": "Int64",
}  # fmt: skip
_TIMES: Final = ("due_at", "received_at", "changed_at")


def insert_statement() -> str:
    """Return the insert of rows, one JSON object a line; a row written twice does no harm: (id, n) replaces."""
    structure = ", ".join(f"`{name}` {kind}" for name, kind in COLUMNS.items())
    names = ", ".join(f"`{name}`" for name in COLUMNS)
    values = ", ".join(f"fromUnixTimestamp64Milli(`{name}`)" if name in _TIMES else f"`{name}`" for name in COLUMNS)
    return f"INSERT INTO deliveries ({names}) SELECT {values} FROM input('{structure}') FORMAT JSONEachRow"  # noqa: S608  our own names


def row_of(change: str) -> bytes:
    """Return the row of a change."""
    return f"{change}\n".encode()
