"""What is written in XML, 2.0 or 1.2, is read as the same thing in JSON-LD; what attacks a reader of XML is refused."""

from typing import Any

import orjson
import pytest

from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.reading import read_document
from tests.unit.epcis.as_xml import NEW_IN_2_0, document_xml, event_xml, query_document_xml
from tests.unit.epcis.events import CONTEXT, FIRST, WHOLE, Object, a_document, an_event


def captured(content: bytes) -> list[Captured]:
    judged = read_document(content)
    assert judged.faults == ()
    return [event for _, event in judged.events]


def in_json(*events: Object) -> list[Captured]:
    return captured(orjson.dumps(a_document(*events)))


def told(content: bytes) -> list[tuple[str, str]]:
    return [(fault.path, fault.message) for fault in read_document(content).faults]


@pytest.mark.parametrize("event", WHOLE, ids=lambda event: event["type"])
def test_an_event_with_everything_is_the_same_in_xml_and_in_json(event: Object) -> None:
    (of_xml,), (of_json,) = captured(document_xml(event)), in_json(event)
    assert of_xml.content == of_json.content
    assert of_xml.kept["@context"] == CONTEXT
    assert of_xml.identity == of_json.identity
    assert of_xml.said.model_dump(exclude={"context"}) == of_json.said.model_dump(exclude={"context"})


@pytest.mark.parametrize("event", WHOLE, ids=lambda event: event["type"])
def test_an_event_of_1_2_is_the_same_as_one_of_2_0(event: Object) -> None:
    older = {name: value for name, value in event.items() if name not in NEW_IN_2_0}
    if older["type"] == "AssociationEvent":
        pytest.skip("1.2 has no associations")
    older["eventID"] = "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"
    older["errorDeclaration"] = {"declarationTime": "2026-11-03T00:00:00Z", "reason": "did_not_occur"}
    (of_1_2,), (of_json,) = captured(document_xml(older, version="1.2")), in_json(older)
    assert of_1_2.content == of_json.content
    assert of_1_2.hash == of_json.hash


def test_the_answer_of_a_query_and_a_bare_event_are_read_too() -> None:
    event = an_event(epcList=[FIRST])
    assert captured(query_document_xml(event))[0].content == event
    assert captured(event_xml(event, "2.0").encode())[0].content == {"@context": CONTEXT[:1], **event}


def test_withdrawn_words_are_read_as_their_successors() -> None:
    event = an_event(epcList=[FIRST], disposition="urn:epcglobal:cbv:disp:non_sellable_expired")
    assert captured(document_xml(event))[0].content["disposition"] == "expired"


def test_prefixes_of_the_document_do_not_matter_and_two_of_one_name_are_told_apart() -> None:
    inner = event_xml(an_event(epcList=[FIRST]), "2.0").removesuffix("</ObjectEvent>")
    one = f'{inner}<a:x xmlns:a="urn:one">1</a:x><a:x xmlns:a="urn:two">2</a:x></ObjectEvent>'.encode()
    other = f'{inner}<x xmlns="urn:one">1</x><epcis:x xmlns:epcis="urn:two">2</epcis:x></ObjectEvent>'.encode()
    (first,), (second,) = captured(one), captured(other)
    assert first.hash == second.hash
    assert {name for name in first.content if ":" in name} == {"a:x", "ns1:x"}
    assert first.kept["@context"][1] == {"a": "urn:one", "ns1": "urn:two"}


def test_attributes_of_extensions_are_kept_and_those_that_only_name_a_type_are_not() -> None:
    inner = event_xml(an_event(epcList=[FIRST]), "2.0").removesuffix("</ObjectEvent>")
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    weight = f'<ex:w xmlns:ex="urn:one" xmlns:xsi="{xsi}" xsi:type="t" unit="KGM">3.5</ex:w></ObjectEvent>'
    (event,) = captured((inner + weight).encode())
    assert event.content["ex:w"] == {"#text": "3.5", "unit": "KGM"}


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400])
def test_a_number_beyond_all_is_a_fault_as_it_is_in_json(number: str) -> None:
    report = {"type": "Temperature", "value": number, "exception": "ALARM_CONDITION"}
    content = document_xml(an_event(epcList=[FIRST], sensorElementList=[{"sensorReport": [report]}]))
    place = "$.epcisBody.eventList[0].sensorElementList[0].sensorReport[0].value"
    assert [where for where, _ in told(content)] == [place]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("<action>OBSERVE</action>", "<action>SEE</action>"), "action"),
        (("<action>OBSERVE</action>", "<action>OBSERVE</action><action>ADD</action>"), "action"),
        (("<epc>", "<egg>"), "epcList[0]"),
        (("</epcList>", "</epcList><colour>red</colour>"), "colour"),
        (("</epcList>", "</epcList><bizStep>urn:epcglobal:cbv:bizstep:flying</bizStep>"), "bizStep"),
        (("+01:00</eventTime>", "</eventTime>"), "eventTime"),
        (("</epcList>", "</epcList><quantityList><quantityElement/></quantityList>"), "quantityList[0].epcClass"),
    ],
)
def test_a_fault_in_xml_has_the_path_it_has_in_json(change: tuple[str, str], path: str) -> None:
    content = document_xml(an_event(epcList=[FIRST])).decode()
    broken = content.replace(*change).replace("</epc>", "</egg>") if "<egg>" in change else content.replace(*change)
    assert [where for where, _ in told(broken.encode())] == [f"$.epcisBody.eventList[0].{path}"]


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://localhost/x">%x;]><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://localhost/x.dtd"><a/>',
        "<!DOCTYPE a [" + "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 40)) + "]><a>&e39;</a>",
    ],
)
def test_entities_and_references_to_elsewhere_are_refused(attack: str) -> None:
    ((path, message),) = told(attack.encode())
    assert path == "$"
    assert "not accepted" in message


def test_a_document_type_that_declares_nothing_does_no_harm() -> None:
    content = document_xml(an_event(epcList=[FIRST])).decode().replace("?>", "?><!DOCTYPE project>", 1)
    assert len(captured(content.encode())) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"<",
        b"<a>",
        b"<a/><b/>",
        b"<a>" * 200,
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b"\xff\xfe<",
        b"<a b='\x00'/>",
    ],
)
def test_what_is_no_xml_is_told_so(content: bytes) -> None:
    ((path, message),) = told(content)
    assert path == "$"
    assert message


def test_other_encodings_of_the_same_letters_are_the_same() -> None:
    event: dict[str, Any] = an_event(epcList=[FIRST], **{"ex:name": "Bücherstraße"})
    plain = document_xml(event).decode()
    for encoding in ("UTF-16", "ISO-8859-1"):
        content = plain.replace("UTF-8", encoding, 1).encode(encoding)
        assert captured(content)[0].content["ex:name"] == "Bücherstraße"
