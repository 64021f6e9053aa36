"""Rows become scans: units, times, sites, conditions, attributes; what cannot be a scan is rejected with its reason."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.capture.mapping import Mapping
from pipeline.capture.rows import REASON, ROW, Imported, import_rows
from pipeline.domain.unit_key import BadUnitKey, build
from pipeline.errors import MappingWrong
from pipeline.wire.scan import decode_scans
from pipeline.wire.schemas import decode

_MAPPING: dict[str, Any] = {
    "item": {"scheme": "sku", "issuer": "ACME", "columns": ["model"]},
    "serial": {"column": "serial"},
    "site": {"column": "site"},
    "steps": [{"step": "COMMISSION", "time": {"column": "made"}}],
}
_ROW = {"model": "PUMP", "serial": "S1", "site": "berlin", "made": "2024-05-01"}


def _mapping(**changes: Any) -> Mapping:  # noqa: ANN401  any part of a mapping
    return Mapping.model_validate(_MAPPING | changes)


def _import(*rows: dict[str, Any], mapping: Mapping | None = None) -> Imported:
    return import_rows(pl.DataFrame([_ROW | row for row in rows], infer_schema_length=None), mapping or _mapping())


def _scans(imported: Imported) -> list[dict[str, Any]]:
    return [decode(value)[1] for value in imported.values]


def _reasons(imported: Imported) -> list[tuple[int, str]]:
    return imported.rejected.select(ROW, REASON).rows()


def test_a_row_becomes_a_scan_of_its_unit() -> None:
    imported = _import({})
    (scan,) = _scans(imported)
    assert imported.keys == [b"sku:ACME/PUMP/S1"]
    assert (scan["item"], scan["serial"], scan["step"]) == ("sku:ACME/PUMP", "S1", "COMMISSION")
    assert (scan["event_time"], scan["capture_time"]) == (1_714_521_600_000, 1_714_521_600_000)
    assert (scan["site"], scan["origin"], scan["corrects"], scan["attributes"]) == ("berlin", "IMPORT", None, [])
    assert len(scan["scan_id"]) == 32


@pytest.mark.parametrize(
    ("format", "zone", "text", "milliseconds"),
    [
        (None, "UTC", "2024-05-01T10:00:00Z", 1_714_557_600_000),
        (None, "UTC", "2024-05-01T10:00:00.250+02:00", 1_714_550_400_250),
        (None, "UTC", "2024-05-01 10:00:00", 1_714_557_600_000),
        (None, "Europe/Berlin", "2024-05-01 10:00", 1_714_550_400_000),
        (None, "Europe/Berlin", "2024-05-01", 1_714_514_400_000),
        ("%d.%m.%Y", "UTC", "01.05.2024", 1_714_521_600_000),
        ("%d.%m.%Y %H:%M", "America/New_York", "01.05.2024 06:00", 1_714_557_600_000),
        ("ms", "UTC", "1714557600000", 1_714_557_600_000),
        ("s", "UTC", "1714557600", 1_714_557_600_000),
        (None, "UTC", "9999-12-31", 253_402_214_400_000),
        (None, "UTC", "1969-12-31", -86_400_000),
    ],
)
def test_times_are_read_in_their_form_and_zone(format: str | None, zone: str, text: str, milliseconds: int) -> None:  # noqa: A002
    steps = [{"step": "COMMISSION", "time": {"column": "made", "format": format, "zone": zone}}]
    (scan,) = _scans(_import({"made": text}, mapping=_mapping(steps=steps)))
    assert scan["event_time"] == milliseconds


def test_dates_and_timestamps_of_parquet_need_no_form() -> None:
    rows = pl.DataFrame([_ROW]).with_columns(pl.col("made").str.to_date())
    stamped = rows.with_columns(pl.col("made").cast(pl.Datetime("us")))
    times = [_scans(import_rows(frame, _mapping()))[0]["event_time"] for frame in (rows, stamped)]
    assert times == [1_714_521_600_000] * 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"serial": " "}, "serial: no serial"),
        ({"serial": None}, "serial: no serial"),
        ({"model": ""}, "model: no item"),
        ({"site": ""}, "COMMISSION: no site"),
        ({"made": "yesterday"}, "made: 'yesterday' is no time of COMMISSION"),
        ({"made": None}, "made: '' is no time of COMMISSION"),
        ({"serial": "x" * 201}, "more than 200 bytes"),
        ({"site": "x" * 129}, "site: more than 128 bytes"),
    ],
)
def test_a_row_that_is_no_scan_is_rejected_with_its_reason_and_the_others_go_on(row: dict[str, Any], said: str) -> None:
    imported = _import({}, row, {"serial": "S3"})
    ((number, reason),) = _reasons(imported)
    assert (number, len(imported.values)) == (2, 2)
    assert said in reason
    assert imported.rejected.columns == [ROW, REASON, "model", "serial", "site", "made"]


def test_a_gtin_is_padded_and_a_wrong_check_digit_is_rejected() -> None:
    mapping = _mapping(item={"scheme": "gtin", "columns": ["model"]})
    imported = _import({"model": "9506000134352"}, {"model": "9506000134353"}, mapping=mapping)
    assert imported.keys == [b"gtin:09506000134352/S1"]
    assert "check digit" in _reasons(imported)[0][1]


def test_a_scheme_without_an_item_makes_the_key_of_the_serial_alone() -> None:
    plain = {name: part for name, part in _MAPPING.items() if name != "item"}
    mapping = Mapping.model_validate(plain | {"serial": {"column": "serial", "scheme": "giai"}})
    imported = _import({"serial": "0950600 7"}, mapping=mapping)
    assert imported.keys == [b"giai:0950600 7"]
    assert _scans(imported)[0]["item"] == ""


def test_steps_exist_where_their_condition_holds_and_come_in_the_order_of_the_rows() -> None:
    steps = [
        {"step": "COMMISSION", "time": {"column": "made"}},
        {"step": "FAIL", "time": {"column": "failed"}, "when": {"column": "failed", "is": "present"}},
        {"step": "SELL", "time": {"column": "made"}, "when": {"column": "kind", "equals": ["a", "b"]}},
        {"step": "OBSERVE", "time": {"column": "made"}, "when": {"column": "kind", "is": "absent"}},
    ]
    rows = [{"serial": "S1", "failed": None, "kind": "b"}, {"serial": "S2", "failed": "2024-06-01", "kind": None}]
    scans = _scans(_import(*rows, mapping=_mapping(steps=steps)))
    told = [(scan["serial"], scan["step"]) for scan in scans]
    assert told == [("S1", "COMMISSION"), ("S1", "SELL"), ("S2", "COMMISSION"), ("S2", "FAIL"), ("S2", "OBSERVE")]


def test_a_row_without_any_step_is_rejected_not_dropped() -> None:
    step = {"step": "SELL", "time": {"column": "made"}, "when": {"column": "site", "equals": "paris"}}
    assert _reasons(_import({}, mapping=_mapping(steps=[step]))) == [(1, "no step's condition holds")]


def test_optional_fields_expiry_and_attributes_come_from_their_columns() -> None:
    mapping = _mapping(
        fields={"lot": {"column": "lot"}, "source": {"constant": "wms"}, "expiry": {"column": "best_before"}},
        attributes={"colour": "colour", "size": "size"},
        steps=[{"step": "COMMISSION", "time": {"column": "made"}, "fields": {"document": {"column": "order"}}}],
    )
    full = {"lot": "L1", "best_before": "1970-01-11", "colour": "red", "size": "7", "order": "order:1"}
    bare = {**dict.fromkeys(full), "size": "8"}
    first, second = _scans(_import(full, bare, mapping=mapping))
    assert (first["lot"], first["source"], first["expiry"], first["document"]) == ("L1", "wms", 10, "order:1")
    assert first["attributes"] == [{"name": "colour", "value": "red"}, {"name": "size", "value": "7"}]
    assert (second["lot"], second["expiry"], second["attributes"]) == (None, None, [{"name": "size", "value": "8"}])


def test_attributes_longer_than_a_worker_reads_reject_their_row() -> None:
    mapping = _mapping(attributes={"colour": "colour", "size": "size"})
    most = 32 * 1024 - 3 * 10 - len("coloursize")
    imported = _import(
        {"colour": "x" * (most - 3), "size": "xxx"}, {"colour": "x" * most, "size": "x"}, mapping=mapping
    )
    assert decode_scans(imported.values).error.tolist() == [0]
    assert _reasons(imported) == [(2, "attributes: more than 32,768 bytes together")]


@pytest.mark.parametrize(("form", "largest"), [("ms", 2**63 - 1), ("s", 2**63 - 1), ("s", -(2**63)), ("s", 10**16)])
def test_a_number_beyond_all_time_is_none(form: str, largest: int) -> None:
    steps = [{"step": "COMMISSION", "time": {"column": "made", "format": form}}]
    imported = _import({"made": str(largest)}, mapping=_mapping(steps=steps))
    assert _reasons(imported) == [(1, f"made: '{largest}' is no time of COMMISSION")]


def test_a_form_of_times_that_is_none_is_told_before_anything_is_sent() -> None:
    steps = [{"step": "COMMISSION", "time": {"column": "made", "format": "%d.%m.%Y %H"}}]
    with pytest.raises(MappingWrong, match="time 'made' cannot be read: .*hour and minute"):
        _import({}, mapping=_mapping(steps=steps))


def test_a_bucket_spreads_over_all_its_sites_and_stays_with_its_column() -> None:
    mapping = _mapping(site={"bucket": {"column": "serial", "of": ["a", "b", "c"]}})
    rows = [{"serial": f"S{n}"} for n in range(200)]
    sites = {scan["serial"]: scan["site"] for scan in _scans(_import(*rows, mapping=mapping))}
    again = {scan["serial"]: scan["site"] for scan in _scans(_import(*reversed(rows), mapping=mapping))}
    assert sites == again
    assert set(sites.values()) == {"a", "b", "c"}
    assert sites["S0"] == "b"  # for ever: imported scans of old files must keep their ids


def test_the_id_is_of_what_a_scan_says_and_of_no_row_number() -> None:
    base, *others = _scans(
        _import(
            {},
            {"serial": "S2"},
            {"made": "2024-05-02"},
            {"site": "paris"},
            {"reader": "r1"},
            {"document": "d1"},
            mapping=_mapping(fields={"reader": {"column": "reader"}, "document": {"column": "document"}}),
        )
    )
    assert len({scan["scan_id"] for scan in (base, *others)}) == 6
    assert base["scan_id"] == _scans(_import({}))[0]["scan_id"]
    assert base["scan_id"] == _scans(_import({"serial": "S9"}, {}))[1]["scan_id"]
    assert base["scan_id"] == "afca21e10018854eca99463e5398f381"  # for ever: what was imported once keeps its id


def test_what_was_rejected_can_be_mended_and_imported_again() -> None:
    rejected = _import({"site": ""}).rejected
    mended = import_rows(rejected.with_columns(site=pl.lit("berlin")), _mapping())
    assert _scans(mended) == _scans(_import({}))
    assert _reasons(import_rows(rejected, _mapping(), first_row=9)) == [(9, "COMMISSION: no site")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=8))
def test_serials_are_encoded_as_the_unit_key_says_or_rejected(serials: list[str]) -> None:
    imported = _import(*({"serial": serial} for serial in serials))
    expected = [key for serial in serials if (key := _key(serial)) is not None]
    assert imported.keys == expected
    assert imported.rejected.height == len(serials) - len(expected)


def _key(serial: str) -> bytes | None:
    try:
        return build("sku", "ACME", "PUMP", serial).text.encode()
    except BadUnitKey:
        return None
