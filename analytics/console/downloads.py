"""Files to take away: rows as CSV or Parquet, and the SQL behind a view.

Flow: rows -> the bytes of a file, its type, its name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

import polars as pl
from starlette.responses import Response

from analytics.questions import question
from analytics.spreadsheets import as_cell

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "sql": "text/plain; charset=utf-8",
}


class FileFormat(StrEnum):
    """What a view may be taken away as."""

    CSV = "csv"
    PARQUET = "parquet"
    SQL = "sql"


def rows_file(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str, fmt: FileFormat) -> Response:
    """Return rows as a file; CSV has times as ISO 8601 and nothing where nothing is known.

    A text that a spreadsheet would take for a formula gets a quote in front of it in CSV; Parquet has it as it is.
    """
    if fmt is FileFormat.PARQUET:
        return _file(_parquet(rows, columns), name, fmt)
    plain = [[_cell(row.get(column)) for column in columns] for row in rows]
    frame = pl.DataFrame(plain, schema=dict.fromkeys(columns, pl.String), orient="row")
    return _file(frame.write_csv().encode(), name, fmt)


def sql_file(questions: Sequence[str], parameters: Mapping[str, Any], name: str, *, about: str = "") -> Response:
    """Return the SQL of questions with the values of their parameters in front, as clickhouse-client takes them.

    `about` stands above it as a comment: what is made of the rows that is not SQL.
    """
    return sql_files([(one, parameters) for one in questions], name, about=about)


def sql_files(asked: Sequence[tuple[str, Mapping[str, Any]]], name: str, *, about: str = "") -> Response:
    """Return the SQL of questions, each with its own values of its parameters; else as `sql_file`."""
    head = "".join(f"-- {line}\n" for line in about.splitlines())
    parts = [(one, question(one), parameters) for one, parameters in asked]
    text = "".join(f"-- {one}.sql\n{declared(sql, parameters)}{sql}\n;\n\n" for one, sql, parameters in parts)
    return _file(f"{head}{text}".encode(), name, FileFormat.SQL)


def declared(sql: str, parameters: Mapping[str, Any]) -> str:
    """Return the statements that give the parameters of a question their values, as clickhouse-client takes them."""
    used = [(one, parameters[one]) for one in parameters if re.search(rf"{{{one}:", sql)]
    return "".join(f"SET param_{one} = '{_literal(value)}';\n" for one, value in used)


def text_file(text: str, name: str, fmt: FileFormat) -> Response:
    """Return a text as a file."""
    return _file(text.encode(), name, fmt)


def _parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    data = {column: [row.get(column) for row in rows] for column in columns}
    held = io.BytesIO()
    pl.DataFrame(data, strict=False).write_parquet(held)
    return held.getvalue()


def _literal(value: object) -> str:
    text = f"[{', '.join(map(_element, value))}]" if isinstance(value, list | tuple) else str(value)
    return _escaped(text)


def _element(value: object) -> str:
    return f"'{_escaped(value)}'" if isinstance(value, str) else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return str(as_cell(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _file(content: bytes, name: str, fmt: FileFormat) -> Response:
    shown = f"attachment; filename*=UTF-8''{quote(f'{name}.{fmt}')}"
    return Response(content, media_type=_TYPES[fmt], headers={"Content-Disposition": shown})
