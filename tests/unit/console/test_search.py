"""What people type into the search of units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.console.units.search import sought
from pipeline.domain.identifiers import read_conventions

TAGS = """
[[convention]]
name = "asset tag"
pattern = "{year:YYYY}-{category:PUMP|VALVE}-{sequence:N6}"
key = "asset:{category}/{code}"
first_year = 2019
"""
KEY = "gtin:09506000134352/ABC123"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "(01)09506000134352(21)ABC123",
        "]d2010950600013435221ABC123",
        "]C1010950600013435221ABC123\r\n",
        "010950600013435221ABC123",
        "010950600013435221ABC123\x1d10LOT7",
        "010950600013435221ABC123<GS>10LOT7",
        "010950600013435221ABC123\\x1d10LOT7",
        "https://id.example.com/01/09506000134352/10/LOT7/21/ABC123?17=271231",
        "\t urn:epc:id:sgtin:9506000.013435.ABC123 \n",
    ],
)
def test_a_code_in_any_syntax_means_its_unit(text: str) -> None:
    found = sought(text)
    assert found.key is not None, found.wrong
    assert found.key.text == KEY


def test_what_else_the_code_says_is_kept() -> None:
    assert sought("010950600013435221ABC123{GS}10LOT7").said == {"10": "LOT7"}


def test_a_class_is_named_and_told_from_a_unit() -> None:
    found = sought("(01)09506000134352")
    assert (found.key, found.class_key) == (None, "gtin:09506000134352")
    assert "no serial" in found.wrong


def test_a_wrong_check_digit_is_told_with_the_nearest_right_code() -> None:
    found = sought("(01)09506000134353(21)ABC123")
    assert found.key is None
    assert "09506000134352" in found.wrong


def test_an_organisations_own_code_is_read_where_the_house_has_conventions() -> None:
    found = sought("2024-PUMP-000001", read_conventions(TAGS))
    assert found.key is not None
    assert found.key.text == "asset:PUMP/2024-PUMP-000001"
    assert sought("2024-PUMP-000001").key is None


@pytest.mark.parametrize(
    "text", ["urn:epc:id:sgtin:0614141.107346", "urn:epc:class:lgtin:0614141.107346.L7", "urn:foo:bar"]
)
def test_a_urn_that_names_no_single_epc_is_no_unit_key_of_a_scheme_urn(text: str) -> None:
    assert sought(text).key is None


def test_nothing_typed_is_asked_for() -> None:
    assert sought(" \r\n").wrong.startswith("Type, paste or scan")


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda code: code.decode("latin-1")))
def test_no_text_is_an_error_of_ours(text: str) -> None:
    found = sought(text)
    assert (found.key is None) == bool(found.wrong)
