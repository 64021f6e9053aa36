"""What a declaration leaves out of its event is told as far as the event is there, and as null where it is not."""

from pipeline.capture.epcis.declared import Declared, Remembered, declared_in, left_out
from tests.unit.epcis.events import FIRST, PALLET, SECOND, Object, an_event
from tests.unit.epcis.test_scans import DECLARED, MAKER, captured

NAME = MAKER.things.name
LINK, OTHER = "https://id.gs1.org/01/10614141073464/21/2018", "https://id.gs1.org/01/10614141073464/21/9"
EVENT = an_event(epcList=[FIRST, SECOND], eventID="urn:x:1")
PART: Object = {**EVENT, "epcList": [FIRST], "errorDeclaration": DECLARED}


def test_what_a_declaration_does_not_list_of_an_event_that_is_kept_is_told() -> None:
    kept = {"urn:x:1": {LINK, OTHER}}
    declared = declared_in([captured(PART)])
    assert left_out(declared, lambda ids: {one: kept[one] for one in ids}, NAME) == [
        {"identity": "urn:x:1", "epcs": [OTHER]}
    ]
    assert left_out(declared, lambda _: {"urn:x:1": {LINK}}, NAME) == []


def test_of_an_event_in_the_same_document_nobody_else_is_asked() -> None:
    declared = declared_in([captured(EVENT), captured(PART)])
    assert left_out(declared, lambda _: {"urn:x:1": {OTHER}}, NAME) == [{"identity": "urn:x:1", "epcs": [SECOND]}]


def test_what_cannot_be_told_yet_is_null_and_without_declarations_there_is_nothing_to_tell() -> None:
    declared = declared_in([captured(PART)])
    assert left_out(declared, lambda _: {}, NAME) == [{"identity": "urn:x:1", "epcs": None}]
    assert left_out(declared_in([captured(EVENT)]), lambda _: {}, NAME) == []


def test_several_declarations_of_one_event_list_together() -> None:
    other = {**PART, "epcList": [SECOND]}
    assert left_out(declared_in([captured(part) for part in (PART, EVENT, other)]), lambda _: {}, NAME) == []


def test_a_declaration_names_a_unit_in_whatever_form_it_is_written() -> None:
    forms = ["urn:epc:id:sgtin:0614141.107346.a'b", f"{MAKER.things.base}unit/sku:ACME%2FW%2F1", PALLET]
    others = ["https://example.com/01/10614141073464/10/L/21/a%27b", f"{MAKER.things.base}unit/sku:ACME/W/1"]
    event = an_event(epcList=forms, eventID="urn:x:1")
    declared = declared_in([captured(event), captured({**event, "epcList": others, "errorDeclaration": DECLARED})])
    (told,) = left_out(declared, lambda _: {}, NAME)
    assert told["epcs"] == ["https://id.gs1.org/00/106141412345678908"]


def test_what_a_job_keeps_of_declarations_is_read_back() -> None:
    declared = declared_in([captured(EVENT), captured(PART)])
    assert Declared(**declared.told()) == declared


def test_events_read_a_moment_ago_are_there_though_they_are_not_kept_yet() -> None:
    remembered = Remembered(NAME)
    remembered.take([captured(EVENT)])
    declared = declared_in([captured(PART)])
    assert left_out(declared, remembered.before(lambda _: {}), NAME) == [{"identity": "urn:x:1", "epcs": [SECOND]}]
    changed = captured({**EVENT, "epcList": [FIRST, PALLET]})
    remembered.take([changed, captured(PART)])
    (told,) = left_out(declared, remembered.before(lambda _: {}), NAME)
    assert told["epcs"] == ["https://id.gs1.org/00/106141412345678908"]


def test_of_so_many_remembered_the_oldest_are_forgotten_and_asked_for() -> None:
    remembered = Remembered(NAME, most_epcs=4)
    remembered.take([captured({**EVENT, "eventID": f"urn:x:{number}"}) for number in (1, 2, 3)])
    find = remembered.before(lambda ids: {one: [OTHER] for one in ids})
    assert find(["urn:x:1", "urn:x:2", "urn:x:3"]) == {
        "urn:x:1": [OTHER], "urn:x:2": [LINK, SECOND], "urn:x:3": [LINK, SECOND],
    }  # fmt: skip
