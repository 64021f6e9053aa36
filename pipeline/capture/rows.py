"""Rows of a file become scans, or are rejected with a reason; a row is taken whole or not at all.

Flow: one frame and its mapping -> keys and framed scans in the order of the rows, and the rejected rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.document_name import one_names_of
from pipeline.capture.identity import import_ids
from pipeline.capture.mapping import Condition, Mapping, Step
from pipeline.capture.texts import as_text, column_text, value_text
from pipeline.capture.times import milliseconds
from pipeline.capture.units import UnitColumns, unit_columns
from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.wire.scan_encode import NO_DATE, Attributes, ScanRows, TextField, encode_scans, unit_keys
from pipeline.wire.scan_fields import CAPS
from pipeline.wire.text_column import Text, slices

REASON: Final = "rejected_because"
ROW: Final = "rejected_row"
_IMPORT: Final = ORIGINS.index("IMPORT")
_DATE_FORM: Final = "%Y-%m-%d"
_OVERHEAD: Final = 10  # bytes at most of the lengths of an attribute, as encoded


@dataclass(frozen=True)
class Imported:
    """What came of one frame; `rejected` has the frame's columns with REASON and ROW, counted from 1, in front."""

    keys: list[bytes]
    values: list[bytes]
    rejected: pl.DataFrame


@dataclass(frozen=True)
class _Scans:
    """The scans of one step: which rows have one, when, where, and what else they say."""

    step: Step
    holds: pl.Series
    time: pl.Series
    texts: dict[str, pl.Series]
    expiry: pl.Series | None


def import_rows(
    frame: pl.DataFrame,
    mapping: Mapping,
    first_row: int = 1,
    wrong: pl.Series | None = None,
    codes: CodeReader = CODES,
) -> Imported:
    """Make the scans of a frame's rows.

    Args:
        frame: Some rows of a file.
        mapping: Says what its columns are; it names no column that the frame lacks.
        first_row: The number of the frame's first row within the file.
        wrong: Why a row is none at all, null where it is one.
        codes: How a column of codes is read.

    Raises: MappingWrong where a form or a zone of times is none.
    """
    units = unit_columns(frame, mapping, codes)
    steps = [_scans(frame, mapping, step, units.stated) for step in mapping.steps]
    known = [units.reason if wrong is None else pl.select(pl.coalesce(wrong, units.reason)).to_series()]
    reason = _reasons(frame, [*known, _attributes_too_long(frame, mapping)], steps)
    good = reason.is_null()
    keys: list[bytes] = []
    values: list[bytes] = []
    rows = [np.flatnonzero((good & scans.holds).to_numpy()) for scans in steps]
    for scans, at in zip(steps, rows, strict=True):
        some_keys, some_values = _encode(frame, mapping, units, scans, at)
        keys += some_keys
        values += some_values
    order = np.argsort(np.concatenate(rows), kind="stable").tolist()
    return Imported([keys[at] for at in order], [values[at] for at in order], _rejected(frame, reason, first_row))


def _scans(frame: pl.DataFrame, mapping: Mapping, step: Step, stated: dict[str, pl.Series]) -> _Scans:
    values = {**mapping.fields, **step.fields}
    texts = {"site": value_text(frame, mapping.site_of(step))}
    texts |= stated | {name: value_text(frame, value) for name, value in values.items()}
    expiry = texts.pop("expiry", None)
    if "document" in texts:
        texts["document"] = one_names_of(texts["document"])
    return _Scans(step, _holds(frame, step.when), milliseconds(frame, step.time), texts, expiry)


def _holds(frame: pl.DataFrame, when: Condition | None) -> pl.Series:
    if when is None:
        return pl.Series([True]).new_from_index(0, frame.height)
    text = column_text(frame, when.column)
    if when.equals is not None:
        wanted = [when.equals] if isinstance(when.equals, str) else when.equals
        return text.is_in(wanted).fill_null(value=False)
    return text.is_not_null() if when.state == "present" else text.is_null()


