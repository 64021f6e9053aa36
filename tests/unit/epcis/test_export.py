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
from tests.unit.epcis.events import FOREIGN, WHOLE, Object, a_bare

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


optional = st.none() | st.sampled_from(["A", "b/c", "ö"])
ROWS = st.builds(
    ScanRow,
    scan_id=st.text("abc", min_size=1, max_size=3),
    unit_key=st.sampled_from(KEYS),
    step=st.sampled_from([step for step in STEPS if step != "VOID"]),
    event_time=st.integers(0, 4_000_000_000_000),
    site=st.sampled_from(SITES),
    destination=st.none() | st.sampled_from(SITES),
    location=optional,
    document=st.none() | st.sampled_from(["asn:urn:x:7", "order:7 a", "rma:r", "count:c", "nonsense"]),
    container=st.none() | st.sampled_from(KEYS),
    other_unit=st.none() | st.sampled_from(KEYS),
    lot=optional,
    expiry=st.none() | st.just("2027-05-31"),
    condition=st.none() | st.sampled_from(["damaged", "scratched", "https://example.com/disp"]),
    flags_set=st.none() | st.just("damaged recalled"),
    flags_unset=st.none() | st.just("stolen"),
    attributes=st.sampled_from([(), (("temperature", "4.2"), ("biz_step", "other"))]),
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


@pytest.mark.parametrize("key", KEYS)
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
