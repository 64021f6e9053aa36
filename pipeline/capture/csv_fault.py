"""Where a CSV file is broken, looked for once it could not be read: which line, and what is wrong with it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path


def csv_fault(file: Path) -> str:
    """Return what is wrong with the first line that is no row, empty where none is found."""
    csv.field_size_limit(sys.maxsize)
    try:
        return _ragged(file) or _unquoted(file)
    except UnicodeError as error:
        return str(error)


def _ragged(file: Path) -> str:
    begin, width = 1, 0
    with file.open("rb") as lines:
        rows = csv.reader(_decoded(lines), strict=True)
        try:
            for row in rows:
                width = width or len(row)
                if len(row) > width:
                    return f"the row of line {begin} has {len(row)} fields, the first line {width}"
                begin = rows.line_num + 1
        except csv.Error as error:
            return f"the row of line {begin} is none: {error}"
    return ""


def _unquoted(file: Path) -> str:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.count(b'"') % 2:
                return f"line {number} has a quote too many; within a field in quotes it is written twice"
    return ""


def _decoded(lines: Iterator[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            message = f"line {number} is no UTF-8 from its byte {error.start + 1} on; save the file as UTF-8"
            raise UnicodeError(message) from error
