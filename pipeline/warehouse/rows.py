"""Rows of a frame as Python has them: a site may claim any time, and Python knows the years 1 to 9999 only.

Flow: a frame read from ClickHouse -> a dict per row.
"""

from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND: Final = int((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
_LAST_SECOND: Final = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())
_TICKS: Final = {"ms": 1000, "us": 1_000_000}  # nanoseconds reach from 1677 to 2262 only


def as_dicts(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows; a time beyond what Python has is shown as the nearest second it has, as ClickHouse shows it."""
    return frame.with_columns(
        _within(name, kind) for name, kind in frame.schema.items() if _may_be_beyond(kind)
    ).to_dicts()


def _may_be_beyond(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.Datetime) and kind.time_unit in _TICKS


def _within(name: str, kind: pl.DataType) -> pl.Expr:
    assert isinstance(kind, pl.Datetime)
    ticks = _TICKS[kind.time_unit]
    return pl.col(name).to_physical().clip(_FIRST_SECOND * ticks, _LAST_SECOND * ticks + ticks - 1).cast(kind)
