"""A CSV file as rows of texts with their numbers, and the faults found in them.

with rows_of(Path("own.csv")) as rows: …      # the header is checked, cells are stripped, empty lines skipped
faults.add(row, "time", "abc", "is no number; …")
"""

import csv
import difflib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import FileUnreadable, TableWrong

FAULTS_SHOWN = 20
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SHOWN_CHARACTERS = 40
_MOST_DIGITS = 15
LARGEST = 10**_MOST_DIGITS - 1
"""The largest whole number of a table: a float holds all up to it exactly."""


class Row(NamedTuple):
    """A row of a table: its number among the data from 1, its line in the file, its cells by column."""

    number: int
    line: int
    cells: dict[str, str]


class Table(NamedTuple):
    """A CSV file: its columns in order and its rows."""

    file: Path
    columns: list[str]
    rows: list[Row]


@dataclass
class Faults:
    """The faults of one file, gathered so that all are told at once."""

    file: Path
    told: list[str] = field(default_factory=list)

    def add(self, row: Row, column: str, why: str) -> None:
        """Note a fault of a cell: `why` says what is wrong and what would be right."""
        value = row.cells.get(column, "")
        shown = value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"
        self.told.append(f"line {row.line} (row {row.number} of the data), column {column!r}: {shown!r} {why}")

    def raise_any(self) -> None:
        """Raise TableWrong where there are faults, naming the first of them."""
        if self.told:
            count = f"{len(self.told)} faults" if len(self.told) > 1 else "a fault"
            more = [f"… and {len(self.told) - FAULTS_SHOWN} more"] if len(self.told) > FAULTS_SHOWN else []
            message = "\n".join([f"{self.file}: {count}", *self.told[:FAULTS_SHOWN], *more])
            raise TableWrong(message)


def read_table(file: Path) -> Table:
    """Read a CSV file in UTF-8 with a header.

    Raises: FileUnreadable where it is not there or no such file; TableWrong for a header without names or with one
    twice, and for rows that have not as many cells as the header.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, str(error)) from error
    return read_bytes(str(file), content)


def read_bytes(name: str, content: bytes) -> Table:
    """Read a CSV file that somebody sent, under its name; raises as `read_table`."""
    file = Path(name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(error.object[: error.start + 1].splitlines())
        raise _unreadable(file, f"line {line}: {error}; save it as UTF-8") from error
    return _table(file, StringIO(text, newline=""))


def require_columns(table: Table, wanted: Sequence[str]) -> None:
    """Raise TableWrong where the table lacks a column, naming the nearest there is."""
    for name in wanted:
        if name not in table.columns:
            near = difflib.get_close_matches(name, table.columns, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, table.columns))}"
            message = f"{table.file}: no column {name!r}; {hint}"
            raise TableWrong(message)


def number(text: str) -> float | None:
    """Return a finite decimal number, None where the text is none."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def whole_number(text: str) -> int | None:
    """Return a whole number from 0 to LARGEST, None where the text is none."""
    digits = _digits(text)
    return int(digits) if digits and len(digits) <= _MOST_DIGITS else None


def no_whole_number(text: str, why: str) -> str:
    """Return what is wrong with a text that is no whole number here: it is too large, else `why`."""
    return f"is too large; the largest is {LARGEST}" if _digits(text) else why


def _digits(text: str) -> str:
    """Return the digits of a whole number without zeros in front; nothing where the text is none."""
    return (text.lstrip("0") or "0") if re.fullmatch(r"\d+", text, re.ASCII) else ""


def _table(file: Path, text: Iterable[str]) -> Table:
    lines = _lines(file, text)
    _, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    _check_header(file, columns)
    return Table(file, columns, list(_rows(file, columns, lines)))


def _lines(file: Path, text: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Return the cells of each row with the line on which it begins."""
    rows = csv.reader(text, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            right = 'a quoted cell ends with a quote before the comma, and a quote inside it is written twice ("")'
            raise _unreadable(file, f"line {line}: {error}; {right}") from error
        yield line, cells


def _unreadable(file: Path, why: str) -> FileUnreadable:
    return FileUnreadable(f"{file} cannot be read as a CSV file in UTF-8: {why}")


def _check_header(file: Path, columns: list[str]) -> None:
    if not any(columns):
        message = f"{file} is empty: the first line must name the columns, as time,event"
        raise TableWrong(message)
    for place, name in enumerate(columns):
        if not name:
            message = f"{file}: column {place + 1} has no name"
            raise TableWrong(message)
        if name in columns[:place]:
            message = f"{file}: there are two columns {name!r}; each needs a name of its own"
            raise TableWrong(message)


def _rows(file: Path, columns: list[str], lines: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    faults, count = Faults(file), 0
    for line, cells in lines:
        if not cells:
            continue
        count += 1
        if len(cells) != len(columns):
            faults.told.append(
                f"line {line} (row {count} of the data): {len(cells)} cells where the header has {len(columns)}"
            )
            continue
        yield Row(count, line, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
    faults.raise_any()
