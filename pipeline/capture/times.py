"""Columns of moments as milliseconds since 1970, UTC, from text, numbers, dates or timestamps."""

from __future__ import annotations

from typing import Final

import polars as pl

from pipeline.capture.mapping import Time
from pipeline.capture.texts import column_text
from pipeline.errors import MappingWrong

_MS_OF: Final = {"s": 1_000, "ms": 1}
_LARGEST: Final = 2**63 // 1_000 - 1
_HAS_CLOCK: Final = ("%H", "%I", "%T", "%R", "%s", "%+", "%c", "%r", "%X")
_HAS_ZONE: Final = ("%z", "%Z", "%#z", "%:z", "%+")
_ISO: Final = (
    "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d",
)  # fmt: skip


def milliseconds(frame: pl.DataFrame, time: Time) -> pl.Series:
    """Return the moments of a column, null where there is none or it is not of its form.

    Units: int64 milliseconds since 1970. A time without a zone is one of the mapping's; of an hour that a change of
    clocks repeats, the first is taken.

    Raises: MappingWrong where the form or the zone is none.
    """
    try:
        return _milliseconds(frame, time)
    except pl.exceptions.PolarsError as error:
        message = f"The mapping's time {time.column!r} cannot be read: {str(error).splitlines()[0]}"
        raise MappingWrong(message) from error


def _milliseconds(frame: pl.DataFrame, time: Time) -> pl.Series:
    series = frame[time.column]
    if series.dtype == pl.Date or isinstance(series.dtype, pl.Datetime):
        return _epoch(series.cast(pl.Datetime("ms")) if series.dtype == pl.Date else series, time.zone)
    text = column_text(frame, time.column)
    if time.format in _MS_OF:
        number = text.cast(pl.Int64, strict=False)
        return number.set(~number.is_between(-_LARGEST, _LARGEST), None) * _MS_OF[time.format]
    result = pl.Series([None], dtype=pl.Int64).new_from_index(0, frame.height)
    for form in (time.format,) if time.format else _ISO:
        result = result.zip_with(result.is_not_null(), _parsed(text, form, time.zone))
        if result.null_count() == text.null_count():
            break
    return result


def _parsed(text: pl.Series, form: str, zone: str) -> pl.Series:
    if not any(mark in form for mark in _HAS_CLOCK):
        return _epoch(text.str.to_date(form, strict=False).cast(pl.Datetime("ms")), zone)
    has_zone = any(mark in form for mark in _HAS_ZONE)
    moments = text.str.to_datetime(form, strict=False, time_unit="ms", time_zone="UTC" if has_zone else None)
    return _epoch(moments, zone)


def _epoch(moments: pl.Series, zone: str) -> pl.Series:
    dtype = moments.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None and zone != "UTC":
        moments = moments.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return moments.dt.epoch("ms")
