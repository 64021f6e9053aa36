"""The verb `dead-letters`: list or show the records that could not be read."""

from typing import Annotated

import typer

from analytics.questions import ask
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(help="List or show records that could not be read.", add_completion=False, no_args_is_help=True)

NOT_FOUND = 1
LIST_COLUMNS = ("partition", "ordinal", "n", "received_at", "error", "detail", "topic", "offset", "size")


@app.command("list")
def list_dead_letters(
    error: Annotated[str, typer.Option("--error", help="Only with this error, as TRUNCATED or GAP.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="At most so many, the newest.")] = 100,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """List dead letters, the newest first."""
    with open_warehouse(load_settings()) as warehouse:
        rows = ask(warehouse, "dead_letters", error=error.strip().upper(), most=most, skip=0)
    show(readable(rows, as_json=as_json, fmt=fmt), as_json=as_json, fmt=fmt, title="dead letters", columns=LIST_COLUMNS)


@app.command("show")
def show_dead_letter(
    partition: Annotated[int, typer.Argument(min=0)],
    ordinal: Annotated[int, typer.Argument(min=1)],
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Show one with its bytes, in hexadecimal digits and as text where it is any."""
    with open_warehouse(load_settings()) as warehouse:
        rows = ask(warehouse, "dead_letter", in_partition=partition, at_ordinal=ordinal)
    if not rows:
        note(f"There is no dead letter with ordinal {ordinal} in partition {partition}.")
        raise typer.Exit(NOT_FOUND)
    decoded = [row | {"key_text": _text(row["key_hex"]), "value_text": _text(row["value_hex"])} for row in rows]
    if as_json or fmt is not Format.TABLE:
        show(decoded, as_json=as_json, fmt=fmt)
        return
    for row in decoded:
        show([{"field": name, "value": value} for name, value in row.items()], fmt=fmt)


def _text(digits: str | None) -> str | None:
    """Return the bytes as text: what cannot be shown stands as an escape."""
    if digits is None:
        return None
    decoded = bytes.fromhex(digits).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in decoded)
