"""The verb `migrate`: the ClickHouse schema moved up or down, and where it stands."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

import analytics
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.errors import SettingsWrong
from pipeline.settings import Settings, load_settings
from pipeline.warehouse import migrate
from pipeline.warehouse.migrate import Migration
from pipeline.warehouse.profiles import profile_named, render
from pipeline.warehouse.storage import Storage, storage_statements

app = typer.Typer(help="Move the ClickHouse schema up or down.", add_completion=False, no_args_is_help=True)

StepsOption = Annotated[int, typer.Option("--steps", min=1, help="How many of the latest to take back.")]
EverythingOption = Annotated[bool, typer.Option("--all", help="Take back every migration, and with it the data.")]


@app.command()
def up() -> None:
    """Apply every migration that is missing, creating the database at first use."""
    settings = load_settings()
    _create_database(settings)
    with open_warehouse(settings) as warehouse:
        profile = profile_named(settings.clickhouse_profile)
        _tell("Applied", migrate.up(warehouse, migrations_folder(), profile))
        for statement in storage_statements(_storage(settings), profile):
            warehouse.command(statement)


@app.command()
def down(steps: StepsOption = 1, everything: EverythingOption = False) -> None:
    """Take back the latest migration, or more; tables go with their rows."""
    settings = load_settings()
    profile = profile_named(settings.clickhouse_profile)
    with open_warehouse(settings) as warehouse:
        _tell("Taken back", migrate.down(warehouse, migrations_folder(), profile, steps=None if everything else steps))


@app.command()
def status(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List the migrations; exit 1 where one is missing, or was changed after it was applied."""
    with open_warehouse(load_settings()) as warehouse:
        found = migrate.status(warehouse, migrations_folder())
    rows = [
        {
            "number": each.migration.number,
            "name": each.migration.name,
            "applied_at": each.applied_at,
            "changed_since": each.is_changed,
        }
        for each in found
    ]
    show(rows, as_json=as_json, fmt=fmt)
    if any(each.applied_at is None or each.is_changed for each in found):
        raise typer.Exit(1)


def migrations_folder() -> Path:
    """Return where the SQL is, in the source tree as in an installed wheel."""
    return Path(str(files(analytics) / "migrations"))


def _storage(settings: Settings) -> Storage:
    return Storage(
        settings.clickhouse_storage_policy, settings.clickhouse_cold_volume, settings.clickhouse_cold_after_days
    )


def _create_database(settings: Settings) -> None:
    name = settings.clickhouse_database
    if not name.isidentifier():
        message = f"CLICKHOUSE_DATABASE must be a plain name, it is {name!r}."
        raise SettingsWrong(message)
    with open_warehouse(settings.model_copy(update={"clickhouse_database": "default"})) as outside:
        for statement in render(f"CREATE DATABASE IF NOT EXISTS {name}", profile_named(settings.clickhouse_profile)):
            outside.command(statement)


def _tell(what: str, migrations: Sequence[Migration]) -> None:
    names = ", ".join(f"{each.number:04} {each.name}" for each in migrations)
    note(f"{what}: {names}" if names else "Nothing to do.")
