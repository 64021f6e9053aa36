"""CSV, NDJSON and Parquet as batches of rows, whatever their size.

Flow: a file -> polars frames of some ten thousand rows, in the order of the file.

A line of NDJSON that is no row is told with the row; of CSV and Parquet, polars cannot set one apart, and it ends.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import Final, TypeVar

import polars as pl

from pipeline.capture.batch import Batch
from pipeline.capture.csv_fault import csv_fault
from pipeline.capture.json_rows import JsonRows
from pipeline.errors import FileUnreadable

BATCH_ROWS: Final = 50_000

Result = TypeVar("Result")


_NDJSON: Final = (".ndjson", ".jsonl")
_LOOK_BYTES: Final = 4096
_NO_TEXTS: Final = (pl.Binary, pl.Object, pl.Duration)


def _scan_csv(file: Path) -> pl.LazyFrame:
    with file.open("rb") as read:
        first = read.readline(_LOOK_BYTES)
    if b"\0" in first or not _is_text(first):
        message = "it is no text in UTF-8; save it as CSV in UTF-8"
        raise pl.exceptions.ComputeError(message)
    return pl.scan_csv(file, infer_schema=False)  # as text: a serial 00123 is not the number 123


def _is_text(beginning: bytes) -> bool:
    """Tell whether bytes are UTF-8; the last letter may be half."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return True


_READERS: Final[dict[str, Callable[[Path], pl.LazyFrame]]] = {".csv": _scan_csv, ".parquet": pl.scan_parquet}


class RowFile:
    """A file of rows; its name's ending says what it is."""

    def __init__(self, file: Path) -> None:
        """Look at the file's columns; those of lists, structs and bytes are left out.

        Raises: FileUnreadable where it is not there, not known or not what its name says.
        """
        self.file, kind = file, file.suffix.lower()
        if kind not in (known := (".csv", *_NDJSON, ".parquet")):
            message = f"{file}: a file to import ends in {', '.join(known)}."
            raise FileUnreadable(message)
        if not file.is_file():
            message = f"{file} is a folder: name a file in it." if file.is_dir() else f"There is no file {file}."
            raise FileUnreadable(message)
        self._json = self._read(lambda: JsonRows(file)) if kind in _NDJSON else None
        self._frame = pl.LazyFrame() if self._json else self._read(lambda: _texts_of(_READERS[kind](file)))
        self.columns = self._json.columns if self._json else self._read(lambda: self._frame.collect_schema().names())

    def rows(self) -> int:
        """Return how many rows there are."""
        return self._json.rows if self._json else int(self._read(lambda: self._frame.select(pl.len()).collect().item()))

    def batches(self, batch_rows: int = BATCH_ROWS, needed: Set[str] = frozenset()) -> Iterator[Batch]:
        """Yield the rows in their order, about so many at a time.

        Args:
            batch_rows: Of a batch.
            needed: The columns that must be texts.

        Raises: FileUnreadable at the first row that is no row and cannot be set apart.
        """
        batches = self._read(lambda: self._batches(batch_rows, needed))
        while (batch := self._read(lambda: next(batches, None))) is not None:
            yield batch

    def _batches(self, batch_rows: int, needed: Set[str]) -> Iterator[Batch]:
        if self._json:
            return self._json.batches(batch_rows, needed)
        return map(Batch, iter(self._frame.collect_batches(chunk_size=batch_rows, maintain_order=True)))

    def _read(self, read: Callable[[], Result]) -> Result:
        try:
            return read()
        except OSError as error:
            message = f"{self.file} cannot be read: {error.strerror or error}."
            raise FileUnreadable(message) from error
        except pl.exceptions.PolarsError as error:
            fault = csv_fault(self.file) if self.file.suffix.lower() == ".csv" else ""
            message = f"{self.file} cannot be read: {fault or str(error).splitlines()[0]}."
            raise FileUnreadable(message) from error


def _texts_of(frame: pl.LazyFrame) -> pl.LazyFrame:
    schema = frame.collect_schema()
    return frame.drop([name for name, kind in schema.items() if kind.is_nested() or kind in _NO_TEXTS])
