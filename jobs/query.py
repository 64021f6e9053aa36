"""The verb `query`: SQL that a person wrote, run as a reader."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs import arguments
from jobs.output import Format, FormatOption, JsonOption, show
from jobs.warehouse import open_as_analyst
from pipeline.settings import load_settings
from pipeline.warehouse.rows import as_dicts

app = typer.Typer(add_completion=False)

SqlArgument = Annotated[str, typer.Argument(metavar="SQL", help="The question; @FILE reads a file, - reads stdin.")]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", help="NAME=VALUE, for {NAME:Type} in the SQL; may be repeated.")
]


@app.command()
def query(
    sql: SqlArgument, param: ParamOption = None, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE
) -> None:
    """Run SQL as the analyst, who can read and nothing else.

    Start from the views v_unit_events (every scan with its newest decision), v_unit_current and v_alerts.
    """
    text, parameters = _text(sql), arguments.pairs(param or [])
    with open_as_analyst(load_settings()) as warehouse:
        frame = warehouse.query_frame(text, parameters)
    show(as_dicts(frame), as_json=as_json, fmt=fmt, columns=frame.columns)


def _text(sql: str) -> str:
    if sql == "-":
        return sys.stdin.read()
    if not sql.startswith("@"):
        return sql
    try:
        return Path(sql[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{sql[1:]} cannot be read: {error}"
        raise typer.BadParameter(message) from error
