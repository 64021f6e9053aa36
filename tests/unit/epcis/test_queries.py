"""The standard's questions: every parameter has its condition, and what is not understood is refused."""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.epcis.queries import MOST_PER_PAGE, BadQuestion, Question, Token, read_question
from tests.unit.epcis.events import FIRST

ALL = [
    ("eventType", "ObjectEvent,AggregationEvent"), ("GE_eventTime", "2026-01-01T00:00:00Z"),
    ("LT_eventTime", "2027-01-01T00:00:00+01:00"), ("GE_recordTime", "0001-01-01T00:00:00Z"),
    ("LT_recordTime", "9999-01-01T00:00:00Z"), ("EQ_action", "ADD"), ("EQ_bizStep", "shipping"),
    ("EQ_disposition", "in_transit"), ("EQ_readPoint", "urn:x:1"), ("EQ_bizLocation", "urn:x:2"),
    ("EQ_eventID", "urn:x:3"), ("EQ_bizTransaction_po", "urn:x:4"), ("MATCH_epc", FIRST), ("MATCH_parentID", FIRST),
    ("MATCH_anyEPC", FIRST), ("EXISTS_errorDeclaration", "true"),
]  # fmt: skip


def asked(parameters: Iterable[tuple[str, str]]) -> Question:
    return read_question(urlencode(list(parameters), safe=","))


@pytest.mark.parametrize(("name", "value"), ALL)
def test_each_parameter_is_one_condition_with_its_value_apart(name: str, value: str) -> None:
    question = asked([(name, value)])
    assert len(question.conditions) == 1
    assert "urn:" not in question.conditions[0]
    assert all(f"{{{parameter}:" in question.conditions[0] for parameter in question.parameters)


def test_all_of_them_together_are_all_conditions() -> None:
    assert len(asked(ALL).conditions) == len(ALL)


def test_values_of_one_parameter_are_alternatives_however_they_are_written() -> None:
    one = asked([("EQ_bizStep", "shipping,https://ref.gs1.org/cbv/BizStep-receiving")])
    other = asked([("EQ_bizStep", "urn:epcglobal:cbv:bizstep:shipping"), ("EQ_bizStep", "receiving")])
    assert one == other
    assert one.parameters == {"p0": ["shipping", "receiving"]}


def test_identifiers_are_asked_for_in_any_of_their_forms_and_by_pattern() -> None:
    question = asked([("MATCH_anyEPC", f"{FIRST},urn:epc:idpat:sgtin:0614141.107346.*")])
    assert question.parameters == {
        "p0": ["https://id.gs1.org/01/10614141073464/21/2018"],
        "p1": ["https://id.gs1.org/01/10614141073464/"],
    }


def test_a_comma_that_is_encoded_is_part_of_a_serial_and_one_that_is_not_parts_alternatives() -> None:
    whole = "urn:epc:id:sgtin:0614141.812345.a%2Cb"
    link = "https://id.gs1.org/01/80614141123458/21/"
    assert read_question(f"MATCH_epc={whole}").parameters == {"p0": [f"{link}a%2Cb"]}
    assert read_question(f"MATCH_epc={whole},{FIRST}&MATCH_epc={quote(whole)}").parameters["p0"][0] == f"{link}a%2Cb"
    assert read_question("EQ_eventID=urn:x:a%2Cb,urn:x:c").parameters == {"p0": ["urn:x:a,b", "urn:x:c"]}


def test_clients_that_encode_every_comma_are_understood() -> None:
    for parameters in ([("EQ_bizStep", "shipping,receiving")], [("MATCH_epc", f"{FIRST},https://example.com/7")]):
        assert read_question(urlencode(parameters)) == asked(parameters)
    assert len(read_question(urlencode({"MATCH_epc": f"{FIRST},https://example.com/7"})).parameters["p0"]) == 2


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: f"urn:x:{text}"), min_size=1))
def test_values_that_are_written_are_read_back(values: list[str]) -> None:
    written = ",".join(quote(value, safe="") for value in values)
    assert [*read_question(f"EQ_eventID={written}").parameters["p0"]] == values


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("EQ_colour", "red", "no such parameter; there are eventType"),
        ("EQ_bizTransaction_", "x", "no such parameter"),
        ("eq_action", "ADD", "no such parameter"), ("GE_eventTime", "2026-01-01", "with a zone"),
        ("GE_eventTime", "2026-01-01T00:00:00Z,2027-01-01T00:00:00Z", "one time"), ("perPage", "0", "from 1 to"),
        ("perPage", str(MOST_PER_PAGE + 1), "from 1 to"), ("perPage", "many", "from 1 to"),
        ("nextPageToken", "nonsense", "first page"), ("nextPageToken", "e30", "first page"),
        ("EXISTS_errorDeclaration", "maybe", "true, or false"),
        ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.*.*", "one class"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_named(name: str, value: str, word: str) -> None:
    with pytest.raises(BadQuestion, match=word) as refused:
        asked([(name, value)])
    assert name in str(refused.value) or name == "MATCH_epc"


def test_a_page_s_token_says_where_the_next_begins() -> None:
    token = Token(1_795_000_000_000, "urn:x:ä", "EVENT")
    question = asked([("nextPageToken", token.text()), ("perPage", "7")])
    assert (question.after, question.per_page, question.conditions) == (token, 7, ())
