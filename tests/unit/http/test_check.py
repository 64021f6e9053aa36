"""Scans checked one by one and together: every fault of every field, and what good ones become."""

from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.http.check import Checked, check
from pipeline.capture.http.encode import encode
from pipeline.capture.http.keys import Key
from pipeline.capture.http.lines import Lines, read_lines
from pipeline.capture.http.malformed import Faults
from pipeline.capture.mapping import Mapping
from pipeline.capture.rows import import_rows
from pipeline.domain.identifiers import read_conventions
from pipeline.wire.scan_fields import CAPS
from pipeline.wire.schemas import decode
from tests.http_house import SITE, a_scan

NOW = 1_793_611_300_000
OF_ONE = Key("k", "n", "site", (SITE,), "", 0)
CODE = "(01)09506000134352(21)ABC123"


def checked(*scans: object, key: Key = OF_ONE, codes: CodeReader = CODES) -> Checked:
    objects: list[Any] = list(scans)
    names = frozenset[str]().union(*(scan for scan in objects if isinstance(scan, dict)))
    return check(Lines(objects, names, Faults(len(objects))), key, NOW, codes)


def sent(*scans: object, codes: CodeReader = CODES) -> list[dict[str, Any]]:
    return [decode(value)[1] for value in encode(checked(*scans, codes=codes), "rid").values]


def faults(*scans: object) -> list[tuple[int, str | None, str]]:
    return [(fault.index, fault.field, fault.reason) for fault in checked(*scans).malformed]


