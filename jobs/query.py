"""The verb `query`: SQL that a person wrote, run as a reader."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs import arguments
from jobs.output import Format, FormatOption, JsonOption, show
from jobs.unreadable import why_unreadable
from jobs.warehouse import open_as_analyst
from pipeline.errors import WarehouseRefused
from pipeline.settings import load_settings
from pipeline.warehouse.rows import as_dicts

app = typer.Typer(add_completion=False)

SqlArgument = Annotated[str, typer.Argument(metavar="SQL", help="The question; @FILE reads a file, - reads stdin.")]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", help="NAME=VALUE, for {NAME:Type} in the SQL; may be repeated.")
]

# DB::Exception: Unknown identifier `x`. In scope SELECT x. Maybe you meant: ['y']. (UNKNOWN_IDENTIFIER) (version …
_REFUSAL = re.compile(r"DB::Exception: (?P<text>.*?)\s*\((?P<name>[A-Z][A-Z0-9_]+)\) \(version", re.DOTALL)
_END_OF_SENTENCE = re.compile(r"\n|\.\s+(?=[A-Z])|:\s+(?:[Ww]hile|In scope)\b")
_HINT = re.compile(r"Maybe you meant: \[[^\]]*\]")


@app.command()
def query(
    sql: SqlArgument, param: ParamOption = None, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE
) -> None:
    """Run SQL as the analyst, who can read and nothing else.

    Start from the views v_unit_events (every scan with its newest decision), v_unit_current and v_alerts.
    """
    text, parameters = _text(sql), arguments.pairs(param or [])
    with open_as_analyst(load_settings()) as warehouse:
        try:
            frame = warehouse.query_frame(text, parameters)
        except WarehouseRefused as refused:
            raise WarehouseRefused(in_short(str(refused)), code=refused.code) from refused
    show(as_dicts(frame), as_json=as_json, fmt=fmt, columns=frame.columns)


def in_short(refusal: str) -> str:
    """Return ClickHouse's own words for what is wrong: the first sentence, a hint if it has one, the code's name."""
    found = _REFUSAL.search(refusal)
    if found is None:
        return refusal
    sentence, hint = _END_OF_SENTENCE.split(found["text"], maxsplit=1)[0].rstrip("."), _HINT.search(found["text"])
    return f"ClickHouse refused: {sentence}. {f'{hint[0]}. ' if hint else ''}({found['name']})"


def _text(sql: str) -> str:
    if sql == "-":
        return sys.stdin.read()
    if not sql.startswith("@"):
        return sql
    try:
        return Path(sql[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{sql[1:]} cannot be read: {why_unreadable(error)}"
        raise typer.BadParameter(message) from error
