"""Rows of a frame: what ClickHouse holds and Python cannot say."""

from datetime import UTC, datetime

import polars as pl

from pipeline.warehouse.rows import as_dicts


def a_frame(*milliseconds: int | None) -> pl.DataFrame:
    return pl.DataFrame({"at": pl.Series(milliseconds, dtype=pl.Int64).cast(pl.Datetime("ms", "UTC")), "site": "S1"})


def test_times_beyond_the_years_of_python_are_the_nearest_it_has() -> None:
    first, last = as_dicts(a_frame(-(1 << 63), (1 << 63) - 1))
    assert first["at"] == datetime(1, 1, 1, tzinfo=UTC)
    assert last["at"] == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


def test_other_times_and_columns_stay_as_they_are() -> None:
    rows = as_dicts(a_frame(1_735_732_800_123, None))
    assert rows == [
        {"at": datetime(2025, 1, 1, 12, 0, 0, 123_000, tzinfo=UTC), "site": "S1"},
        {"at": None, "site": "S1"},
    ]


def test_no_rows_are_no_rows() -> None:
    assert as_dicts(pl.DataFrame()) == []
