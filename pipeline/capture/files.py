"""CSV, NDJSON and Parquet as batches of rows, whatever their size.

Flow: a file -> polars frames of some ten thousand rows, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import polars as pl

from pipeline.errors import FileUnreadable

BATCH_ROWS: Final = 50_000

Result = TypeVar("Result")


def _scan_csv(file: Path) -> pl.LazyFrame:
    return pl.scan_csv(file, infer_schema=False)  # as text: a serial 00123 is not the number 123


def _scan_ndjson(file: Path) -> pl.LazyFrame:
    return pl.scan_ndjson(file, infer_schema_length=None)


_READERS: Final[dict[str, Callable[[Path], pl.LazyFrame]]] = {
    ".csv": _scan_csv,
    ".ndjson": _scan_ndjson,
    ".jsonl": _scan_ndjson,
    ".parquet": pl.scan_parquet,
}


class RowFile:
    """A file of rows; its name's ending says what it is."""

    def __init__(self, file: Path) -> None:
        """Look at the file's columns.

        Raises: FileUnreadable where it is not there, not known or not what its name says.
        """
        self.file = file
        reader = _READERS.get(file.suffix.lower())
        if reader is None:
            message = f"{file}: a file to import ends in {', '.join(_READERS)}."
            raise FileUnreadable(message)
        if not file.is_file():
            message = f"There is no file {file}."
            raise FileUnreadable(message)
        self._frame = self._read(lambda: reader(file))
        self.columns = self._read(lambda: self._frame.collect_schema().names())

    def rows(self) -> int:
        """Return how many rows there are."""
        return int(self._read(lambda: self._frame.select(pl.len()).collect().item()))

    def batches(self, batch_rows: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
        """Yield the rows in their order, about so many at a time.

        Raises: FileUnreadable at the first row that is no row.
        """
        batches = self._read(lambda: iter(self._frame.collect_batches(chunk_size=batch_rows, maintain_order=True)))
        while (batch := self._read(lambda: next(batches, None))) is not None:
            yield batch

    def _read(self, read: Callable[[], Result]) -> Result:
        try:
            return read()
        except (pl.exceptions.PolarsError, OSError) as error:
            message = f"{self.file} cannot be read: {str(error).splitlines()[0]}."
            raise FileUnreadable(message) from error
