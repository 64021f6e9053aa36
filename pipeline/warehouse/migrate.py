"""Migrations: numbered plain SQL, up and down, with a record of what was applied in the database itself.

A folder holds `0001_name.up.sql` and `0001_name.down.sql`, numbered without a gap. ClickHouse has no transactions over
DDL: a migration that failed half-way is run again from its start, so its statements say IF NOT EXISTS and IF EXISTS.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.errors import MigrationsWrong
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.profiles import Profile, render
from pipeline.warehouse.statements import split_statements

_FILE: Final = re.compile(r"(\d{4})_(\w+)\.(up|down)\.sql")
_RECORD: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number UInt32,
    name String,
    checksum String,
    is_applied Bool,
    at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(at) ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema and the way back."""

    number: int
    name: str
    up: str
    down: str

    @property
    def checksum(self) -> str:
        """The hash of the way up, to tell when a file was changed after it was applied."""
        return hashlib.sha256(self.up.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Status:
    """A migration and whether the database has it, and has it as the file says now."""

    migration: Migration
    applied_at: datetime | None
    is_changed: bool


def read_migrations(folder: Path) -> list[Migration]:
    """Read the migrations of a folder in order.

    Raises:
        MigrationsWrong: A file's name is no migration's, a number is missing or double, or a way back is missing.
    """
    halves: dict[int, dict[str, tuple[str, str]]] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            message = f"{path}: a migration is named NNNN_name.up.sql or NNNN_name.down.sql."
            raise MigrationsWrong(message)
        number, name, direction = match.groups()
        halves.setdefault(int(number), {})[direction] = name, path.read_text("utf-8")
    return [_joined(folder, number, halves.get(number, {})) for number in range(1, max(halves, default=0) + 1)]


def status(warehouse: Warehouse, folder: Path) -> list[Status]:
    """Tell for each migration whether it is applied.

    Raises:
        MigrationsWrong: The folder makes no sense, or the database has a migration that the folder has not.
    """
    migrations = read_migrations(folder)
    applied = _applied(warehouse)
    unknown = sorted(applied.keys() - {migration.number for migration in migrations})
    if unknown:
        message = f"The database has migrations {unknown} that {folder} has not: run the code that made them."
        raise MigrationsWrong(message)
    return [_status(migration, applied.get(migration.number)) for migration in migrations]


def up(warehouse: Warehouse, folder: Path, profile: Profile) -> list[Migration]:
    """Apply what is not applied yet, in order, and return it; raises as `status`."""
    missing = [each.migration for each in status(warehouse, folder) if each.applied_at is None]
    for migration in missing:
        _run(warehouse, migration.up, profile)
        _record(warehouse, migration, is_applied=True)
    return missing


def down(warehouse: Warehouse, folder: Path, profile: Profile, *, steps: int | None = 1) -> list[Migration]:
    """Take back the latest migrations, all of them where steps is None, and return them; raises as `status`."""
    applied = [each.migration for each in status(warehouse, folder) if each.applied_at is not None]
    taken_back = applied[::-1][:steps]
    for migration in taken_back:
        _run(warehouse, migration.down, profile)
        _record(warehouse, migration, is_applied=False)
    return taken_back


def rendered(migrations: Sequence[Migration], profile: Profile) -> list[str]:
    """Return every statement of the ways up as it would run under a profile."""
    return [
        text for each in migrations for statement in split_statements(each.up) for text in render(statement, profile)
    ]


def _status(migration: Migration, applied: tuple[str, datetime] | None) -> Status:
    if applied is None:
        return Status(migration, None, is_changed=False)
    checksum, at = applied
    return Status(migration, at, is_changed=checksum != migration.checksum)


def _joined(folder: Path, number: int, halves: dict[str, tuple[str, str]]) -> Migration:
    if halves.keys() != {"up", "down"} or len({name for name, _ in halves.values()}) != 1:
        message = f"{folder}: migration {number:04} needs one .up.sql and one .down.sql of one name."
        raise MigrationsWrong(message)
    return Migration(number, halves["up"][0], halves["up"][1], halves["down"][1])


def _run(warehouse: Warehouse, sql: str, profile: Profile) -> None:
    for statement in split_statements(sql):
        for text in render(statement, profile):
            warehouse.command(text)


def _applied(warehouse: Warehouse) -> dict[int, tuple[str, datetime]]:
    warehouse.command(_RECORD)
    rows = warehouse.query_rows("SELECT number, checksum, at FROM schema_migrations FINAL WHERE is_applied")
    return {number: (checksum, at) for number, checksum, at in rows}


def _record(warehouse: Warehouse, migration: Migration, *, is_applied: bool) -> None:
    warehouse.command(
        "INSERT INTO schema_migrations (number, name, checksum, is_applied)"
        " SELECT {number:UInt32}, {name:String}, {checksum:String}, {is_applied:Bool}",
        {
            "number": migration.number,
            "name": migration.name,
            "checksum": migration.checksum,
            "is_applied": is_applied,
        },
    )