def _reasons(frame: pl.DataFrame, known: list[pl.Series], steps: list[_Scans]) -> pl.Series:
    """Return why each row is rejected, null where it is not; the first reason found counts."""
    reasons = [*known, _no_step(steps)]
    for scans in steps:
        wrong_time = scans.holds & scans.time.is_null()
        column = scans.step.time.column
        shown = frame[column].cast(pl.String).fill_null("").to_frame("value")
        said = shown.select(pl.format("{}: '{}' is no time of {}", pl.lit(column), "value", pl.lit(scans.step.step)))
        reasons.append(_where(wrong_time, said.to_series()))
        no_site = f"{scans.step.step}: no site"
        reasons.append(_where(scans.holds & scans.texts["site"].is_null(), _all(no_site, frame.height)))
        reasons += [_too_long(name, text, scans) for name, text in scans.texts.items()]
        if scans.expiry is not None:
            bad_date = scans.holds & scans.expiry.is_not_null() & _days(scans.expiry).is_null()
            reasons.append(_where(bad_date, _all("expiry: no date of the form YYYY-MM-DD", frame.height)))
    return pl.DataFrame([reason.alias(str(n)) for n, reason in enumerate(reasons)]).select(
        pl.coalesce(pl.all())
    ).to_series()  # fmt: skip


def _no_step(steps: list[_Scans]) -> pl.Series:
    any_holds = steps[0].holds
    for scans in steps[1:]:
        any_holds = any_holds | scans.holds
    return _where(~any_holds, _all("no step's condition holds", len(any_holds)))


def _too_long(name: str, text: pl.Series, scans: _Scans) -> pl.Series:
    said = f"{name}: more than {CAPS[name]} bytes"
    return _where(scans.holds & (text.str.len_bytes() > CAPS[name]).fill_null(value=False), _all(said, len(text)))


def _attributes_too_long(frame: pl.DataFrame, mapping: Mapping) -> pl.Series:
    columns = {name: column_text(frame, column) for name, column in mapping.attributes.items()}
    size = pl.Series([_OVERHEAD]).new_from_index(0, frame.height)
    for name, text in columns.items():
        size += (text.str.len_bytes() + len(name.encode()) + _OVERHEAD).fill_null(0)
    said = f"attributes: more than {CAPS['attributes']:,} bytes together"
    return _where(size > CAPS["attributes"], _all(said, frame.height))


def _all(text: str, rows: int) -> pl.Series:
    return pl.Series([text]).new_from_index(0, rows)


def _where(is_so: pl.Series, texts: pl.Series) -> pl.Series:
    return texts.zip_with(is_so, texts.clear(len(texts)))


def _encode(
    frame: pl.DataFrame, mapping: Mapping, units: UnitColumns, scans: _Scans, at: NDArray[np.intp]
) -> tuple[list[bytes], list[bytes]]:
    """Encode the scans of one step for the rows that have one."""
    item, serial = as_text(units.item.gather(at)), as_text(units.serial.gather(at))
    time = scans.time.gather(at).to_numpy().astype(np.int64)
    texts: dict[TextField, Text] = {"item": item, "serial": serial}
    texts |= {cast("TextField", name): as_text(text.gather(at)) for name, text in scans.texts.items()}
    step = np.full(len(at), STEPS.index(scans.step.step))
    buffer, starts = unit_keys(item, serial)
    named = Text.constant(scans.step.step.encode(), len(at))
    what = (texts["site"], texts.get("reader"), texts.get("document"))
    texts["scan_id"] = import_ids(Text.of_slices(buffer, starts), named, *what, time)
    origin = np.full(len(at), _IMPORT)
    some = frame[at] if mapping.attributes else frame[:0]
    expiry = None if scans.expiry is None else _days(scans.expiry.gather(at)).fill_null(NO_DATE).to_numpy()
    rows = ScanRows(texts, step, time, time, origin, expiry, _attributes(some, mapping))
    return slices(buffer, starts), slices(*encode_scans(rows))


def _days(dates: pl.Series) -> pl.Series:
    return dates.str.to_date(_DATE_FORM, strict=False).cast(pl.Int32)


def _attributes(frame: pl.DataFrame, mapping: Mapping) -> Attributes | None:
    """Return the attributes of rows, those with a value, in the order of the mapping."""
    if not mapping.attributes:
        return None
    columns = [column_text(frame, column) for column in mapping.attributes.values()]
    present = np.stack([column.is_not_null().to_numpy() for column in columns], axis=1)
    starts = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int64)
    row, place = np.nonzero(present)
    names = Text.of_codes([name.encode() for name in mapping.attributes], place)
    return Attributes(starts, names, as_text(pl.concat(columns).gather(place * frame.height + row)))


def _rejected(frame: pl.DataFrame, reason: pl.Series, first_row: int) -> pl.DataFrame:
    told = frame.drop(ROW, REASON, strict=False).with_columns(reason.alias(REASON)).with_row_index(ROW, first_row)
    return told.filter(pl.col(REASON).is_not_null()).select(ROW, REASON, pl.exclude(ROW, REASON))
