"""A whole file of rows imported batch by batch: scans to whoever sends them, rejected rows to a file of their own.

Flow: batches of rows -> scans handed on in the order of the file, rejected rows written with their reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.files import RowFile
from pipeline.capture.mapping import Mapping, check_columns
from pipeline.capture.rows import import_rows
from pipeline.errors import FileUnreadable

Send = Callable[[list[bytes], list[bytes]], None]


@dataclass
class Counts:
    """How far an import has come."""

    rows: int = 0
    scans: int = 0
    rejected: int = 0


class RejectedFile:
    """The rejected rows of one import, CSV or NDJSON by the file's name; made when the first one comes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._is_begun = False

    def add(self, rows: pl.DataFrame) -> None:
        """Append rows.

        Raises: FileUnreadable where the file cannot be written.
        """
        try:
            with self.file.open("ab" if self._is_begun else "wb") as out:
                if self.file.suffix.lower() == ".csv":
                    rows.write_csv(out, include_header=not self._is_begun)
                else:
                    rows.write_ndjson(out)
        except OSError as error:
            message = (
                f"The rejected rows cannot be written to {self.file}: {error.strerror}. Name another with --rejected."
            )
            raise FileUnreadable(message) from error
        self._is_begun = True


def import_file(
    file: RowFile,
    mapping: Mapping,
    send: Send,
    rejected: RejectedFile,
    *,
    progress: Callable[[Counts], None],
    codes: CodeReader = CODES,
) -> Counts:
    """Import a file; return what came of it.

    Raises: MappingWrong before anything is sent; FileUnreadable at the first row that is no row and
        cannot be set apart, as a ragged line of CSV.
    """
    check_columns(mapping, file.columns, file.file)
    counts = Counts()
    needed = {column for column, _ in mapping.uses()}
    for frame, wrong in file.batches(needed=needed):
        imported = import_rows(frame, mapping, counts.rows + 1, wrong, codes)
        send(imported.keys, imported.values)
        if imported.rejected.height:
            rejected.add(imported.rejected)
        counts.rows += frame.height
        counts.scans += len(imported.keys)
        counts.rejected += imported.rejected.height
        progress(counts)
    return counts
