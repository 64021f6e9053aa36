"""Moments as they are sent, compared with exact arithmetic."""

import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.codes import expiry_days
from pipeline.capture.http.moments import days_of, moment_of

DIGITS = st.text("0123456789", min_size=1, max_size=12)


def exactly(text: str) -> int:
    """Returns milliseconds by fractions, rounded half up; reads the parts by hand."""
    year, month, day, hour, minute, second, fraction, zone = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text
    ).groups()  # type: ignore[union-attr]
    offset = 0 if zone == "Z" else (-1 if zone[0] == "-" else 1) * (int(zone[1:3]) * 60 + int(zone[4:]))
    days = (
        datetime(int(year), int(month), int(day), tzinfo=UTC).toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    )
    seconds = ((days * 24 + int(hour)) * 60 + int(minute) - offset) * 60 + int(second)
    milliseconds = 1000 * (seconds + Fraction(int(fraction or 0), 10 ** len(fraction or "")))
    return int((milliseconds + Fraction(1, 2)) // 1)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001  the zone is drawn beside
    st.none() | DIGITS,
    st.none() | st.integers(-23 * 60, 23 * 60),
)
def test_a_moment_is_rounded_half_up_with_carry_whatever_its_zone_and_its_digits(
    when: datetime, fraction: str | None, offset: int | None
) -> None:
    sign, minutes = ("-" if (offset or 0) < 0 else "+"), abs(offset or 0)
    zone = "Z" if offset is None else f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    text = f"{when.isoformat(timespec='seconds')}{'' if fraction is None else '.' + fraction}{zone}"
    assert moment_of(text) == exactly(text)


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_the_same_moment_in_another_zone_is_the_same(when: datetime, offset: int) -> None:
    moved = when.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=offset)))
    assert moment_of(moved.isoformat()) == moment_of(f"{when.isoformat()}Z")


@given(st.integers(100_000_000_000, 2**63 - 1))
def test_milliseconds_are_themselves(milliseconds: int) -> None:
    assert moment_of(milliseconds) == milliseconds


@given(st.none() | st.booleans() | st.floats() | st.integers(max_value=99_999_999_999) | st.lists(st.integers()))
def test_other_values_are_no_moments(value: object) -> None:
    assert moment_of(value) is None


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    assert moment_of(text) is None or "T" in text.upper()


@pytest.mark.parametrize(
    "text",
    ["2026-11-02 09:20:00Z", "2026-11-02T09:20Z", "2026-W45-1T09:20:00Z", "20261102T092000Z",
     "2026-11-02T09:20:00+0100", "2026-11-02T09:20:60Z", "0000-01-01T00:00:00Z", "2026-11-02T09:20:00+24:00",
     "٢٠٢٦-11-02T09:20:00Z"],
)  # fmt: skip
def test_forms_that_rfc_3339_does_not_have_are_none(text: str) -> None:
    assert moment_of(text) is None


def test_letters_may_be_small() -> None:
    assert moment_of("2026-11-02t09:20:00z") == moment_of("2026-11-02T09:20:00Z")


@given(st.dates())
def test_a_date_is_its_day(day: datetime) -> None:
    assert days_of(day.isoformat()) == day.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()


@pytest.mark.parametrize("text", ["2026-1-02", "20260102", "2026-13-01", "2027-02-29", "2026-W01-1", " 2026-01-01"])
def test_other_texts_are_no_dates(text: str) -> None:
    assert days_of(text) is None


@pytest.mark.parametrize(
    ("yymmdd", "this_year", "day"),
    [
        ("271231", 2026, "2027-12-31"), ("270200", 2026, "2027-02-28"), ("280200", 2026, "2028-02-29"),
        ("761231", 2026, "2076-12-31"), ("770101", 2026, "1977-01-01"), ("991231", 2026, "1999-12-31"),
        ("100101", 2060, "2110-01-01"), ("110101", 2060, "2011-01-01"), ("000229", 2099, "2100-02-28"),
    ],
)  # fmt: skip
def test_two_digits_of_a_year_are_near_this_one_and_day_00_is_the_last(yymmdd: str, this_year: int, day: str) -> None:
    assert expiry_days(yymmdd, this_year) == days_of(day)
