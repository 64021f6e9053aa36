"""A column of text as bytes: a small table of distinct values and one code per row, or one value per row.

    Text.of_codes([b"shop-1", b"shop-2"], codes)     # simulated: few values, many rows; code -1 is null
    Text.of_slices(buffer, starts, valid)            # polars, Arrow: one slice per row
    Text.constant(b"DEVICE", rows)

Both forms are the same thing: row i is entry codes[i] of the table. Nothing is copied per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.slices import join

NULL = -1


@dataclass(frozen=True)
class Text:
    """One text column.

    Shape: buffer uint8[bytes]; starts int64[entries + 1] into it; codes int32[rows], -1 is null.
    """

    buffer: NDArray[np.uint8]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    @staticmethod
    def of_codes(entries: Sequence[bytes], codes: NDArray[np.integer]) -> Text:
        """Return the column whose row i is entries[codes[i]]."""
        buffer, starts = join(list(entries))
        return Text(buffer, starts, codes.astype(np.int32))

    @staticmethod
    def of_slices(
        buffer: NDArray[np.uint8], starts: NDArray[np.integer], valid: NDArray[np.bool_] | None = None
    ) -> Text:
        """Return the column whose row i is buffer[starts[i]:starts[i+1]], null where it is not valid."""
        codes = np.arange(len(starts) - 1, dtype=np.int32)
        if valid is not None:
            codes = np.where(valid, codes, np.int32(NULL))
        return Text(buffer, starts.astype(np.int64), codes)

    @staticmethod
    def of_values(values: Sequence[bytes | None]) -> Text:
        """Return the column of these values."""
        valid = np.array([value is not None for value in values], dtype=np.bool_)
        return Text.of_slices(*join([value or b"" for value in values]), valid)

    @staticmethod
    def fixed(characters: NDArray[np.uint8]) -> Text:
        """Return the column whose row i is characters[i]: every value has the same number of bytes."""
        rows, width = characters.shape
        return Text.of_slices(characters.reshape(-1), np.arange(rows + 1, dtype=np.int64) * width)

    @staticmethod
    def constant(value: bytes, rows: int) -> Text:
        """Return the column that has one value in every row."""
        return Text.of_codes([value], np.zeros(rows, np.int32))

    def take(self, rows: NDArray[np.integer] | slice) -> Text:
        """Return some of the rows; the table is shared."""
        return Text(self.buffer, self.starts, self.codes[rows])

    def with_codes(self, codes: NDArray[np.integer]) -> Text:
        """Return other rows over the same table."""
        return Text(self.buffer, self.starts, codes.astype(np.int32))

    def lengths(self) -> NDArray[np.int64]:
        """Return the bytes of each row's value, 0 where it is null."""
        if not len(self.starts) > 1:
            return np.zeros(len(self), np.int64)
        return np.where(self.codes < 0, 0, np.diff(self.starts)[self.codes])

    def values(self) -> list[bytes | None]:
        """Return the rows as Python values."""
        entries = slices(self.buffer, self.starts)
        return [entries[code] if code >= 0 else None for code in self.codes.tolist()]


def slices(buffer: NDArray[np.uint8], starts: NDArray[np.int64]) -> list[bytes]:
    """Return what lies between the starts as a list of bytes."""
    whole = buffer.tobytes()
    return [whole[start:end] for start, end in pairwise(starts.tolist())]
