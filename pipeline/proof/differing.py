"""Rows of two databases with the same tables, compared by ClickHouse itself: which are in one only, which differ.

Flow: a live and a replayed table, a range of ordinals -> how many rows were compared, and those that are not the same.
"""
# ruff: noqa: S608

from dataclasses import dataclass
from typing import Any, Final, Literal

from pipeline.domain.compiled import RULES_VERSION
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.tables import Table
from pipeline.wire.schemas import catalogue

_CODE: Final = "rules_version"
"""Names the code that decided, not what was decided."""
_UNIT: Final = "if(item = '', toString(serial), concat(toString(item), '/', serial))"
_SUBJECT: Final = "if(startsWith(subject, 'unit:'), substring(subject, 6), subject)"
_UNITS: Final = {"acts": _SUBJECT, "alerts": _SUBJECT, "dead_letters": "''"}
_SHOWN_CHARACTERS: Final = 60

What = Literal["missing", "unexpected", "twice", "different"]


@dataclass(frozen=True)
class Difference:
    """A row that is not the same in both."""

    table: str
    partition: int
    ordinal: int
    identity: str
    """The values by which the row is known, joined by dots; of a unit its key."""
    what: What
    """missing: the ledger has not what the replay made; unexpected: the other way round."""
    columns: str = ""
    """Of a different one: each column with both values, the ledger's first."""


@dataclass(frozen=True)
class Compared:
    """One table of one partition, or a part of it."""

    rows: int
    """Different identities on either side."""
    differences: int
    listed: int
    """Rows that differ and belong to units that code other than this had a hand in."""


class Tables:
    """A live database and a replayed one on the same server."""

    def __init__(self, warehouse: Warehouse, live: str, replayed: str) -> None:
        self._warehouse, self._databases = warehouse, (live, replayed)

    def compare(self, table: Table, partition: int, span: Span) -> Compared:
        """Compare a table's rows of these ordinals."""
        counts = "count(), countIf(is_other AND NOT is_foreign), countIf(is_other AND is_foreign)"
        sql = f"SELECT {counts} FROM ({self._both(table, partition, span)})"
        ((rows, differences, listed),) = self._warehouse.query_rows(sql)
        return Compared(int(rows), int(differences), int(listed))

    def differences(self, table: Table, partition: int, span: Span, most: int) -> list[Difference]:
        """Return the first differences, with what differs."""
        found = self._warehouse.query_rows(
            f"SELECT ordinal_, in_live, in_replayed, {', '.join(table.identity)}"
            f" FROM ({self._both(table, partition, span)}) WHERE is_other AND NOT is_foreign"
            f" ORDER BY ordinal_, {', '.join(table.identity)} LIMIT {most}"
        )
        return [self._difference(table, partition, row) for row in found]

    def _both(self, table: Table, partition: int, span: Span) -> str:
        """Return the question for every identity: in how many rows of each side, and whether they say the same."""
        identity = ", ".join(table.identity)
        columns = ", ".join(f"`{name}`" for name in _columns(table))
        unit = _UNITS.get(table.name, _UNIT)
        sides = " UNION ALL ".join(
            f"SELECT {identity}, toUInt64({table.range_by}) AS at_, {unit} AS unit_,"
            f" sipHash128(toString(tuple({columns}))) AS told_, {side} AS side_"
            f" FROM {self._rows_of(table, database, partition, span)}"
            for side, database in enumerate(self._databases)
        )
        return (
            f"SELECT {identity}, min(at_) AS ordinal_,"
            " countIf(side_ = 0) AS in_live, countIf(side_ = 1) AS in_replayed,"
            " in_live != 1 OR in_replayed != 1 OR uniqExact(told_) != 1 AS is_other,"
            f" any(unit_) != '' AND any(unit_) IN ({self._foreign(partition)}) AS is_foreign"
            f" FROM ({sides}) GROUP BY {identity}"
        )

    def _rows_of(self, table: Table, database: str, partition: int, span: Span) -> str:
        """Return the rows; of units those that the ledger has not changed since, whose rows are the newest."""
        where = span.covers(table.range_by, partition)
        if not table.replaces:
            return f"{database}.{table.name} WHERE {where}"
        identity = ", ".join(table.identity)
        later = f"SELECT {identity} FROM {self._databases[0]}.{table.name} FINAL WHERE partition = {partition}"
        changed = f"({identity}) IN ({later} AND {table.range_by} > {span.to})"
        return f"{database}.{table.name} FINAL WHERE {where} AND NOT {changed}"

    def _foreign(self, partition: int) -> str:
        live, other = self._databases[0], f"partition = {partition} AND {_CODE} != '{RULES_VERSION}'"
        return (
            f"SELECT {_UNIT} FROM {live}.unit_events WHERE {other}"
            f" UNION DISTINCT SELECT {_UNIT} FROM {live}.unit_revisions WHERE {other}"
            f" UNION DISTINCT SELECT {_SUBJECT} FROM {live}.acts WHERE {other}"
        )

    def _difference(self, table: Table, partition: int, row: tuple[Any, ...]) -> Difference:
        ordinal, in_live, in_replayed, *identity = row
        named = "/".join(filter(None, identity)) if table.replaces else ".".join(map(str, identity))
        if in_live == in_replayed == 1:
            told = self._told(table, partition, dict(zip(table.identity, identity, strict=True)))
            return Difference(table.name, partition, int(ordinal), named, "different", told)
        what: What = "missing" if not in_live else "unexpected" if not in_replayed else "twice"
        return Difference(table.name, partition, int(ordinal), named, what)

    def _told(self, table: Table, partition: int, identity: dict[str, Any]) -> str:
        """Return the columns that differ, as people read them."""
        names = _columns(table)
        texts = ", ".join(f"toString(`{name}`)" for name in names)
        known = " AND ".join(f"toString({name}) = {{{name}:String}}" for name in identity)
        final = " FINAL" if table.replaces else ""
        live, replayed = (
            self._warehouse.query_rows(
                f"SELECT {texts} FROM {database}.{table.name}{final} WHERE partition = {partition} AND {known}",
                {name: str(value) for name, value in identity.items()},
            )[0]
            for database in self._databases
        )
        pairs = zip(names, live, replayed, strict=True)
        return ", ".join(f"{name} {_short(a)} → {_short(b)}" for name, a, b in pairs if a != b)


def _columns(table: Table) -> list[str]:
    return [name for name in table.columns(catalogue().version(table.record)) if name != _CODE]


def _short(value: str | None) -> str:
    if value is None:
        return "null"
    shown = ascii(value)[1:-1]
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
