"""What a recall asks for, as a form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.console.recall_form import FIELDS, asked_of, form_of

WORDS = st.lists(st.from_regex(r"[A-Z][A-Z0-9:/-]{0,8}", fullmatch=True), min_size=1, max_size=3, unique=True)


@given(WORDS, WORDS, st.booleans(), st.sampled_from(["", "2026-03-01T00:00:00Z"]))
def test_a_form_and_what_it_asks_for_are_the_same(lots: list[str], items: list[str], down: bool, since: str) -> None:
    form = {"lots": ", ".join(lots), "items": "\n".join(items), "with_down": "yes" if down else "", "bad_from": since}
    asked = asked_of(form)
    assert asked is not None
    assert (asked.predicate.lots, asked.predicate.items, asked.with_down) == (tuple(lots), tuple(items), down)
    assert asked_of(form_of(asked)) == asked
    assert set(form_of(asked)) == set(FIELDS)


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
    ],
)
def test_a_senseless_form_is_told_in_words(form: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        asked_of(form)