@pytest.mark.parametrize(
    ("scan", "field", "reason"),
    [
        (a_scan(code=None), "code", "MISSING"),
        (a_scan(code=" "), "code", "MISSING"),
        (a_scan(code=5), "code", "WRONG_TYPE"),
        (a_scan(code="(01)09506000134353(21)A"), "code", "BAD_CODE"),
        (a_scan(code="(01)09506000134352"), "code", "BAD_CODE"),
        (a_scan(code="010950600013435221A"), "code", "BAD_CODE"),
        (a_scan(code="garbage"), "code", "BAD_CODE"),
        (a_scan(code="x" * 8_001), "code", "TOO_LONG"),
        (a_scan(serial="A"), "code", "CONTRADICTION"),
        (a_scan(item="gtin:09506000134352"), "code", "CONTRADICTION"),
        (a_scan(code=None, item="gtin:09506000134352"), "serial", "MISSING"),
        (a_scan(code=None, item="gtin:9506000134352", serial="A"), "serial", "BAD_CODE"),
        (a_scan(code=None, item="gtin:09506000134352", serial="a/b"), "serial", "BAD_CODE"),
        (a_scan(code=None, serial="A"), "serial", "BAD_CODE"),
        (a_scan(code=None, item=["x"], serial="sscc:106141412345678908"), "item", "WRONG_TYPE"),
        (a_scan(step=None), "step", "MISSING"),
        (a_scan(step="receive"), "step", "UNKNOWN_STEP"),
        (a_scan(step=["RECEIVE"]), "step", "UNKNOWN_STEP"),
        (a_scan(event_time=None), "event_time", "MISSING"),
        (a_scan(event_time=" "), "event_time", "MISSING"),
        (a_scan(event_time="2026-11-02T09:20:00"), "event_time", "NO_TIME"),
        (a_scan(event_time="2026-11-02"), "event_time", "NO_TIME"),
        (a_scan(event_time="2026-02-30T00:00:00Z"), "event_time", "NO_TIME"),
        (a_scan(event_time="2026-11-02T24:00:00Z"), "event_time", "NO_TIME"),
        (a_scan(event_time=1_793_611_200), "event_time", "NO_TIME"),
        (a_scan(event_time=1.5e12), "event_time", "NO_TIME"),
        (a_scan(event_time=True), "event_time", "NO_TIME"),
        (a_scan(event_time=2**63), "event_time", "NO_TIME"),
        (a_scan(capture_time="then"), "capture_time", "NO_TIME"),
        (a_scan(site="elsewhere"), "site", "OTHER_SITE"),
        (a_scan(site=7), "site", "WRONG_TYPE"),
        (a_scan(reader="x" * 129), "reader", "TOO_LONG"),
        (a_scan(reader="ä" * 65), "reader", "TOO_LONG"),
        (a_scan(scan_id="x" * 201), "scan_id", "TOO_LONG"),
        (a_scan(lot={}), "lot", "WRONG_TYPE"),
        (a_scan(code=CODE + "(10)L1", lot="L2"), "lot", "CONTRADICTION"),
        (a_scan(expiry="31.12.2027"), "expiry", "NO_DATE"),
        (a_scan(expiry="2027-02-29"), "expiry", "NO_DATE"),
        (a_scan(code=CODE + "(17)271231", expiry="2027-12-30"), "expiry", "CONTRADICTION"),
        (a_scan(container="pallet 7"), "container", "BAD_CODE"),
        (a_scan(container="sku:" + "ä" * 99 + "/" + "a" * 99 + "/" + "ä" * 99), "container", "BAD_CODE"),
        (a_scan(other_unit=1), "other_unit", "WRONG_TYPE"),
        (a_scan(step="VOID"), "corrects", "MISSING"),
        (a_scan(attributes=[]), "attributes", "WRONG_TYPE"),
        (a_scan(attributes={"a": 1}), "attributes", "WRONG_TYPE"),
        (a_scan(attributes={"a": "x" * CAPS["attributes"]}), "attributes", "TOO_LONG"),
        (a_scan(code=CODE + "(240)A", attributes={"240": "B"}), "attributes", "CONTRADICTION"),
        (a_scan(flags_set="recalled"), "flags_set", "WRONG_TYPE"),
        (a_scan(flags_set=["lost"]), "flags_set", "UNKNOWN_FLAG"),
        (a_scan(flags_set=["stolen"], flags_unset=["stolen"]), "flags_unset", "CONTRADICTION"),
        (a_scan(even_time="x"), "even_time", "UNKNOWN_FIELD"),
        (a_scan(receipt="x"), "receipt", "UNKNOWN_FIELD"),
        (a_scan(origin="DERIVED"), "origin", "UNKNOWN_FIELD"),
    ],
)
def test_a_scan_that_breaks_a_rule_is_told_where_and_the_scans_around_it_are_good(
    scan: dict[str, Any], field: str, reason: str
) -> None:
    found = checked(a_scan(), scan, a_scan())
    assert [(fault.index, fault.field, fault.reason) for fault in found.malformed] == [(1, field, reason)]
    assert found.places.tolist() == [0, 2]
    assert len(encode(found, "rid").values) == 2


def test_every_fault_of_a_scan_is_told_at_once() -> None:
    found = faults({"code": CODE, "step": "?", "site": "elsewhere", "lot": 5})
    assert sorted(found, key=str) == [
        (0, "event_time", "MISSING"), (0, "lot", "WRONG_TYPE"), (0, "site", "OTHER_SITE"), (0, "step", "UNKNOWN_STEP"),
    ]  # fmt: skip


def test_the_nearest_right_one_is_named() -> None:
    (code, field, step) = checked(
        a_scan(code="(01)09506000134353(21)A"), a_scan(even_time=1), a_scan(step="RETUR")
    ).malformed
    assert "the nearest right one is (01)09506000134352(21)A" in code.message
    assert "did you mean event_time?" in field.message
    assert "did you mean RETURN?" in step.message


def test_a_code_says_unit_lot_expiry_and_whatever_else() -> None:
    (scan,) = sent(a_scan(code="(01)09506000134352(17)270200(10)L7(21)A/1(240)X", attributes={"t": "4"}))
    assert (scan["item"], scan["serial"]) == ("gtin:09506000134352", "A%2F1")
    assert (scan["lot"], scan["expiry"]) == ("L7", 20_877)  # the last of February
    assert scan["attributes"] == [{"name": "240", "value": "X"}, {"name": "t", "value": "4"}]


