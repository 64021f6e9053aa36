"""What is exported is valid EPCIS 2.0 in Digital Links, and is read back as it was."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

from pipeline.capture.epcis.answers import capture_document, query_document
from pipeline.capture.epcis.export_kept import exported
from pipeline.capture.epcis.export_scans import ScanRow, declared_wrong, events_of
from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.judge import judge
from pipeline.capture.epcis.scans import ScanMaker
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.epcis.things import Things
from pipeline.domain.scan import STEPS
from tests.standards import standard
from tests.unit.epcis.events import FIRST, FOREIGN, WHOLE, Object, a_bare

BASE = "https://ledger.example/"
CODES = {"gln:0012345111112": "factory", "https://example.com/yard": "yard"}
URIS = Uris(BASE, CODES)
KEYS = [
    "gtin:10614141073464/2018", "sku:ACME/W-1/A%2F1", "imei:49015420323751", "sscc:106141412345678908",
    "giai:4000001111", "vin:1M8GDM9AXKP042788", "epc:https:%2F%2Fexample.com%2Fthing%2F7", "grai:4000001111114/7",
]  # fmt: skip
SITES = ["factory", "yard", "shop", "gln:0614141007776", "https://example.com/gate", "Büro 7/8", "unknown"]


@cache
def the_schema() -> Draft7Validator:
    return Draft7Validator(standard("EPCIS-JSON-Schema.json"), format_checker=FormatChecker())


def a_row(**fields: Any) -> ScanRow:  # noqa: ANN401  fields of a scan
    usual: dict[str, Any] = dict.fromkeys(ScanRow.__dataclass_fields__)
    usual |= {
        "scan_id": "1",
        "unit_key": KEYS[0],
        "step": "STORE",
        "event_time": 0,
        "site": "factory",
        "attributes": (),
    }
    return ScanRow(**(usual | fields))


HARD_KEYS = [
    "epc:hello", "uri:https:%2F%2Fx.example%2Fö", "uri:https:%2F%2Fx.example%2Fgate", "epc:urn:epc:id:bic:CSQU3054383",
    f"epc:{FIRST}", "epc:urn:x:a b", "gtin:nonsense/1", "uri:%25", "epc:https:%2F%2Fledger.example%2Funit%2Fsku:A",
]  # fmt: skip
HARD_WORDS = [
    "urn:epcglobal:cbv:disp:damaged", "http://ns.gs1.org/cbv/Disp-damaged", "https://ns.gs1.org/cbv/BizStep-shipping",
    "urn:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cbv:disp:nonsense", "cbv:Disp-damaged", "cbv:BizStep-packing",
    "https://ref.gs1.org/cbv/Disp-damaged", "https://ref.gs1.org/cbv/Disp-nonsense", "urn:x:ö", "urn:x:1", "",
]  # fmt: skip
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
"""What sites send: anything that UTF-8 holds."""
optional = st.none() | st.sampled_from(["A", "b/c", "ö"]) | texts
words = st.sampled_from(["damaged", "scratched", "https://example.com/disp", *HARD_WORDS]) | texts
units = st.sampled_from(KEYS + HARD_KEYS)
places = st.sampled_from([*SITES, "gln:ö", "gln:1", "gln:0614141007777", "https://x.example/ö"]) | texts
flags = st.none() | st.lists(st.sampled_from(["damaged", "recalled", "stolen", *HARD_WORDS]), min_size=1).map(" ".join)
ROWS = st.builds(
    ScanRow,
    scan_id=st.text("abc", min_size=1, max_size=3),
    unit_key=units,
    step=st.sampled_from([step for step in STEPS if step != "VOID"]),
    event_time=st.integers(0, 4_000_000_000_000),
    site=places,
    destination=st.none() | places,
    location=optional,
    document=st.none() | st.sampled_from(["asn:urn:x:7", "order:7 a", "rma:r", "count:c", "nonsense"]) | texts,
    container=st.none() | units,
    other_unit=st.none() | units,
    lot=optional,
    expiry=st.none() | st.just("2027-05-31"),
    condition=st.none() | words,
    flags_set=flags,
    flags_unset=flags,
    attributes=st.dictionaries(st.sampled_from(["temperature", "biz_step"]) | texts, words).map(dict.items).map(tuple),
)


@settings(max_examples=200)
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_events_made_of_any_scans_are_valid(rows: list[ScanRow]) -> None:
    made = [*events_of(rows, URIS), declared_wrong(rows[0], 7, URIS)]
    for document in (capture_document(made), query_document(made)):
        assert list(the_schema().iter_errors(document)) == []
        assert judge(document).faults == ()


@pytest.mark.parametrize("event", [*WHOLE, FOREIGN], ids=lambda event: event["type"])
def test_a_captured_event_is_exported_valid_in_digital_links_and_stays_the_same_event(event: Object) -> None:
    ((_, captured),) = judge(a_bare(event)).events
    made = exported(captured.kept)
    assert list(the_schema().iter_errors(capture_document([made]))) == []
    ((_, again),) = judge(made).events
    assert again.identity == captured.identity
    assert "urn:epc:id:sgtin" not in str({name: made[name] for name in made if name.endswith(("List", "EPCs", "ID"))})


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("damaged", "damaged"), ("urn:epcglobal:cbv:disp:damaged", "damaged"),
        ("http://ns.gs1.org/cbv/Disp-damaged", "damaged"), ("https://ref.gs1.org/cbv/Disp-damaged", "damaged"),
        ("https://example.com/scratched", "https://example.com/scratched"), ("scratched", None),
        ("urn:epcglobal:cbv:disp:scratched", None), ("http://ns.gs1.org/cbv/Disp-scratched", None),
    ],
)  # fmt: skip
def test_a_condition_is_told_in_the_standard_s_word_and_where_it_has_none_in_an_extension(
    said: str, word: str | None
) -> None:
    (event,) = events_of([a_row(condition=said)], URIS)
    assert (event.get("disposition"), event.get("scanledger:condition")) == (word, None if word else said)


@pytest.mark.parametrize(
    ("text", "word"),
    [("urn:epcglobal:cbv:bizstep:shipping", "shipping"), ("urn:epcglobal:cbv:bizstep:x", None), ("urn:x:1", "urn:x:1")],
)
def test_a_business_step_that_was_kept_is_told_in_the_standard_s_word(text: str, word: str | None) -> None:
    (event,) = events_of([a_row(step="OBSERVE", attributes=(("biz_step", text),))], URIS)
    assert event.get("bizStep") == word


def test_flags_that_have_no_word_are_told_whole_in_an_extension() -> None:
    (event,) = events_of([a_row(flags_set="damaged odd", flags_unset="stolen stolen")], URIS)
    assert event["persistentDisposition"] == {"set": ["damaged"], "unset": ["stolen"]}
    assert (event["scanledger:flagsSet"], "scanledger:flagsUnset" in event) == ("damaged odd", False)


@pytest.mark.parametrize("key", [*KEYS, *(key for key in HARD_KEYS if key.startswith("epc:"))])
def test_a_unit_s_uri_leads_back_to_its_key(key: str) -> None:
    unit = Things(BASE, CODES).unit(URIS.unit(key))
    assert unit is not None
    assert unit.key == key


@pytest.mark.parametrize("site", SITES)
def test_a_site_s_uri_leads_back_to_it(site: str) -> None:
    things = Things(BASE, CODES)
    assert things.place(URIS.place(site, None)).site == site
    assert things.place(URIS.place(site, "7")).site == site


@pytest.mark.parametrize(
    "step", sorted(set(STEPS) - {"VOID", "RESERVE", "RELEASE", "RELABEL", "TRANSFER", "FAIL", "REPLACE"})
)
def test_a_scan_s_event_makes_that_scan_again(step: str) -> None:
    pallet = "sscc:106141412345678908"
    counterpart = {"PACK": "container", "UNPACK": "container", "INSTALL": "other_unit", "REMOVE": "other_unit"}
    named = {counterpart[step]: pallet} if step in counterpart else {}
    row = a_row(step=step, destination="yard", document="asn:urn:x:7" if step == "SHIP" else None, **named)
    (event,) = events_of([row], URIS)
    ((_, captured),) = judge(event).events
    (*_, scan) = ScanMaker(Things(BASE, CODES), Steps()).make(captured).scans
    expected = (
        row.unit_key,
        step,
        row.event_time,
        row.site,
        row.destination,
        row.document,
        row.container,
        row.other_unit,
    )
    found = (scan.key, scan.step, scan.event_time, scan.site, scan.destination, scan.document, scan.container)
    assert (*found, scan.other_unit) == expected


def test_scans_that_say_the_same_are_one_event_and_others_are_not() -> None:
    rows = [a_row(scan_id=str(n), unit_key=f"gtin:10614141073464/{n}") for n in range(3)]
    (event,) = events_of(rows, URIS)
    assert [epc[-1] for epc in event["epcList"]] == ["0", "1", "2"]
    assert len(list(events_of([rows[0], a_row(site="yard"), rows[1]], URIS))) == 3


def test_an_event_made_again_has_the_same_id() -> None:
    (first,), (second,) = events_of([a_row()], URIS), events_of([a_row()], URIS)
    (other,) = events_of([a_row(scan_id="2")], URIS)
    assert first["eventID"] == second["eventID"] != other["eventID"]
