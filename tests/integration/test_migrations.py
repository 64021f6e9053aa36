"""Migrations walked up and down on the embedded server, and rendered for a cluster."""

import re
from pathlib import Path

import pytest

from pipeline.errors import MigrationsWrong, WarehouseRefused
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.migrate import down, read_migrations, rendered, status, up

TABLE = "CREATE TABLE IF NOT EXISTS {} (a Int64) ENGINE = MergeTree ORDER BY a"
PROJECT_MIGRATIONS = Path(__file__).resolve().parents[2] / "analytics" / "migrations"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "0001_events", f"{TABLE.format('events')};", "events")
    text = """
    -- a table; with a semicolon in its comment
    CREATE TABLE IF NOT EXISTS acts (a String DEFAULT ';') ENGINE = ReplacingMergeTree ORDER BY a;
    INSERT INTO acts VALUES ('x;y');
    """
    write(tmp_path, "0002_acts", text, "acts")
    return tmp_path


def write(folder: Path, name: str, up_sql: str, table: str) -> None:
    (folder / f"{name}.up.sql").write_text(up_sql)
    (folder / f"{name}.down.sql").write_text(f"DROP TABLE IF EXISTS {table} SYNC;")


def tables(warehouse: Warehouse) -> set[str]:
    return {name for (name,) in warehouse.query_rows("SHOW TABLES")} - {"schema_migrations"}


def test_every_migration_goes_up_down_and_up_again(warehouse: Warehouse, folder: Path) -> None:
    assert [each.name for each in up(warehouse, folder, "embedded")] == ["events", "acts"]
    assert tables(warehouse) == {"events", "acts"}
    assert [each.name for each in down(warehouse, folder, "embedded", steps=None)] == ["acts", "events"]
    assert tables(warehouse) == set()
    up(warehouse, folder, "embedded")
    assert warehouse.query_rows("SELECT * FROM acts") == [("x;y",)]


def test_up_does_nothing_where_everything_is_applied(warehouse: Warehouse, folder: Path) -> None:
    up(warehouse, folder, "embedded")
    assert up(warehouse, folder, "embedded") == []


def test_down_takes_back_the_latest_only(warehouse: Warehouse, folder: Path) -> None:
    up(warehouse, folder, "embedded")
    assert [each.number for each in down(warehouse, folder, "embedded")] == [2]
    assert [each.applied_at is not None for each in status(warehouse, folder)] == [True, False]


def test_status_shows_a_file_that_changed_after_it_was_applied(warehouse: Warehouse, folder: Path) -> None:
    up(warehouse, folder, "embedded")
    (folder / "0001_events.up.sql").write_text("CREATE TABLE events (b Int64) ENGINE = MergeTree ORDER BY b")
    assert [each.is_changed for each in status(warehouse, folder)] == [True, False]


def test_a_migration_that_failed_is_run_again(warehouse: Warehouse, folder: Path) -> None:
    write(folder, "0003_broken", f"{TABLE.format('c')}; SELECT nope", "c")
    with pytest.raises(WarehouseRefused):
        up(warehouse, folder, "embedded")
    write(folder, "0003_broken", TABLE.format("c"), "c")
    assert [each.number for each in up(warehouse, folder, "embedded")] == [3]


def test_a_database_ahead_of_the_folder_is_refused(warehouse: Warehouse, folder: Path) -> None:
    up(warehouse, folder, "embedded")
    for name in ("0002_acts.up.sql", "0002_acts.down.sql"):
        (folder / name).unlink()
    with pytest.raises(MigrationsWrong, match=r"\[2\]"):
        up(warehouse, folder, "embedded")


@pytest.mark.parametrize("missing", ["0001_events.up.sql", "0001_events.down.sql"])
def test_a_missing_half_is_refused(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(MigrationsWrong, match="0001"):
        read_migrations(folder)


def test_a_missing_number_and_a_strange_name_are_refused(folder: Path) -> None:
    write(folder, "0004_late", "SELECT 1", "x")
    with pytest.raises(MigrationsWrong, match="0003"):
        read_migrations(folder)
    (folder / "notes.sql").write_text("SELECT 1")
    with pytest.raises(MigrationsWrong, match="notes"):
        read_migrations(folder)


def test_the_project_s_own_migrations_walk_up_down_and_up(warehouse: Warehouse) -> None:
    applied = up(warehouse, PROJECT_MIGRATIONS, "embedded")
    assert applied
    assert tables(warehouse)
    down(warehouse, PROJECT_MIGRATIONS, "embedded", steps=None)
    assert tables(warehouse) == set()
    assert len(up(warehouse, PROJECT_MIGRATIONS, "embedded")) == len(applied)


def test_the_cluster_profile_of_the_project_s_migrations_parses(warehouse: Warehouse) -> None:
    statements = rendered(read_migrations(PROJECT_MIGRATIONS), "cluster")
    for statement in statements:
        (parsed,) = warehouse.query_rows("SELECT formatQueryOrNull({sql:String})", {"sql": statement})
        assert parsed[0], statement
    tables_made = [each for each in statements if re.match(r"CREATE TABLE", each)]
    assert tables_made
    for statement in tables_made:
        assert "ON CLUSTER" in statement
        assert "Replicated" in statement or "Distributed(" in statement
