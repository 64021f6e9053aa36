"""Columns become scans that two other readers of Avro understand alike."""

import io
import json
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.wire.scan import decode_scans
from pipeline.wire.scan_encode import NO_DATE, Attributes, ScanRows, TextField, encode_scans, unit_keys
from pipeline.wire.scan_fields import EVENT_TIME, READER, RECEIPT, SCAN_ID, SITE, STEP
from pipeline.wire.text_column import Text, slices

_SCHEMA_FILE = Path(__file__).parents[2] / "schemas" / "scan.v2.avsc"
_OPTIONAL: tuple[TextField, ...] = (
    "destination", "location", "reader", "operator", "document", "container", "other_unit", "lot", "condition",
    "corrects", "source", "receipt", "flags_set", "flags_unset", "event",
)  # fmt: skip
_LONG = st.integers(-(2**63), 2**63 - 1)
_DAY = st.integers(-(2**31) + 1, 2**31 - 1)
_TEXT = st.text(st.characters(codec="utf-8"), max_size=16)  # at most 64 bytes: a lot's limit


def _without_logical_types(schema: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(schema, dict):
        return {name: _without_logical_types(part) for name, part in schema.items() if name != "logicalType"}
    return [_without_logical_types(part) for part in schema] if isinstance(schema, list) else schema


_SCHEMA = fastavro.parse_schema(_without_logical_types(json.loads(_SCHEMA_FILE.read_text())))

_FIELDS: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(("scan_id", "item", "serial", "site"), _TEXT)
_FIELDS |= {name: st.none() | _TEXT for name in _OPTIONAL}
_scan = st.fixed_dictionaries(
    {
        **_FIELDS,
        "step": st.sampled_from(STEPS),
        "origin": st.sampled_from(ORIGINS),
        "event_time": _LONG,
        "capture_time": _LONG,
        "expiry": st.none() | _DAY,
        "attributes": st.lists(st.fixed_dictionaries({"name": _TEXT, "value": _TEXT}), max_size=3),
    }
)


def _text(scans: list[dict[str, Any]], name: str) -> Text:
    return Text.of_values([None if scan[name] is None else scan[name].encode() for scan in scans])


def _rows(scans: list[dict[str, Any]]) -> ScanRows:
    pairs = [pair for scan in scans for pair in scan["attributes"]]
    names: tuple[TextField, ...] = ("scan_id", "item", "serial", "site", *_OPTIONAL)
    return ScanRows(
        {name: _text(scans, name) for name in names},
        np.array([STEPS.index(scan["step"]) for scan in scans]),
        np.array([scan["event_time"] for scan in scans], np.int64),
        np.array([scan["capture_time"] for scan in scans], np.int64),
        np.array([ORIGINS.index(scan["origin"]) for scan in scans]),
        np.array([NO_DATE if scan["expiry"] is None else scan["expiry"] for scan in scans], np.int32),
        Attributes(
            np.cumsum([0, *(len(scan["attributes"]) for scan in scans)]), _text(pairs, "name"), _text(pairs, "value")
        ),
    )


def _read(value: bytes) -> dict[str, Any]:
    assert value[:5] == b"\0\0\0\0\x0b"
    body = io.BytesIO(value[5:])
    scan = fastavro.schemaless_reader(body, _SCHEMA, None)
    assert body.read() == b""
    assert isinstance(scan, dict)
    return scan


@settings(max_examples=150, deadline=None)
@given(st.lists(_scan, min_size=1, max_size=5))
def test_fastavro_reads_back_every_field_of_every_scan(scans: list[dict[str, Any]]) -> None:
    assert [_read(value) for value in slices(*encode_scans(_rows(scans)))] == scans


@settings(max_examples=60, deadline=None)
@given(st.lists(_scan, min_size=1, max_size=5))
def test_the_batch_decoder_reads_back_what_was_encoded(scans: list[dict[str, Any]]) -> None:
    columns = decode_scans(slices(*encode_scans(_rows(scans))))
    assert not columns.error.any()
    for row, scan in enumerate(scans):
        for name, field in (("scan_id", SCAN_ID), ("site", SITE), ("reader", READER), ("receipt", RECEIPT)):
            assert columns.text(field, row) == scan[name]
        assert columns.number[EVENT_TIME, row] == scan["event_time"]
        assert columns.number[STEP, row] == STEPS.index(scan["step"])


def test_a_column_left_out_is_null_and_attributes_are_empty() -> None:
    one = {name: Text.of_values([name.encode()]) for name in ("scan_id", "item", "serial", "site")}
    rows = ScanRows(one, np.array([0]), np.array([1]), np.array([2]), np.array([0]))  # type: ignore[arg-type]

    (scan,) = (_read(value) for value in slices(*encode_scans(rows)))

    assert {name: scan[name] for name in _OPTIONAL} == dict.fromkeys(_OPTIONAL)
    assert (scan["expiry"], scan["attributes"], scan["step"]) == (None, [], "COMMISSION")


def test_a_required_column_with_a_null_is_refused() -> None:
    one: dict[TextField, Text] = {name: Text.of_values([b"x"]) for name in ("scan_id", "item", "serial")}
    one["site"] = Text.of_values([None])
    with pytest.raises(ValueError, match="site"):
        encode_scans(ScanRows(one, np.array([0]), np.array([1]), np.array([2]), np.array([0])))


def test_columns_of_different_length_are_refused() -> None:
    one: dict[TextField, Text] = {name: Text.of_values([b"x"]) for name in ("scan_id", "item", "serial", "site")}
    with pytest.raises(ValueError, match="length"):
        encode_scans(ScanRows(one, np.array([0]), np.array([1, 2]), np.array([2]), np.array([0])))


def test_a_unit_key_is_item_and_serial_or_the_serial_alone() -> None:
    item = Text.of_values([b"gtin:09506000134352", b"", b"sku:A/B"])
    serial = Text.of_values([b"S1", b"giai:77", b"S2"])
    assert slices(*unit_keys(item, serial)) == [b"gtin:09506000134352/S1", b"giai:77", b"sku:A/B/S2"]


def test_text_by_codes_and_text_by_slices_are_the_same_column() -> None:
    values = [b"b", None, b"", b"aa", b"b"]
    coded = Text.of_codes([b"aa", b"b", b""], np.array([1, -1, 2, 0, 1]))
    assert coded.values() == Text.of_values(values).values() == values
    assert coded.take(np.array([3, 1])).values() == [b"aa", None]
