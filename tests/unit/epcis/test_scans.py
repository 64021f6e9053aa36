"""Events to scans: ids that stay, declarations that take back, senders that speak for their own sites only."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.faults import MOST_FAULTS
from pipeline.capture.epcis.judge import judge
from pipeline.capture.epcis.not_read import not_read_reports
from pipeline.capture.epcis.prepare import Behaviour, Prepared, Sender, prepare
from pipeline.capture.epcis.reading import read_document
from pipeline.capture.epcis.records import event_record, scan_records
from pipeline.capture.epcis.scans import ScanMaker
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.epcis.things import Things, code_of, fitted
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import decode
from tests.unit.epcis.as_xml import document_xml
from tests.unit.epcis.events import (
    CLASS,
    DOCK,
    FIRST,
    FIRST_KEY,
    PALLET,
    SECOND,
    SECOND_KEY,
    SHOP,
    WHOLE,
    Object,
    a_bare,
    a_document,
    an_event,
)

MAKER = ScanMaker(Things("https://ledger.example/", {"gln:0012345111112": "factory"}), Steps())
DECLARED: Object = {"declarationTime": "2026-11-09T00:00:00Z", "reason": "did_not_occur"}


def captured(event: Object) -> Captured:
    ((_, found),) = judge(a_bare(event)).events
    return found


def prepared(document: Object, sender: Sender | None = None, behaviour: Behaviour = "rollback") -> Prepared:
    return prepare(judge(document), MAKER, sender or Sender("epcis"), behaviour)


@pytest.mark.parametrize("event", WHOLE, ids=lambda event: event["type"])
def test_an_event_makes_the_same_scans_whenever_and_however_it_comes(event: Object) -> None:
    ((_, of_xml),) = read_document(document_xml(event)).events
    first, second = MAKER.make(captured(event)).scans, MAKER.make(of_xml).scans
    assert first == second
    assert len({scan.scan_id for scan in first}) == len(first)


def test_an_event_with_a_foreign_id_and_the_same_without_are_two() -> None:
    event = an_event(epcList=[FIRST])
    with_id = {**event, "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"}
    assert captured(event).hash == captured(with_id).hash
    assert captured(event).identity != captured(with_id).identity == with_id["eventID"]
    assert MAKER.make(captured(event)).scans[0].scan_id != MAKER.make(captured(with_id)).scans[0].scan_id


def test_a_declaration_is_the_event_s_own_scans_and_a_void_of_each_when_it_was_declared() -> None:
    event = an_event("AggregationEvent", action="ADD", parentID=PALLET, childEPCs=[FIRST, SECOND])
    own = MAKER.make(captured(event)).scans
    both = MAKER.make(captured({**event, "errorDeclaration": DECLARED})).scans
    assert both[:3] == own
    voids = both[3:]
    assert [(void.step, void.origin, void.key, void.corrects) for void in voids] == [
        ("VOID", "CORRECTION", scan.key, scan.scan_id) for scan in own
    ]
    assert {void.event_time for void in voids} == {1_794_182_400_000}
    assert {dict(void.attributes)["reason"] for void in voids} == {"did_not_occur"}
    assert len({scan.scan_id for scan in both}) == 6


def test_one_wrong_event_refuses_its_document_unless_the_others_may_proceed() -> None:
    document = a_document(an_event(epcList=[FIRST]), an_event(), an_event(epcList=[SECOND]))
    refused, others = prepared(document), prepared(document, behaviour="proceed")
    assert (refused.events, refused.scans, len(refused.faults)) == ([], [], 1)
    assert [scan.key for scan in others.scans] == [FIRST_KEY, SECOND_KEY]
    assert others.faults == refused.faults


def test_a_sender_speaks_for_its_own_sites() -> None:
    here, there = an_event(epcList=[FIRST], readPoint={"id": DOCK}), an_event(epcList=[FIRST], readPoint={"id": SHOP})
    found = prepared(a_document(here, there), Sender("s", frozenset({"factory"})), "proceed")
    assert len(found.events) == 1
    ((path, message),) = [(fault.path, fault.message) for fault in found.faults]
    assert path == "$.epcisBody.eventList[1]"
    assert message.startswith("OTHER_SITE: gln:0614141007776")


def test_records_say_what_the_scans_and_events_say() -> None:
    event = captured({**WHOLE[0], "errorDeclaration": DECLARED})
    scans = MAKER.make(event).scans
    keys, values = scan_records(scans, 7, "epcis", "job")
    found = [decode(value)[1] for value in values]
    assert [key.decode() for key in keys] == [scan.key for scan in scans]
    for place, (scan, record) in enumerate(zip(scans, found, strict=True)):
        assert record["capture_time"] == 7
        assert record["receipt"] == f"job/{place:05}"
        for name in ("scan_id", "step", "event_time", "site", "lot", "expiry", "flags_set", "event", "corrects"):
            assert record[name] == getattr(scan, name)
        assert [(one["name"], one["value"]) for one in record["attributes"]] == list(scan.attributes)
    key, value = event_record(event, "job")
    name, kept = decode(value)
    assert (name, kept["kind"]) == ("epcis_event", "DECLARATION")
    assert key.decode() == kept["identity"] == event.identity
    assert orjson.loads(kept["content"]) == event.kept
    assert kept["epcs"][0] == {"field": "epcList", "epc": "https://id.gs1.org/01/10614141073464/21/2018"}


def test_texts_too_long_for_a_scan_are_cut_and_stay_apart() -> None:
    long = f"https://example.com/{'%C3%A4' * 100}"
    events = [an_event(epcList=[FIRST], readPoint={"id": long + end}, eventID=f"{long * 2}{end}") for end in "01"]
    document = a_document(*events)
    scans = prepared(document).scans
    assert len({scan.site for scan in scans}) == len({scan.event for scan in scans}) == len(scans) == 2
    for value in scan_records(scans, 0, "epcis", None).values:
        assert len(value) < 64 * 1024
        assert value[FRAME_BYTES:]


@given(st.text(max_size=80), st.integers(20, 60))
def test_what_is_fitted_has_so_many_bytes_at_most_and_short_texts_stay(text: str, most: int) -> None:
    found = fitted(text, most)
    assert len(found.encode()) <= most
    assert found == text or len(text.encode()) > most


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        (FIRST, FIRST_KEY),
        ("https://example.org/x/01/10614141073464/10/L/21/2018?17=271231", FIRST_KEY),
        ("https://ledger.example/unit/sku:ACME/W-1/A%2525", "sku:ACME/W-1/A%25"),
        ("imei:490154203237518", "imei:49015420323751"),
        ("https://example.com/thing/7", "epc:https:%2F%2Fexample.com%2Fthing%2F7"),
        ("urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "epc:urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"),
        ("geo:59.9,10.7", "epc:geo:59.9,10.7"),
        ("sgtin:0614141.107346.2018", None),
        (CLASS, None),
        ("https://id.gs1.org/01/10614141073465/21/2018", None),
        ("urn:epc:id:sgtin:0614141.107346", None),
        ("https://ledger.example/unit/nonsense", None),
        ("urn:x:" + "y" * 300, None),
        ("urn:epc:id:bic:CSQU3054383", "epc:urn:epc:id:bic:CSQU3054383"),
        ("urn:epc:id:adi:2S194.12345ABC.6789", "epc:urn:epc:id:adi:2S194.12345ABC.6789"),
        ("urn:epc:id:usdod:CJ35.12", "epc:urn:epc:id:usdod:CJ35.12"),
        ("urn:epc:id:imovn:9176187", "epc:urn:epc:id:imovn:9176187"),
    ],
)
def test_identifiers_are_units_by_their_keys(uri: str, key: str | None) -> None:
    unit = MAKER.things.unit(uri)
    assert (None if unit is None else unit.key) == key


WRONG_LINK, RIGHT_LINK = "https://id.gs1.org/01/09506000134353/21/A", "https://id.gs1.org/01/09506000134352/21/A"
WRONG_PALLET, RIGHT_PALLET = "https://id.gs1.org/00/106141412345678907", "https://id.gs1.org/00/106141412345678908"


def test_an_identifier_that_cannot_be_read_is_told_with_its_place_and_the_nearest_right_one() -> None:
    event = an_event("AggregationEvent", action="ADD", parentID=WRONG_PALLET, childEPCs=[FIRST, WRONG_LINK])
    found = prepared(a_document(an_event(epcList=[FIRST]), event))
    assert [(scan.key, scan.step) for scan in found.scans] == [(FIRST_KEY, "OBSERVE")] * 2
    path = "$.epcisBody.eventList[1]"
    assert not_read_reports(found.not_read) == [
        {
            "path": f"{path}.parentID", "epc": WRONG_PALLET, "nearest": RIGHT_PALLET,
            "why": "(00) check digit 7 should be 8",
        },
        {
            "path": f"{path}.childEPCs[1]", "epc": WRONG_LINK, "nearest": RIGHT_LINK,
            "why": "(01) check digit 3 should be 2",
        },
    ]  # fmt: skip
    assert (found.no_unit, found.faults) == (0, [])


@pytest.mark.parametrize(
    "uri",
    [
        "urn:epc:id:sgtin:0614141.107346", "https://ledger.example/unit/nonsense", "urn:x:" + "y" * 300,
        "urn:epc:id:nothing:1", "imei:490154203237519",
    ],
)  # fmt: skip
def test_every_identifier_of_a_single_thing_makes_a_scan_or_is_told(uri: str) -> None:
    (one,) = prepared(a_bare(an_event(epcList=[uri]))).not_read
    assert (one.path, one.epc) == ("$.epcList[0]", uri)
    assert one.why


@pytest.mark.parametrize(
    "uri",
    [
        CLASS, "urn:epc:idpat:sgtin:0614141.107346.*", "urn:epc:idpat:sgtin:0614141.*.*", SHOP,
        "https://id.gs1.org/01/10614141073464", "urn:epc:id:pgln:0614141.00777",
    ],
)  # fmt: skip
def test_classes_patterns_and_places_are_read(uri: str) -> None:
    assert prepared(a_bare(an_event(epcList=[uri]))).not_read == []


def test_of_many_that_cannot_be_read_the_first_are_told_and_the_rest_counted() -> None:
    uris = [f"urn:epc:id:nothing:{number}" for number in range(MOST_FAULTS + 7)]
    told = not_read_reports(prepared(a_document(an_event(epcList=uris))).not_read)
    assert len(told) == MOST_FAULTS + 1
    assert (told[-1]["epc"], told[-1]["why"]) == (None, "and 7 more")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0614141007776", "gln:0614141007776"), (SHOP, "gln:0614141007776"), (DOCK, "sgln:0012345111112400"),
        ("https://id.gs1.org/414/0614141007776", "gln:0614141007776"), ("https://example.com/x", "https://example.com/x"),
    ],
)  # fmt: skip
def test_a_site_s_code_has_one_form(code: str, expected: str) -> None:
    assert code_of(code) == expected


def test_lot_and_expiry_come_from_the_identifier_where_nothing_else_says_them() -> None:
    link = "https://id.gs1.org/01/10614141073464/10/L7/21/2018?17=270500"
    (scan,) = MAKER.make(captured(an_event(epcList=[link]))).scans
    assert (scan.lot, scan.expiry) == ("L7", 20969)
