"""The table of application identifiers against GS1's own syntax dictionary, entry by entry and by its examples."""

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.domain.identifiers import identify
from pipeline.domain.identifiers.ai_table import AIS, Ai
from pipeline.domain.identifiers.checks import CHECKS
from pipeline.domain.identifiers.element_string import write_bracketed, write_raw
from tests.unit.identifiers.dictionary import companions, entries, good_values, needs_dictionary

pytestmark = needs_dictionary
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
ALL_AIS = sorted(entries()) or ["00"]


def names_of(ai: Ai, part: int) -> tuple[str, ...]:
    return tuple(next(name for name, one in CHECKS.items() if one is check) for check in ai.components[part].checks)


def as_set(patterns: tuple[str, ...]) -> set[str]:
    return {ai for ai in entries() for pattern in patterns if re.fullmatch(pattern.replace("n", r"\d"), ai)}


def test_no_application_identifier_is_missing_and_none_made_up() -> None:
    assert set(AIS) == set(entries())


@pytest.mark.parametrize("ai", ALL_AIS)
def test_an_entry_says_what_the_dictionary_says(ai: str) -> None:
    ours, theirs = AIS[ai], entries()[ai]
    assert (ours.is_predefined, ours.is_attribute) == ("*" in theirs.flags, "?" in theirs.flags)
    form = [(part.kind, part.least, part.most, part.is_optional) for part in ours.components]
    assert form == [part[:4] for part in theirs.components]
    assert [names_of(ours, place) for place in range(len(form))] == [part[4] for part in theirs.components]
    assert set(map(frozenset, ours.needs)) == set(map(frozenset, theirs.needs))
    assert as_set(ours.never) - {ai} == as_set(theirs.never) - {ai}
    assert ours.qualifiers == theirs.key


def without_clashes(ais: tuple[str, ...]) -> bool:
    return not any(other != ai and other in as_set(entries()[ai].never) for ai in ais for other in ais)


@st.composite
def messages(draw: st.DrawFn, some: st.SearchStrategy[str]) -> list[tuple[str, str]]:
    """Draw an AI with its companions, each with a value that conforms."""
    ai = draw(some)
    ais = companions(ai, draw(st.integers(0, 20)))
    assume(without_clashes(ais))
    return [(one, draw(good_values(one))) for one in reversed(ais)]


@pytest.mark.parametrize("ai", ALL_AIS)
@settings(SLOW, max_examples=2)
@given(data=st.data())
def test_examples_of_every_ai_are_ok(ai: str, data: st.DataObject) -> None:
    found = identify(write_bracketed(data.draw(messages(st.just(ai)))))
    assert found.errors == ()


@SLOW
@given(messages(st.sampled_from(ALL_AIS)))
def test_whatever_conforms_to_the_dictionary_is_ok_in_both_notations(pairs: list[tuple[str, str]]) -> None:
    bracketed, raw = identify(write_bracketed(pairs)), identify(write_raw(pairs))
    assert (bracketed.errors, raw.errors) == ((), ())
    assert bracketed.source.pairs == raw.source.pairs == tuple(pairs)
    assert (bracketed.unit_key, bracketed.class_key) == (raw.unit_key, raw.class_key)
    assert (bracketed.element_string, raw.unbracketed) == (write_bracketed(pairs), write_raw(pairs))


@SLOW
@given(messages(st.sampled_from(ALL_AIS)))
def test_what_has_a_digital_link_is_read_back_from_it_as_the_same(pairs: list[tuple[str, str]]) -> None:
    found = identify(write_bracketed(pairs))
    assume(found.digital_link is not None)
    back = identify(found.digital_link or "")
    assert back.errors == ()
    assert sorted(back.source.pairs) == sorted(pairs)
    assert (back.unit_key, back.class_key, back.digital_link) == (found.unit_key, found.class_key, found.digital_link)


@SLOW
@given(st.sampled_from(ALL_AIS), st.integers(0, 20), st.data())
def test_an_ai_without_what_it_needs_is_told_so(ai: str, chosen: int, data: st.DataObject) -> None:
    assume(entries()[ai].needs)
    found = identify(write_bracketed([(ai, data.draw(good_values(ai)))]))
    assert "req" in {error.rule for error in found.errors}


@SLOW
@given(st.sampled_from(ALL_AIS), st.data())
def test_an_ai_beside_one_it_never_stands_with_is_told_so(ai: str, data: st.DataObject) -> None:
    clashing = sorted(as_set(entries()[ai].never) - {ai})
    assume(clashing)
    other = data.draw(st.sampled_from(clashing))
    found = identify(write_bracketed([(ai, data.draw(good_values(ai))), (other, data.draw(good_values(other)))]))
    assert "ex" in {error.rule for error in found.errors}


@SLOW
@given(st.sampled_from(ALL_AIS), st.data())
def test_a_value_of_wrong_length_or_characters_is_refused(ai: str, data: st.DataObject) -> None:
    good = data.draw(good_values(ai))
    most = sum(part[2] for part in entries()[ai].components)
    bad = data.draw(
        st.sampled_from(["", good + "0" * (most - len(good) + 1), good + " ", "\\" + good[1:], "é" + good[1:]])
    )
    found = identify(write_bracketed([(ai, bad)]))
    assert found.errors
    assert found.errors[0].where.startswith(f"({ai}) character")
    assert (found.unit_key, found.class_key, found.element_string) == (None, None, None)
