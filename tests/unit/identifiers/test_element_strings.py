"""Element strings: separators, brackets, what introduces them, and what is said of a wrong one."""

import pytest

from pipeline.domain.identifiers import identify

GTIN = "0109506000134352"
KEY = "gtin:09506000134352/A"


@pytest.mark.parametrize("introduced", ["^", "\x1d", "]C1", "]e0", "]d2", "]Q3", "]J1"])
def test_a_raw_string_is_introduced_by_fnc1_or_a_symbology_identifier(introduced: str) -> None:
    assert identify(f"{introduced}{GTIN}10L1^21A").unit_key == KEY
    assert identify(f"{introduced}{GTIN}10L1\x1d21A").attributes == {"10": "L1"}


def test_without_its_introduction_it_is_taken_only_if_asked() -> None:
    strict, lenient = identify(f"{GTIN}21A"), identify(f"{GTIN}21A", lenient=True)
    assert (strict.ok, strict.unit_key, strict.errors[0].nearest) == (False, None, f"^{GTIN}21A")
    assert (lenient.ok, lenient.unit_key, lenient.warnings[0].rule) == (True, KEY, "fnc1")
    assert lenient.unbracketed == f"^{GTIN}21A"


def test_a_string_that_has_lost_its_introduction_is_told_what_else_is_wrong() -> None:
    code = "010950600013435121A"
    assert [error.rule for error in identify(code).errors] == ["fnc1", "csum"]
    lenient = identify(code, lenient=True)
    assert ([error.rule for error in lenient.errors], lenient.unit_key) == (["csum"], None)
    assert lenient.errors[0].nearest == "^010950600013435221A"


@pytest.mark.parametrize(("code", "gtin"), [("]E09506000134352", 13), ("]E496385074", 8), ("]I119506000134359", 14)])
def test_some_symbologies_carry_a_gtin(code: str, gtin: int) -> None:
    found = identify(code)
    assert (found.errors, found.class_key) == ((), f"gtin:{code[3:].zfill(14)}")
    assert not identify(code[:-1]).ok, f"a GTIN of {gtin} digits"


def test_some_symbologies_carry_a_digital_link_or_nothing_of_gs1() -> None:
    for introduced in ("]d1", "]Q1", "]J0"):
        assert identify(f"{introduced}https://a.example/01/09506000134352/21/A").unit_key == KEY
        assert identify(f"{introduced}hello").errors[0].rule == "symbology"
    assert identify("]X9hello").errors[0].rule == "symbology"


def test_a_separator_after_a_predefined_length_or_at_the_end_does_no_harm() -> None:
    assert identify(f"^{GTIN}^21A").unit_key == KEY
    assert identify(f"^{GTIN}21A^").unit_key == KEY


@pytest.mark.parametrize(
    ("code", "where", "rule"),
    [
        ("^", "character 1", "fnc1"),
        (f"^^{GTIN}", "character 1", "fnc1"),
        (f"^{GTIN}^^21A", "character 18", "fnc1"),
        (f"^{GTIN}21A17250101", "(21) character 1", ""),
        (f"^{GTIN}29X", "character 17", "ai"),
        ("^019506000134352", "(01) character 14", "length"),
        (f"^{GTIN}21", "(21) character 1", "length"),
        (f"^{GTIN}21A B", "(21) character 2", "cset"),
        (f"^{GTIN}21ABCDEFGHIJKLMNOPQRSTU", "(21) character 21", "length"),
        ("^0109506000134351", "(01) character 14", "csum"),
        ("^010950600013435X", "(01) character 14", "cset"),
        ("(01)09506000134352(17)250230", "(17) character 5", "yymmd0"),
        ("(01)09506000134352(17)251301", "(17) character 3", "yymmd0"),
        ("(01)09506000134352(3932)000100", "(3932) character 1", "iso4217"),
        ("(01)09506000134352(29)A", "character 19", "ai"),
        ("(01)09506000134352(21)A(B", "character 24", "ai"),
        ("(01)09506000134352(21)A^(10)B", "character 24", "fnc1"),
        ("(01)09506000134352(21)A(21)B", "(21)", "repeat"),
    ],
)
def test_a_wrong_string_says_what_and_where(code: str, where: str, rule: str) -> None:
    found = identify(code)
    if not rule:  # what looks like another AI is part of a serial that has no end
        assert found.unit_key == "gtin:09506000134352/A17250101"
        return
    assert (where, rule) in {(error.where, error.rule) for error in found.errors}
    assert (found.ok, found.unit_key, found.class_key, found.digital_link) == (False, None, None, None)


def test_every_wrong_value_is_named_at_once() -> None:
    found = identify("(01)09506000134351(17)250230(21)A B")
    assert [error.rule for error in found.errors] == ["csum", "yymmd0", "cset"]


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("(01)09506000134351(21)A", "(01)09506000134352(21)A"),
        ("^010950600013435121A", "^010950600013435221A"),
        ("]d2010950600013435121A", "]d2010950600013435221A"),
        ("https://id.gs1.org/01/09506000134351/21/A", "https://id.gs1.org/01/09506000134352/21/A"),
        ("9506000134351", "9506000134352"),
        ("(01)9506000134352(21)A", "(01)09506000134352(21)A"),
        ("(01)09506000134352(21)A B", "(01)09506000134352(21)AB"),
        ("(8010)06141415pq7", "(8010)06141415PQ7"),
        (" (01)09506000134352", "(01)09506000134352"),
        ("(8013)1987654Ad4X4bL5ttr2310c2X", "(8013)1987654Ad4X4bL5ttr2310c2K"),
        (
            "(415)9506000134352(8020)A(8007)BE71096123456760",
            "(415)9506000134352(8020)A(8007)BE23096123456760",
        ),
    ],
)
def test_what_is_easily_wrong_names_the_nearest_right_code(code: str, nearest: str) -> None:
    found = identify(code)
    assert [error.nearest for error in found.errors] == [nearest]
    assert identify(nearest).ok


def test_a_bracket_within_a_value_is_escaped_both_ways() -> None:
    found = identify(r"(01)09506000134352(21)A\(10)B")
    assert found.unit_key == "gtin:09506000134352/A(10)B"
    assert found.element_string == r"(01)09506000134352(21)A\(10)B"
    assert found.unbracketed == f"^{GTIN}21A(10)B"


def test_a_repeated_ai_that_agrees_is_one() -> None:
    assert identify("(01)09506000134352(21)A(01)09506000134352").unit_key == KEY


def test_the_first_primary_key_names_the_unit() -> None:
    pallet = identify("(00)106141412345678908(02)09506000134352(37)12")
    assert (pallet.unit_key, pallet.class_key) == ("sscc:106141412345678908", None)
    assert pallet.attributes == {"02": "09506000134352", "37": "12"}
    assert pallet.digital_link == "https://id.gs1.org/00/106141412345678908?02=09506000134352&37=12"


def test_a_number_of_restricted_circulation_is_remarked_on() -> None:
    assert [warning.rule for warning in identify("(01)02012345678903(21)A").warnings] == ["restricted"]
    assert identify("(01)09506000134352(21)A").warnings == ()


def test_a_bare_number_is_told_the_place_in_itself() -> None:
    error = identify("9506000134351").errors[0]
    assert (error.where, error.message) == ("character 13", "check digit 1 should be 2")


def test_an_epc_is_of_the_key_that_names_the_unit() -> None:
    found = identify("(8010)06141415PQ7(414)0614141123452", company_prefix=7)
    assert (found.unit_key, found.class_key, found.epc_uri) == (None, "cpi:06141415PQ7", None)
