"""IMEIs and VINs, and the check digits of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.identifiers import identify
from pipeline.domain.identifiers.check_digits import luhn_digit, vin_check_character

VINS = ["1M8GDM9AXKP042788", "1HGCM82633A004352", "11111111111111111", "LSVAA49J132047371"]


@pytest.mark.parametrize("text", ["imei:490154203237518", "imei:49015420323751", "imei:4901542032375100"])
def test_an_imei_is_its_first_fourteen_digits(text: str) -> None:
    found = identify(text)
    assert (found.errors, found.unit_key, found.class_key) == ((), "imei:49015420323751", None)
    assert (found.element_string, found.digital_link, found.epc_uri) == (None, None, None)


def test_a_wrong_imei_is_told_the_right_digit() -> None:
    error = identify("imei:490154203237519").errors[0]
    assert (error.where, error.nearest) == ("digit 15", "imei:490154203237518")
    assert identify("imei:49-015420-323751-8").errors[0].nearest == "imei:490154203237518"
    assert not identify("imei:4901542032375").ok


def test_digits_alone_that_may_be_an_imei_are_told_their_scheme() -> None:
    found = identify("490154203237518")
    assert (found.ok, found.errors[0].nearest) == (False, "imei:490154203237518")


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(0, 14), st.integers(1, 9))
def test_luhn_finds_every_single_wrong_digit(digits: str, place: int, change: int) -> None:
    right = digits + luhn_digit(digits)
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    assert luhn_digit(wrong[:-1]) != wrong[-1]


@pytest.mark.parametrize("vin", VINS)
def test_a_vin_is_read_bare_and_behind_its_scheme(vin: str) -> None:
    assert identify(vin).unit_key == identify(f"vin:{vin}").unit_key == f"vin:{vin}"
    assert identify(vin).warnings == ()


@pytest.mark.parametrize(
    ("vin", "is_law"), [("1M8GDM9A1KP042788", True), ("LSVAA49J032047371", True), ("WVWZZZ1JZ3W386752", False)]
)
def test_a_wrong_check_digit_is_an_error_only_where_it_is_law(vin: str, is_law: bool) -> None:
    found = identify(vin)
    assert (found.ok, bool(found.warnings)) == (not is_law, not is_law)
    if is_law:
        assert identify(found.errors[0].nearest or "").ok


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("vin:1m8gdm9axkp042788", "vin:1M8GDM9AXKP042788"),
        ("vin:1M8GDM9AXKPO42788", "vin:1M8GDM9AXKP042788"),
        ("vin:1M8G", None),
    ],
)
def test_what_is_in_no_vin_is_told_what_it_may_be(text: str, nearest: str | None) -> None:
    assert [error.nearest for error in identify(text).errors] == [nearest]


@given(st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=17, max_size=17), st.sampled_from("12345LWVSJK"))
def test_every_vin_with_its_check_character_is_read_anywhere(letters: str, region: str) -> None:
    text = region + letters[1:]
    vin = text[:8] + vin_check_character(text) + text[9:]
    found = identify(vin)
    assert (found.errors, found.warnings, found.unit_key) == ((), (), f"vin:{vin}")
