"""Codes that are almost an expected unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.identifiers import near
from pipeline.domain.identifiers.expected import is_one_away

EXPECTED = {
    "gtin:09506000134352/ABC123",
    "gtin:09506000134352/32a%2Fb",
    "sscc:106141412345678908",
    "imei:49015420323751",
    "vin:1M8GDM9AXKP042788",
}


@pytest.mark.parametrize(
    ("code", "key", "rule"),
    [
        ("(01)09506000134352(21)ABC12B", "gtin:09506000134352/ABC123", "character"),
        ("(01)09506000134352(21)ABC12", "gtin:09506000134352/ABC123", "character"),
        ("(01)09506000134352(21)ABC1223", "gtin:09506000134352/ABC123", "character"),
        ("(01)09506000134352(21)ACB123", "gtin:09506000134352/ABC123", "character"),
        ("(01)09506000134352(21)32a-b", "gtin:09506000134352/32a%2Fb", "character"),
        ("(01)09506000134357(21)ABC123", "gtin:09506000134352/ABC123", "csum"),
        ("(01)09506000134852(21)ABC123", "gtin:09506000134352/ABC123", "character"),
        ("https://a/01/09506000134352/21/ABC12B", "gtin:09506000134352/ABC123", "character"),
        ("^010950600013435721ABC123", "gtin:09506000134352/ABC123", "csum"),
        ("gtin:09506000134352/ABD123", "gtin:09506000134352/ABC123", "character"),
        ("106141412345678909", "sscc:106141412345678908", "csum"),
        ("106141412345678098", "sscc:106141412345678908", "character"),
        ("(00)106141412345678909", "sscc:106141412345678908", "csum"),
        ("imei:490154203237519", "imei:49015420323751", "csum"),
        ("1M8GDM9A1KP042788", "vin:1M8GDM9AXKP042788", "csum"),
    ],
)
def test_a_typo_names_the_unit_it_is_almost(code: str, key: str, rule: str) -> None:
    assert [(one.unit_key, one.rule) for one in near(code, EXPECTED)] == [(key, rule)]


def test_the_message_names_the_character() -> None:
    assert near("(01)09506000134352(21)ABC12B", EXPECTED)[0].message == (
        "gtin:09506000134352/ABC123 is expected: character 26 of the key is 3 there and B here"
    )


@pytest.mark.parametrize(
    "code", ["(01)09506000134352(21)ABC123", "(01)09506000134352(21)XYZ", "hello", "", "(10)A", "sku:A/B/C"]
)
def test_an_expected_code_and_one_far_off_name_nothing(code: str) -> None:
    assert near(code, EXPECTED) == []


def test_among_many_expected_units_the_answer_is_the_same() -> None:
    many = EXPECTED | {f"gtin:09506000134352/S{number:06d}" for number in range(3_000)}
    assert [one.unit_key for one in near("(01)09506000134352(21)ABC12B", many)] == ["gtin:09506000134352/ABC123"]
    swapped = near("(01)09506000134352(21)S00021", many)
    assert {one.unit_key for one in swapped} >= {"gtin:09506000134352/S000021", "gtin:09506000134352/S000210"}


def changed(text: str, place: int, letter: str, how: int) -> str:
    head, tail = text[:place], text[place:]
    return [head + letter + tail, head + tail[1:], head + letter + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]][
        how
    ]


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_away_is_the_same_both_ways_and_means_one_change(one: str, other: str) -> None:
    reachable = {
        changed(one, place, letter, how) for place in range(len(one) + 1) for letter in "abc" for how in range(4)
    }
    assert is_one_away(one, other) == is_one_away(other, one) == (other in reachable and other != one)