@pytest.mark.parametrize(
    ("code", "item", "serial"),
    [
        ("\x1d010950600013435221A", "gtin:09506000134352", "A"),
        ("^010950600013435221A", "gtin:09506000134352", "A"),
        ("https://id.gs1.org/01/09506000134352/21/A", "gtin:09506000134352", "A"),
        ("urn:epc:id:sgtin:9506000.013435.A", "gtin:09506000134352", "A"),
        ("(00)106141412345678908", "", "sscc:106141412345678908"),
        ("imei:490154203237518", "", "imei:49015420323751"),
        ("sku:ACME/W-1/x%2Fy", "sku:ACME/W-1", "x%2Fy"),
    ],
)
def test_a_code_of_any_syntax_names_its_unit(code: str, item: str, serial: str) -> None:
    (scan,) = sent(a_scan(code=code))
    assert (scan["item"], scan["serial"]) == (item, serial)


def test_lenient_takes_an_element_string_that_lost_its_fnc1() -> None:
    (scan,) = sent(a_scan(code="010950600013435221A"), codes=CodeReader(lenient=True))
    assert scan["serial"] == "A"


def test_declared_conventions_name_units_before_length_alone_does() -> None:
    declared = read_conventions("""
        [[convention]]
        name = "asset tag"
        pattern = "{year:YYYY}-{category:PUMP|VALVE}-{sequence:N6}"
        key = "asset:{category}/{code}"
        [[convention]]
        name = "drum"
        pattern = "{sequence:N8}"
        key = "drum:{code}"
    """)
    first, second, third = sent(
        a_scan(code="2024-PUMP-000001"), a_scan(code="95060003"), a_scan(), codes=CodeReader(conventions=declared)
    )
    assert (first["item"], first["serial"]) == ("asset:PUMP", "2024-PUMP-000001")
    assert (second["item"], second["serial"]) == ("", "drum:95060003")
    assert third["item"] == "gtin:09506000134352"
    assert faults(a_scan(code="2024-PUMP-000001")) == [(0, "code", "BAD_CODE")]


def test_item_and_serial_are_taken_as_the_ledger_writes_them() -> None:
    first, second = sent(
        a_scan(code=None, item="sku:ACME/W-1", serial="x%2Fy"), a_scan(code=None, serial="sscc:106141412345678908")
    )
    assert (first["item"], first["serial"]) == ("sku:ACME/W-1", "x%2Fy")
    assert (second["item"], second["serial"]) == ("", "sscc:106141412345678908")


def test_every_field_reaches_the_log() -> None:
    texts = {
        "scan_id": "s-1", "destination": "d", "location": "l", "reader": "r", "operator": "o", "document": "asn:1",
        "lot": "L", "condition": "c", "corrects": "s-0", "source": "wms",
    }  # fmt: skip
    others = {"container": "(00)106141412345678908", "other_unit": "gtin:09506000134352/B", "expiry": "2027-01-31"}
    (scan,) = sent(
        a_scan(
            **texts,
            **others,
            capture_time="2026-11-02T10:00:00+01:00",
            flags_set=["stolen", "recalled"],
            flags_unset=[],
        )
    )
    assert {name: scan[name] for name in texts} == texts
    assert (scan["container"], scan["other_unit"]) == ("sscc:106141412345678908", "gtin:09506000134352/B")
    assert (scan["expiry"], scan["capture_time"], scan["origin"]) == (20_849, 1_793_610_000_000, "CORRECTION")
    assert (scan["flags_set"], scan["flags_unset"]) == ("recalled stolen", None)


def test_a_scan_without_more_is_from_a_device_and_recorded_now() -> None:
    (scan,) = sent(a_scan())
    assert (scan["origin"], scan["capture_time"], scan["corrects"], scan["attributes"]) == ("DEVICE", NOW, None, [])


