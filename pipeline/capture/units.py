"""Columns of a frame as unit keys: item and serial in their encoded forms, or the reason why a row names no unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import polars as pl

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.mapping import Mapping
from pipeline.capture.texts import column_text
from pipeline.domain.unit_key import MAX_BYTES, BadUnitKey, build

_PLAIN: Final = (
    r"^[!-$&-.0-~]([ -$&-.0-~]*[!-$&-.0-~])?$"  # printable ASCII without / and %: encoded, it stays as it is
)
_SERIAL: Final = "0"  # stands for the serial while an item is checked

Texts = pl.Series
Built = tuple[str | None, str | None]


class UnitColumns(NamedTuple):
    """Item and serial as text, and why a row names no unit (null where it does); `stated`: what codes say besides."""

    item: Texts
    serial: Texts
    reason: Texts
    stated: dict[str, Texts] = {}


def unit_columns(frame: pl.DataFrame, mapping: Mapping, codes: CodeReader = CODES) -> UnitColumns:
    """Return the units of all rows.

    Flow: distinct values are checked one by one, plain serials all at once.
    """
    if mapping.code is not None:
        return _coded(column_text(frame, mapping.code.column), mapping.code.column, codes)
    assert mapping.serial is not None
    serial = column_text(frame, mapping.serial.column)
    nothing = pl.Series([f"{mapping.serial.column}: no serial"]).new_from_index(0, frame.height)
    no_serial = nothing.zip_with(serial.is_null(), nothing.clear(frame.height))
    if mapping.item is None:
        scheme = mapping.serial.scheme or ""
        alone = _each(serial.to_frame(), lambda text: _unit_alone(scheme, text))
        item = pl.Series([""], dtype=pl.String).new_from_index(0, frame.height)
        return UnitColumns(item, alone.built, _first(no_serial, alone.reason))
    items = _items(frame, mapping)
    serials = _serials(serial)
    return UnitColumns(items.built, serials.built, _first(_first(no_serial, items.reason), serials.reason))


def _coded(texts: Texts, column: str, codes: CodeReader) -> UnitColumns:
    """Read each distinct code once."""
    distinct = texts.drop_nulls().unique()
    read = codes.read(distinct.to_list())
    keys = [(one.key or "").rpartition("/") for one in read]  # encoded parts have no slash: the last one divides
    table = pl.DataFrame(
        {
            "code": distinct,
            "item": pl.Series([item for item, _, _ in keys], dtype=pl.String),
            "serial": pl.Series([serial or None for _, _, serial in keys], dtype=pl.String),
            "reason": pl.Series([None if one.key else f"{column}: {one.wrong}" for one in read], dtype=pl.String),
            "lot": pl.Series([one.lot for one in read], dtype=pl.String),
            "expiry": pl.Series([one.expiry for one in read], dtype=pl.Int32).cast(pl.Date).cast(pl.String),
        }
    )
    found = texts.to_frame("code").join(table, on="code", how="left", maintain_order="left")
    nothing = pl.Series([f"{column}: no code"]).new_from_index(0, len(texts))
    reason = _first(nothing.zip_with(texts.is_null(), nothing.clear(len(texts))), found["reason"])
    return UnitColumns(found["item"], found["serial"], reason, {name: found[name] for name in ("lot", "expiry")})


class _Checked(NamedTuple):
    built: Texts
    reason: Texts


def _items(frame: pl.DataFrame, mapping: Mapping) -> _Checked:
    assert mapping.item is not None
    item = mapping.item
    parts = pl.DataFrame([column_text(frame, column).alias(str(n)) for n, column in enumerate(item.columns)])
    issuer = [item.issuer] if item.issuer is not None else []
    checked = _each(parts, lambda *values: _item(item.scheme, *issuer, *values))
    is_missing = parts.select(pl.any_horizontal(pl.all().is_null())).to_series()
    nothing = pl.Series([f"{' and '.join(item.columns)}: no item"]).new_from_index(0, frame.height)
    return _Checked(checked.built, _first(nothing.zip_with(is_missing, nothing.clear(frame.height)), checked.reason))


def _serials(serial: Texts) -> _Checked:
    """Leave plain serials as they are; encode and check the others."""
    is_plain = (serial.str.contains(_PLAIN) & (serial.str.len_bytes() <= MAX_BYTES)).fill_null(value=True)
    others = _each(serial.zip_with(~is_plain, serial.clear(len(serial))).to_frame(), _serial)
    return _Checked(serial.zip_with(is_plain, others.built), others.reason)


def _each(parts: pl.DataFrame, check: Callable[..., Built]) -> _Checked:
    """Check each distinct row once; a row with a null stays null without a reason."""
    distinct = parts.drop_nulls().unique()
    checked = [check(*row) for row in distinct.iter_rows()]
    table = distinct.with_columns(
        pl.Series("built", [built for built, _ in checked], dtype=pl.String),
        pl.Series("reason", [reason for _, reason in checked], dtype=pl.String),
    )
    found = parts.join(table, on=parts.columns, how="left", maintain_order="left")
    return _Checked(found["built"], found["reason"])


def _item(scheme: str, *parts: str) -> Built:
    return _built(lambda: build(scheme, *parts, _SERIAL).item)


def _serial(text: str) -> Built:
    return _built(lambda: build("serial", "item", text).serial)


def _unit_alone(scheme: str, text: str) -> Built:
    return _built(lambda: build(scheme, text).serial)


def _built(make: Callable[[], str]) -> Built:
    try:
        return make(), None
    except BadUnitKey as error:
        return None, str(error)


def _first(reasons: Texts, others: Texts) -> Texts:
    return reasons.zip_with(reasons.is_not_null(), others)
