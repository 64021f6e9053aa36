"""Columns of a frame as text: without outer blanks, blank is null, and as bytes for the encoder."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.capture.mapping import Value
from pipeline.domain.compiled import compiled
from pipeline.domain.slices import hash_slice
from pipeline.wire.text_column import Text


def column_text(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column as text; blanks around it go, and where nothing is left it is null."""
    series = frame[column]
    if series.dtype != pl.String:
        series = series.cast(pl.String)
    return series.str.strip_chars().replace("", None)


def value_text(frame: pl.DataFrame, value: Value) -> pl.Series:
    """Return the text of a value for each row."""
    if value.constant is not None:
        return pl.Series([value.constant], dtype=pl.String).new_from_index(0, frame.height)
    if value.bucket is not None:
        keys = column_text(frame, value.bucket.column)
        with np.errstate(over="ignore"):  # a hash overflows by design; uncompiled, numpy would warn of it
            places = pl.Series(_buckets(*_slices(keys), len(value.bucket.of)), dtype=pl.Int64)
        return (
            pl.Series(value.bucket.of, dtype=pl.String)
            .gather(places)
            .zip_with(keys.is_not_null(), keys.clear(len(keys)))
        )
    assert value.column is not None
    return column_text(frame, value.column)


def as_text(series: pl.Series) -> Text:
    """Return a text column as the encoder takes it; few distinct values or many, each is there once per row."""
    return Text.of_slices(*_slices(series), series.is_not_null().to_numpy())


def _slices(series: pl.Series) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    starts = np.zeros(len(series) + 1, np.int64)
    np.cumsum(series.str.len_bytes().fill_null(0).to_numpy(), out=starts[1:])
    joined = series.str.join("").item() if len(series) else ""
    return np.frombuffer((joined or "").encode(), np.uint8), starts


@compiled
def _buckets(buffer: NDArray[np.uint8], starts: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    places = np.empty(len(starts) - 1, np.int64)
    for row in range(len(places)):
        places[row] = hash_slice(buffer, starts[row], starts[row + 1] - starts[row]) % count
    return places
