"""What was removed from the tables of scans and revisions, and its removal: whole months of received_at, never rows.

Flow: acts RETENTION -> by partition the last ordinal removed; a time -> the months that lie before it, dropped.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pipeline.warehouse.client import Warehouse

TABLES_WITH_MONTHS: Final = ("unit_events", "unit_revisions")
"""What grows with every scan. Acts, alerts and dead letters stay: they say what was removed, and why."""
_REMOVED: Final = (
    "SELECT partition, last_ordinal, removed_before, author, accepted_at FROM v_retention ORDER BY partition"
)
_MONTHS: Final = """
SELECT DISTINCT partition FROM system.parts
WHERE database = currentDatabase() AND table = {table:String} AND active AND toUInt32OrZero(partition) < {month:UInt32}
ORDER BY partition
"""


@dataclass(frozen=True, slots=True)
class Removal:
    """Of one partition: everything up to `last_ordinal` may be missing from ClickHouse, and somebody said so."""

    partition: int
    last_ordinal: int
    before: datetime
    author: str
    accepted_at: datetime

    def text(self) -> str:
        """Return it in words."""
        return (
            f"partition {self.partition} starts after ordinal {self.last_ordinal}: what was received before "
            f"{self.before:%Y-%m-%d} was removed, accepted by {self.author} on {self.accepted_at:%Y-%m-%d}"
        )


def removals(warehouse: Warehouse) -> dict[int, Removal]:
    """Return what was removed, by partition; nothing where nothing was."""
    rows = warehouse.query_rows(_REMOVED)
    return {row[0]: Removal(row[0], row[1], _utc(row[2]), row[3], _utc(row[4])) for row in rows}


def month_start(before: datetime) -> datetime:
    """Return the beginning of the month that holds a time: what lies wholly before the time lies before that."""
    return datetime(before.year, before.month, 1, tzinfo=UTC)


def drop_months(warehouse: Warehouse, before: datetime) -> list[str]:
    """Drop the months wholly before a time; return them as table and month."""
    month, dropped = before.year * 100 + before.month, []
    for table in TABLES_WITH_MONTHS:
        for (name,) in warehouse.query_rows(_MONTHS, {"table": table, "month": month}):
            warehouse.command(f"ALTER TABLE {table} DROP PARTITION {int(name)}")
            dropped.append(f"{table} {name}")
    return dropped


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
