"""The verb `modes`: check, load or show how strictly each rule is enforced, by unit key and site."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from analytics.questions import ask
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, Row, TimeoutOption, author_name, load
from jobs.unreadable import why_unreadable
from jobs.warehouse import open_warehouse
from pipeline.domain.modes import RULES, Mode, default_mode, modes_to_json, parse_modes
from pipeline.errors import RulesWrong
from pipeline.settings import load_settings

app = typer.Typer(help="Check, load or show modes: observe, warn or block.", add_completion=False, no_args_is_help=True)

FileArgument = Annotated[
    Path,
    typer.Argument(help="TOML with [[mode]] rows of rule, mode and perhaps key_prefix, site; or the same as JSON."),
]
_COLUMNS = ("rule", "key_prefix", "site", "mode")
_SHOWN = (*_COLUMNS, "default", "author", "version", "received_at", "partitions")


@app.command()
def check(file: FileArgument, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Read a table of modes, say what is wrong with it, or show it in the order in which its rows take precedence."""
    modes = read_modes(file)
    note(f"{len(modes):,} modes are sound.")
    show(rows_of(modes), as_json=as_json, fmt=fmt, columns=(*_COLUMNS, "default"))


@app.command("load")
def load_modes(  # noqa: PLR0913  one parameter per option
    file: FileArgument,
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Put a table of modes in place of the one in force; returns when every partition has accounted its copy.

    What was decided stays decided; a unit that is folded again, because a scan comes late, is judged by what is in
    force then.
    """
    modes = read_modes(file)
    rows = load(load_settings(), ("MODES", "modes"), [modes_to_json(modes)], author_name(author), timeout)
    note(f"{len(modes):,} modes are in force in {len(rows)} partitions.")
    show(rows, as_json=as_json, fmt=fmt, title="modes")


@app.command("show")
def show_modes(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Show the modes in force as ClickHouse knows them, who loaded them and as which version."""
    with open_warehouse(load_settings()) as warehouse:
        loads = ask(warehouse, "modes")
    rows = [row | _told(one) for one in loads for row in rows_of(parse_modes(str(one["content"])))]
    if not rows:
        note("No modes are in force: every rule is enforced by its default.")
    if len(loads) > 1:
        note("The partitions differ: a load is on its way, or has not reached all of them; load the table again.")
    show(readable(rows, as_json=as_json, fmt=fmt), as_json=as_json, fmt=fmt, columns=_SHOWN, title="modes in force")


def read_modes(file: Path) -> tuple[Mode, ...]:
    """Return the modes of a file.

    Raises:
        RulesWrong: it cannot be read, or breaks a rule.
    """
    try:
        return parse_modes(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {why_unreadable(error)}"
        raise RulesWrong(message) from error
    except RulesWrong as error:
        message = f"{file}: {error}"
        raise RulesWrong(message) from error


def rows_of(modes: Sequence[Mode]) -> list[Row]:
    """Return modes as rows: rule by rule, the most specific first, as they are looked for."""
    ordered = sorted(modes, key=lambda mode: (RULES.index(mode.rule), -len(mode.key_prefix.encode()), not mode.site))
    return [{name: getattr(mode, name) for name in _COLUMNS} | {"default": default_mode(mode.rule)} for mode in ordered]


def _told(one: Row) -> Row:
    return {name: one[name] for name in ("author", "version", "received_at", "partitions")}
