"""NDJSON as rows of texts, each line for itself: a line that is no row spoils no other, and changes none.

Flow: lines of a file -> batches of texts, numbers as they are written, and why a line is no row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Set
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl

from pipeline.capture.batch import Batch
from pipeline.errors import FileUnreadable

_BOM: Final = b"\xef\xbb\xbf"
_MOST_COLUMNS: Final = 1_000
_SHOWN: Final = 40

Texts = dict[str, str | None]


class JsonRows:
    """The rows of an NDJSON file; blank lines are none."""

    def __init__(self, file: Path) -> None:
        """Look at every line once, for the columns and their number.

        Raises: FileUnreadable where no line is a row.
        """
        self.file = file
        self.rows = 0
        names: dict[str, None] = {}
        wrong = ""
        for line in self._lines():
            self.rows += 1
            row = _object(line)
            if isinstance(row, str):
                wrong = wrong or f": row {self.rows} is {row}"
            else:
                names |= dict.fromkeys(row)
            if len(names) > _MOST_COLUMNS:
                message = f"{file} cannot be read: its rows have more than {_MOST_COLUMNS:,} different names."
                raise FileUnreadable(message)
        if not names:
            message = f"{file} cannot be read: none of its lines is a JSON object with fields{wrong}."
            raise FileUnreadable(message)
        self.columns = list(names)

    def batches(self, batch_rows: int, needed: Set[str]) -> Iterator[Batch]:
        """Yield the rows in their order, so many at a time; a list or object in a needed column is wrong."""
        lines = self._lines()
        while some := list(islice(lines, batch_rows)):
            yield self._batch(some, needed)

    def _batch(self, lines: list[bytes], needed: Set[str]) -> Batch:
        rows, wrong = [], []
        for line in lines:
            row = _object(line)
            texts, why = ({}, row) if isinstance(row, str) else _texts(row, line, needed)
            rows.append(texts)
            wrong.append(why)
        frame = pl.DataFrame(
            {name: [row.get(name) for row in rows] for name in self.columns}, dict.fromkeys(self.columns, pl.String)
        )
        return Batch(frame, pl.Series(wrong, dtype=pl.String))

    def _lines(self) -> Iterator[bytes]:
        with self.file.open("rb") as lines:
            yield from _filled(lines)


def _filled(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        text = line.removeprefix(_BOM).strip() if number == 0 else line.strip()
        if text:
            yield text


def _object(line: bytes) -> dict[str, Any] | str:
    """Return what a line says, or why it is no row."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        shown = line[:_SHOWN].decode(errors="replace")
        return f"no JSON: {error.msg} at character {error.pos + 1} of {shown!r}"
    return row if isinstance(row, dict) else f"no JSON object, but {_kind(row)}"


def _texts(row: dict[str, Any], line: bytes, needed: Set[str]) -> tuple[Texts, str | None]:
    """Return a row's values as texts, and why it is none."""
    if all(value is None or type(value) is str for value in row.values()):
        return row, None
    try:
        return _exact_texts(line, needed)
    except RecursionError:  # orjson goes a little deeper than json
        return {}, "nested too deeply"


def _exact_texts(line: bytes, needed: Set[str]) -> tuple[Texts, str | None]:
    exact = json.loads(line, parse_int=str, parse_float=str)  # 1.50 and a number of 30 digits stay what they are
    nested = [name for name, value in exact.items() if isinstance(value, list | dict)]
    why = next((f"{name}: {_kind(exact[name])}, no text" for name in nested if name in needed), None)
    return {name: _text(value) for name, value in exact.items()}, why


def _text(value: Any) -> str | None:  # noqa: ANN401  JSON
    return value if value is None or type(value) is str else json.dumps(value, ensure_ascii=False)


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else "a single value"
