"""Times in an address: one that the warehouse cannot hold is refused, every other is padded as it reads them."""

from datetime import UTC, datetime

import pytest

from analytics.console.pages.unit import moment_of
from analytics.console.problems import Refused
from analytics.questions import as_parameter
from tests.unit.console.desks import Office


@pytest.mark.parametrize("known", ["0001-01-01", "1969-12-31T23:59:59Z", "2299-01-01", "9999-12-31T23:59Z"])
def test_a_time_that_no_ledger_holds_is_refused_with_one_that_fits(opened: Office, known: str) -> None:
    answer = opened.client("analyst").get("/unit", params={"code": "sku:ACME/W/1", "known": known})
    assert answer.status_code == 400
    assert "is not between 1970 and 2299; a time that fits is 2026-11-02" in answer.text


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00+02:00", "2026-13-01"])
def test_what_is_no_time_is_told_the_form(text: str) -> None:
    with pytest.raises(Refused, match="is no time; the form is"):
        moment_of(text)


def test_a_time_within_is_read_in_utc() -> None:
    assert moment_of(" 2026-11-02T10:30+01:00 ") == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert moment_of("1970-01-01") == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_of(" ") is None


def test_the_year_of_a_parameter_has_four_digits() -> None:
    assert as_parameter(datetime(1, 2, 3, 4, 5, 6, 7_999, UTC)) == "0001-02-03 04:05:06.007"
