"""Databases of a ledger for tests: migrated once, emptied after a test and lent again, for migrating takes a second."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.migrate import up

MIGRATIONS = Path(__file__).resolve().parents[1] / "analytics" / "migrations"
_SHAPE = """SELECT name, replaceAll(create_table_query, currentDatabase(), '') FROM system.tables
    WHERE database = currentDatabase() ORDER BY name"""
_FILLED = """SELECT name FROM system.tables
    WHERE database = currentDatabase() AND total_rows > 0 AND name != 'schema_migrations'"""


@dataclass
class Databases:
    """The databases of one server; `shape` is what each was when it was made, by its name."""

    url: str
    user: str
    password: str
    idle: list[str] = field(default_factory=list)
    shape: dict[str, object] = field(default_factory=dict)
    kept_apart: set[str] = field(default_factory=set)
    """Lent once only: what writes to them may outlive its test."""

    @contextmanager
    def migrated(self) -> Iterator[tuple[str, Warehouse]]:
        """Lend an empty database of a ledger as long as the block runs."""
        name = self.idle.pop() if self.idle else self._made()
        with self._connected(name) as warehouse:
            if name not in self.shape:
                up(warehouse, MIGRATIONS, "embedded")
                self.shape[name] = warehouse.query_rows(_SHAPE)
            yield name, warehouse
            if name in self.kept_apart or warehouse.query_rows(_SHAPE) != self.shape[name]:
                _drop(warehouse, name)
            else:
                for (table,) in warehouse.query_rows(_FILLED):
                    warehouse.command(f"TRUNCATE TABLE {table}")
                self.idle.append(name)

    @contextmanager
    def bare(self) -> Iterator[Warehouse]:
        """Have a database without a table as long as the block runs."""
        name = self._made()
        with self._connected(name) as warehouse:
            yield warehouse
            _drop(warehouse, name)

    def _made(self) -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        with connect(self.url, user=self.user, password=self.password) as outside:
            outside.command(f"CREATE DATABASE {name}")
        return name

    def _connected(self, name: str) -> Warehouse:
        return connect(self.url, user=self.user, password=self.password, database=name)


def _drop(warehouse: Warehouse, name: str) -> None:
    warehouse.command(f"DROP DATABASE {name} SYNC")
