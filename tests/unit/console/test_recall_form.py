"""What a recall asks for, as a form."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analytics.console.recall_form import FIELDS, asked_of, form_of
from analytics.console.value_lists import values_in, values_text
from analytics.recall.asked import Asked, Predicate, milliseconds

WORDS = st.lists(st.from_regex(r"[A-Z][A-Z0-9:/-]{0,8}", fullmatch=True), min_size=1, max_size=3, unique=True)
ANY = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), min_size=1, max_size=4, unique=True)


@given(WORDS, WORDS, st.booleans(), st.sampled_from(["", "2026-03-01T00:00:00Z"]))
def test_a_form_and_what_it_asks_for_are_the_same(lots: list[str], items: list[str], down: bool, since: str) -> None:
    form = {"lots": ", ".join(lots), "items": "\n".join(items), "with_down": "yes" if down else "", "bad_from": since}
    asked = asked_of(form)
    assert asked is not None
    assert (asked.predicate.lots, asked.predicate.items, asked.with_down) == (tuple(lots), tuple(items), down)
    assert asked_of(form_of(asked)) == asked
    assert set(form_of(asked)) == set(FIELDS)


@given(ANY)
def test_whatever_signs_a_value_has_it_is_written_and_read_back(values: list[str]) -> None:
    assert values_in(values_text(values)) == values


def test_a_lot_with_a_comma_in_it_can_be_named_in_quotes() -> None:
    asked = asked_of({"lots": 'L7; "L8, left" ,L"9\n"say ""a"""'})
    assert asked is not None
    assert asked.predicate.lots == ("L7", "L8, left", 'L"9', 'say "a"')
    assert asked_of(form_of(asked)) == asked


@pytest.mark.parametrize("form", [{}, {"lots": " "}, {"with_down": "yes"}, {"other": "x"}])
def test_a_form_that_says_nothing_asks_for_nothing(form: dict[str, str]) -> None:
    assert asked_of(form) is None


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"bad_from": "2026-01-01"}, "A recall needs a condition"),
        ({"lots": "L7", "made_from": "spring"}, "made from: 'spring' is no time"),
        ({"lots": "L7", "made_from": "2026-02-01", "made_to": "2026-01-01"}, "the end is not after the beginning"),
        ({"lots": "L7", "bad_from": "2026-02-01", "bad_to": "2026-01-01"}, "the end is not after the beginning"),
        ({"lots": "x" * 2000}, "lots: "),
        ({"made_from": "2026"}, "made from: '2026' is no time; the form is 2026-11-02"),
        ({"made_from": "1793611800"}, "made from: '1793611800' is no time"),
        ({"lots": "L7", "bad_to": "1e9"}, "bad to: '1e9' is no time"),
        ({"made_to": "0026-03-01"}, "Made before: 0026-03-01T00:00:00.00:00 is not between 1970 and 2299"),
        ({"made_from": "2300-01-01"}, "is not between 1970 and 2299; a time that fits is 2026-11-02"),
        ({"lots": "L7", "bad_from": "1969-12-31T23:59:59Z"}, "Bad from: .* is not between 1970 and 2299"),
        ({"lots": "L7", "bad_from": "0001-01-01T00:00+02:00"}, "bad from: .* is no time"),
    ],
)
def test_a_senseless_form_is_told_in_words(form: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        asked_of(form)


def test_digits_alone_are_a_date_and_never_seconds_since_1970() -> None:
    asked = asked_of({"made_from": "20261102"})
    assert asked is not None
    assert asked.predicate.made_from == datetime(2026, 11, 2, tzinfo=UTC)
    with pytest.raises(ValidationError, match="a time is a text"):
        Asked.model_validate({"predicate": {}, "bad_from": 20261102})


def test_a_time_before_1970_is_not_taken_for_no_condition() -> None:
    early = datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    told = Predicate(made_from=early).parameters()
    assert told["made_from"] == -1
    assert told["made_to"] == Predicate().parameters()["made_from"] < milliseconds(datetime.min.replace(tzinfo=UTC))