def test_a_scan_without_an_id_has_the_import_rules_and_it_is_what_the_scan_says() -> None:
    same = [
        a_scan(),
        a_scan(operator="other", lot="L", capture_time=NOW, attributes={"a": "b"}),
        a_scan(code="gtin:09506000134352/ABC123"),
    ]
    others = [
        a_scan(step="SHIP"), a_scan(event_time="2026-11-02T09:20:00.001Z"), a_scan(reader="r"),
        a_scan(document="d"), a_scan(code=CODE + "4"),
    ]  # fmt: skip
    ids = [scan["scan_id"] for scan in sent(*same, *others)]
    assert len(set(ids[:3])) == 1
    assert len(set(ids[2:])) == 6


def test_the_same_scan_sent_and_imported_has_one_id() -> None:
    columns = {
        "gtin": "09506000134352",
        "serial": "ABC123",
        "site": SITE,
        "at": "2026-11-02T09:20:00Z",
        "r": "r1",
        "d": "asn:1",
    }
    mapping = Mapping.model_validate({
        "item": {"scheme": "gtin", "columns": ["gtin"]}, "serial": {"column": "serial"}, "site": {"column": "site"},
        "fields": {"reader": {"column": "r"}, "document": {"column": "d"}},
        "steps": [{"step": "RECEIVE", "time": {"column": "at"}}],
    })  # fmt: skip
    imported = decode(import_rows(pl.DataFrame([columns]), mapping).values[0])[1]
    (scan,) = sent(a_scan(reader="r1", document="asn:1"))
    assert scan["scan_id"] == imported["scan_id"]


def test_two_voids_at_one_moment_are_two_scans() -> None:
    first, second, plain = sent(
        a_scan(step="VOID", corrects="a"),
        a_scan(step="VOID", corrects="b"),
        a_scan(step="VOID", corrects="a", reader="r"),
    )
    assert len({first["scan_id"], second["scan_id"], plain["scan_id"]}) == 3


def test_given_ids_and_made_ones_stand_side_by_side() -> None:
    ids = [scan["scan_id"] for scan in sent(a_scan(scan_id="mine"), a_scan(), a_scan(scan_id=" "))]
    assert ids[0] == "mine"
    assert ids[1] == ids[2] == sent(a_scan())[0]["scan_id"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
VALUES = JSON | st.sampled_from([CODE, "RECEIVE", "2026-11-02T09:20:00Z", "", SITE, "VOID", "(00)106141412345678908"])
FIELDS = st.sampled_from([
    "code", "item", "serial", "step", "event_time", "site", "corrects", "scan_id", "container", "lot", "expiry",
    "attributes", "flags_set", "flags_unset", "capture_time", "reader", "unknown",
])  # fmt: skip


@given(st.lists(st.dictionaries(FIELDS, VALUES, max_size=5).map(lambda some: a_scan() | some) | JSON, max_size=4))
def test_whatever_is_sent_each_scan_is_either_good_and_encoded_or_has_a_fault(scans: list[Any]) -> None:
    body = orjson.dumps([_jsonable(scan) for scan in scans])
    found = check(read_lines(body, "json"), OF_ONE, NOW)
    bad = {fault.index for fault in found.malformed}
    assert bad | set(found.places.tolist()) == set(range(len(scans)))
    assert not bad & set(found.places.tolist())
    records = encode(found, "rid")
    for key, value, place in zip(records.keys, records.values, found.places.tolist(), strict=True):
        scan = decode(value)[1]
        unit = f"{scan['item']}/{scan['serial']}" if scan["item"] else scan["serial"]
        assert (key.decode(), scan["receipt"]) == (unit, f"rid/{place:05}")


def _jsonable(value: object) -> object:
    """JSON has whole numbers of 64 bits, and texts without half characters."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value % 2**63
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_jsonable(part) for part in value]
    if isinstance(value, dict):
        return {_jsonable(name): _jsonable(part) for name, part in value.items()}
    return value
