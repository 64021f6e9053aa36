"""Documents and events are judged as the standard's own JSON Schema judges them, and each fault is said where it is."""

from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

from pipeline.capture.epcis.faults import MOST_FAULTS, limited
from pipeline.capture.epcis.judge import judge
from tests.standards import standard
from tests.unit.epcis.events import (
    CONTEXT,
    FIRST,
    FOREIGN,
    SECOND,
    WHOLE,
    Object,
    a_bare,
    a_document,
    a_query_document,
    an_event,
)
from tests.unit.epcis.mutations import chance_of, mutated

ROOTS = [
    *(a_document(event) for event in [*WHOLE, FOREIGN]),
    *(a_bare(event) for event in [*WHOLE, FOREIGN]),
    a_query_document(an_event(epcList=[FIRST])),
    a_document(an_event(epcList=[])),
    a_document(an_event("AggregationEvent", action="DELETE", parentID=FIRST)),
    a_document(an_event("TransformationEvent", inputEPCList=[FIRST], outputEPCList=[SECOND])),
]
MUTANTS = 800


@cache
def the_schema() -> Draft7Validator:
    return Draft7Validator(standard("EPCIS-JSON-Schema.json"), format_checker=FormatChecker())


def faults_of(document: Any) -> list[tuple[str, str]]:  # noqa: ANN401  JSON
    return [(fault.path, fault.message) for fault in judge(document).faults]


def paths_of(document: Any) -> list[str]:  # noqa: ANN401  JSON
    return [path for path, _ in faults_of(document)]


@pytest.mark.parametrize("document", ROOTS, ids=range(len(ROOTS)))
def test_what_the_schema_accepts_is_accepted_with_every_field_of_the_standard(document: Object) -> None:
    assert the_schema().is_valid(document)
    assert faults_of(document) == []


@pytest.mark.parametrize("seed", range(4))
def test_what_is_made_wrong_at_random_is_judged_as_the_schema_judges_it(seed: int) -> None:
    chance = chance_of(seed)
    verdicts = {True: 0, False: 0}
    for _ in range(MUTANTS // 4):
        document = mutated(chance.choice(ROOTS), chance)
        is_valid = the_schema().is_valid(document)
        verdicts[is_valid] += 1
        assert (not faults_of(document)) == is_valid, document
    assert min(verdicts.values()) > MUTANTS // 20


@pytest.mark.parametrize("name", ["eventTime", "eventTimeZoneOffset", "action", "type"])
def test_a_part_that_is_missing_is_named_with_its_path(name: str) -> None:
    event = an_event(epcList=[FIRST])
    del event[name]
    assert (f"$.epcisBody.eventList[0].{name}", "is missing") in faults_of(a_document(event))


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-02T09:20:00",
        "2026-11-02",
        "2026-02-30T09:20:00Z",
        "2026-11-02T24:00:00Z",
        "2026-11-02T09:20:00+1:00",
        "x",
    ],
)
def test_a_time_without_a_zone_or_that_is_none_is_refused(time: str) -> None:
    assert paths_of(a_document(an_event(epcList=[], eventTime=time))) == ["$.epcisBody.eventList[0].eventTime"]


@pytest.mark.parametrize(
    ("field", "word"),
    [("bizStep", "shiping"), ("disposition", "broken"), ("bizStep", "urn:epcglobal:cbv:bizstep:shipping")],
)
def test_a_bare_word_nobody_knows_and_a_urn_in_json_are_refused(field: str, word: str) -> None:
    assert paths_of(a_document(an_event(epcList=[], **{field: word}))) == [f"$.epcisBody.eventList[0].{field}"]


def test_a_word_is_the_same_bare_and_as_a_web_uri_and_a_foreign_one_stays_as_it_is() -> None:
    words = ["shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "https://example.com/steps/polishing"]
    judged = judge(a_document(*(an_event(epcList=[], bizStep=word) for word in words)))
    assert [getattr(event.said, "biz_step") for _, event in judged.events] == ["shipping", "shipping", words[2]]  # noqa: B009


def test_an_extension_without_a_namespace_is_refused_and_one_with_it_is_kept() -> None:
    extensions: Object = {"grade": "A", "ex:grade": {"any": ["thing", None]}}
    document = a_document(an_event(epcList=[], **extensions))
    assert paths_of(document) == ["$.epcisBody.eventList[0].grade"]
    del document["epcisBody"]["eventList"][0]["grade"]
    ((_, event),) = judge(document).events
    assert event.kept["ex:grade"] == {"any": ["thing", None]}
    assert event.kept["@context"] == CONTEXT


def test_a_text_that_ends_in_a_line_break_is_none_of_what_the_standard_asks_for() -> None:
    """The schema's own validators overlook it: a pattern's end matches before a last line break."""
    quantity = {"epcClass": FIRST, "uom": "KG\n"}
    document = a_document(an_event(quantityList=[quantity], eventID=f"{FIRST}\n", eventTime="2026-11-02T09:20:00Z\n"))
    found = ["eventTime", "eventID", "quantityList[0].uom"]
    assert the_schema().is_valid(document)
    assert sorted(paths_of(document)) == sorted(f"$.epcisBody.eventList[0].{path}" for path in found)


def test_a_null_is_a_fault_and_not_the_same_as_nothing() -> None:
    document = a_document({**an_event(epcList=[]), "disposition": None})
    assert faults_of(document) == [("$.epcisBody.eventList[0].disposition", "is null; leave it out")]


@pytest.mark.parametrize("document", [None, 1, "text", [], [a_document()]])
def test_what_is_no_object_is_no_document(document: object) -> None:
    assert faults_of(document) == [("$", "is no object")]


def test_a_bare_event_needs_a_context_of_its_own() -> None:
    assert paths_of(an_event(epcList=[])) == ["$.@context"]


def test_what_is_nested_without_end_is_refused_before_anything_recurses_into_it() -> None:
    deep: Object = {}
    for _ in range(5_000):
        deep = {"ex:a": deep}
    document = a_document(an_event(epcList=[]) | {"ex:deep": deep})
    assert faults_of(document) == [("$", "is nested deeper than 100 levels")]


def test_right_events_are_told_from_wrong_ones_of_the_same_document() -> None:
    judged = judge(a_document(an_event(epcList=[FIRST]), an_event(), an_event(epcList=[SECOND])))
    assert [number for number, _ in judged.events] == [0, 2]
    assert judged.is_whole
    assert not judge({**a_document(an_event(epcList=[FIRST])), "creationDate": "today"}).is_whole


def test_of_very_many_faults_the_first_are_shown_and_the_rest_counted() -> None:
    judged = judge(a_document(an_event(epcList=["x"] * (MOST_FAULTS + 50))))
    shown = limited(judged.faults)
    assert len(shown) == MOST_FAULTS + 1
    assert shown[-1].message == "and 50 more"
