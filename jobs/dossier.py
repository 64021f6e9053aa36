"""The verb `dossier`: all that is known of a unit as a signed chain of lines; and the check of one, offline."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from analytics.dossier import dossier_lines, faults, public_text, seal
from analytics.labels import standing
from analytics.questions import ask
from jobs import arguments
from jobs.output import JsonOption, note, show
from jobs.signing_key import public_key, signing_key
from jobs.warehouse import open_warehouse
from pipeline.domain.unit_key import UnitKey
from pipeline.errors import FileUnreadable
from pipeline.settings import Settings, load_settings
from pipeline.warehouse.retention import removals

NOT_FOUND = 1
SPOILED = 1
_LINE_FEED = b"\n"


class _KeyOrCommand(TyperGroup):
    """A first word that names no command is a unit key: `dossier KEY` is `dossier show KEY`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  typer keeps its click to itself
        """Return the command named, or `show` with the word as its first argument."""
        known = self.get_command(ctx, args[0]) is not None
        return super().resolve_command(ctx, args if known else ["show", *args])


app = typer.Typer(
    cls=_KeyOrCommand,
    help="All that is known of a unit, signed: dossier KEY; dossier verify FILE.",
    add_completion=False,
    no_args_is_help=True,
)


@app.command("show")
def show_dossier(
    key: Annotated[str, typer.Argument(help=f"Unit key, as {arguments.KEY_EXAMPLE}.")],
    out: Annotated[Path | None, typer.Option("--out", help="A file to write to; stdout if left out.")] = None,
) -> None:
    """Write a unit's dossier: one JSON object a line, each with the hash of the line before, the last one signed."""
    settings = load_settings()
    lines = list(_sealed(settings, arguments.unit_key(key)))
    if out is None:
        sys.stdout.writelines(lines)
    else:
        try:
            out.write_text("".join(lines), encoding="utf-8")
        except OSError as error:
            message = f"{out} cannot be written: {error.strerror}"
            raise FileUnreadable(message) from error
        note(f"{_counted(len(lines))} in {out}")
    note(f"Check it anywhere: scanledger dossier verify FILE --public-key {_public(settings)}")


def _sealed(settings: Settings, unit: UnitKey) -> list[str]:
    named = {"item": unit.item, "serial": unit.serial}
    with open_warehouse(settings) as warehouse:
        current = standing(warehouse, unit)
        removal = removals(warehouse).get(current["partition"]) if current else None
        parts = {
            "event": ask(warehouse, "dossier_events", **named),
            "revision": ask(warehouse, "dossier_revisions", **named),
            "alert": ask(warehouse, "dossier_alerts", unit=unit.text),
        }
    if removal is not None:
        note(f"Of this unit {removal.text()}.")
        for kind in ("event", "revision"):
            parts[kind] = [row for row in parts[kind] if row["ordinal"] > removal.last_ordinal]
    elif not parts["event"]:
        note(f"Nothing is known of {unit.text}: no scan of it has been written to the warehouse.")
        raise typer.Exit(NOT_FOUND)
    lines = dossier_lines(unit.text, current, parts, removed=None if removal is None else asdict(removal))
    return list(seal(lines, signing_key(settings.home)))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A dossier.")],
    key: Annotated[str, typer.Option("--public-key", help="64 hex digits, or a file that holds them.")],
    as_json: JsonOption = False,
) -> None:
    """Check a dossier without a ledger; exit code 1 where a byte was changed or a line dropped or moved."""
    try:
        content = file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise FileUnreadable(message) from error
    found = faults(content, public_key(key))
    if as_json:
        show([{"file": str(file), "is_sound": not found, "faults": found}], as_json=True)
    else:
        note(f"{file}: " + ("; ".join(found) or f"{_counted(content.count(_LINE_FEED))}, as they were sealed"))
    raise typer.Exit(SPOILED if found else 0)


@app.command("key")
def show_key() -> None:
    """Print the public key that checks this ledger's dossiers."""
    typer.echo(_public(load_settings()))


def _counted(lines: int) -> str:
    """Return in words how many lines a dossier has; the last one is the signature."""
    return f"{lines - 1:,} lines and the signature"


def _public(settings: Settings) -> str:
    return public_text(signing_key(settings.home).public_key())
