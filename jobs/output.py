"""How verbs print: rows in the format asked for on stdout, everything said to people on stderr.

show(rows, as_json=as_json, fmt=fmt)      with the two options JsonOption and FormatOption
note("Fetching …")                        progress and remarks; never mixed into the rows
"""

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TextIO

import typer

from analytics.spreadsheets import as_cell

Row = Mapping[str, object]

_WIDTH_WITHOUT_TERMINAL = 500  # a pipe has no width: nothing may be cut
_CONTROL = {code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)] if chr(code) not in "\t\n"}
"""What a terminal would obey, written so that it does not: texts are what sites sent."""


class Format(StrEnum):
    """The formats of rows."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    TSV = "tsv"
    MARKDOWN = "markdown"


JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How rows are printed.")]


def show(
    rows: Sequence[Row],
    *,
    as_json: bool = False,
    fmt: Format | str = Format.TABLE,
    title: str = "",
    columns: Sequence[str] | None = None,
) -> None:
    """Print the rows on stdout.

    Args:
        rows: One mapping per row; the first row's keys are the columns.
        as_json: Wins over `fmt`.
        fmt: One of Format.
        title: Printed above a table, and nowhere else.
        columns: The columns and their order, where `rows` may be empty or ragged.
    """
    chosen = Format.JSON if as_json else Format(fmt)
    names = list(columns) if columns is not None else list(rows[0] if rows else ())
    if chosen is Format.TABLE:
        _show_table(rows, names, title)
    else:
        _WRITERS[chosen](rows, names, sys.stdout)


def note(message: str) -> None:
    """Say something to the person at the terminal, on stderr."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def _show_table(rows: Sequence[Row], names: Sequence[str], title: str) -> None:
    from rich.console import Console  # noqa: PLC0415  rich costs 0.1 s that scripts asking for JSON need not pay
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in names:
        numeric = all(isinstance(row.get(name), int | float | None) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_as_text(row.get(name))) for name in names))
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH_WITHOUT_TERMINAL)
    console.print(table)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}"
    return str(_plain(value)).translate(_CONTROL)


def _plain(value: object) -> object:
    """Return the value as JSON and CSV hold it: times in ISO 8601, the rest as it is."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _selected(row: Row, names: Sequence[str]) -> dict[str, object]:
    return {name: row.get(name) for name in names}


def _write_json(rows: Sequence[Row], names: Sequence[str], out: TextIO) -> None:
    json.dump([_selected(row, names) for row in rows], out, indent=2, ensure_ascii=False, default=_json_value)
    out.write("\n")


def _write_ndjson(rows: Sequence[Row], names: Sequence[str], out: TextIO) -> None:
    for row in rows:
        out.write(json.dumps(_selected(row, names), ensure_ascii=False, default=_json_value) + "\n")


def _json_value(value: object) -> object:
    plain = _plain(value)
    return str(plain) if plain is value else plain


def _write_delimited(rows: Sequence[Row], names: Sequence[str], out: TextIO, delimiter: str) -> None:
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([as_cell(_plain(row.get(name))) for name in names] for row in rows)


def _write_csv(rows: Sequence[Row], names: Sequence[str], out: TextIO) -> None:
    _write_delimited(rows, names, out, ",")


def _write_tsv(rows: Sequence[Row], names: Sequence[str], out: TextIO) -> None:
    _write_delimited(rows, names, out, "\t")


def _write_markdown(rows: Sequence[Row], names: Sequence[str], out: TextIO) -> None:
    out.write(f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n")
    for row in rows:
        cells = (_as_text(row.get(name)).replace("|", "\\|").replace("\n", " ") for name in names)
        out.write(f"| {' | '.join(cells)} |\n")


_WRITERS: dict[Format, Callable[[Sequence[Row], Sequence[str], TextIO], None]] = {
    Format.JSON: _write_json,
    Format.NDJSON: _write_ndjson,
    Format.CSV: _write_csv,
    Format.TSV: _write_tsv,
    Format.MARKDOWN: _write_markdown,
}
