"""What people type is read strictly, and a mistake is told what would have been right."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.rates import Group
from jobs import arguments


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001  zones are drawn apart
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_written_with_its_zone_is_read_back(when: datetime, minutes: int) -> None:
    when = when.replace(microsecond=when.microsecond // 1000 * 1000, tzinfo=timezone(timedelta(minutes=minutes)))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert arguments.moment(when.isoformat()) == (when - epoch) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01 00:00:01.5", 1500),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T01:00+01:00", 0),
    ],
)
def test_a_time_without_a_zone_is_utc(text: str, milliseconds: int) -> None:
    assert arguments.moment(text) == milliseconds


@pytest.mark.parametrize("text", ["", "yesterday", "23.11.2026", "2026-13-01", "1732370000000", "25:00"])
def test_a_bad_time_is_told_the_form(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="the form is 2026-11-23T14:05:00Z"):
        arguments.moment(text)


@pytest.mark.parametrize("text", ["SELL", "sell", " Sell "])
def test_a_step_is_read_in_any_case(text: str) -> None:
    assert arguments.step(text) == "SELL"


def test_a_step_of_two_words_may_have_a_hyphen() -> None:
    assert arguments.step("cancel-shipment") == "CANCEL_SHIPMENT"


def test_an_unknown_step_is_told_the_nearest() -> None:
    with pytest.raises(typer.BadParameter, match="did you mean RECEIVE?"):
        arguments.step("RECIEVE")
    with pytest.raises(typer.BadParameter, match="there are COMMISSION, PACK"):
        arguments.step("xyzzy")


def test_a_list_of_groups_keeps_its_order_and_drops_doubles() -> None:
    assert arguments.words("site, item,site", Group) == [Group.SITE, Group.ITEM]
    assert arguments.words("", Group) == []
    with pytest.raises(typer.BadParameter, match="'sit' is none of item, site, .*; did you mean site?"):
        arguments.words("item,sit", Group)
    with pytest.raises(typer.BadParameter) as told:
        arguments.words("nosuch", Group)
    assert str(told.value).count("month-sold") == 1


def test_a_unit_key_is_taken_apart_or_told_the_form() -> None:
    key = arguments.unit_key(" sku:ACME/WIDGET-1/ABC123 ")
    assert (key.item, key.serial) == ("sku:ACME/WIDGET-1", "ABC123")
    with pytest.raises(typer.BadParameter, match="a unit key is scheme:part/serial"):
        arguments.unit_key("no key at all")


@pytest.mark.parametrize(
    "code",
    [
        "(01)09506000134352(21)ABC123",
        "010950600013435221ABC123",
        "https://id.gs1.org/01/09506000134352/21/ABC123",
        "urn:epc:id:sgtin:9506000.013435.ABC123",
        "urn:epc:tag:sgtin-198:3.9506000.013435.ABC123",
    ],
)
def test_a_code_in_any_syntax_names_its_unit(code: str) -> None:
    assert arguments.unit_key(code).text == "gtin:09506000134352/ABC123"


def test_a_code_of_a_class_names_no_unit() -> None:
    with pytest.raises(typer.BadParameter, match="names gtin:10614141073464, no single unit"):
        arguments.unit_key("(01)10614141073464")


def test_an_organisations_own_code_names_its_unit_where_the_environment_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tags.toml"
    file.write_text(
        '[[convention]]\nname = "tag"\npattern = "{category:PUMP}-{sequence:N6}"\nkey = "asset:{category}/{code}"\n'
    )
    monkeypatch.setenv("SCANLEDGER_CONVENTIONS", str(file))
    assert arguments.unit_key("PUMP-000001").text == "asset:PUMP/PUMP-000001"
