"""Codes of an organisation's own: declared, read, linted."""

import pytest

from pipeline.domain.identifiers import BadConvention, gaps, identify, read_conventions

DECLARED = read_conventions(
    """
    [[convention]]
    name = "asset tag"
    pattern = "{year:YYYY}-{category:PUMP|VALVE}-{sequence:N6}"
    key = "asset:{category}/{code}"
    first_year = 2019

    [[convention]]
    name = "box"
    pattern = "B{year:YY}{line:A2}{sequence:N3..5}"
    key = "box:{code}"
    """
)


def read(code: str) -> tuple[str | None, list[str]]:
    found = identify(code, conventions=DECLARED, this_year=2026)
    return found.unit_key, [error.rule for error in found.errors]


def test_a_code_of_a_declared_pattern_is_a_unit_with_its_parts() -> None:
    found = identify("2024-PUMP-000123", conventions=DECLARED, this_year=2026)
    assert (found.ok, found.syntax) == (True, "convention")
    assert (found.unit_key, found.class_key) == ("asset:PUMP/2024-PUMP-000123", "asset:PUMP")
    assert found.attributes == {"year": "2024", "category": "PUMP", "sequence": "000123"}
    assert read("B26AB123") == ("box:B26AB123", [])


@pytest.mark.parametrize("code", ["2018-PUMP-000123", "2027-PUMP-000123", "B27AB123"])
def test_a_year_that_cannot_be_is_an_error(code: str) -> None:
    assert read(code) == (None, ["year"])


def test_without_a_year_to_go_by_only_the_first_one_counts() -> None:
    assert identify("2099-PUMP-000123", conventions=DECLARED).ok
    assert not identify("2018-PUMP-000123", conventions=DECLARED).ok


@pytest.mark.parametrize(
    ("code", "where", "nearest"),
    [
        ("2024-PUMP-00123", "character 11", None),
        ("2024-MOTOR-000123", "character 6", None),
        ("2024-pump-000123", "character 6", "2024-PUMP-000123"),
        ("2024-PUMP-0001234", "character 17", None),
    ],
)
def test_a_code_that_leaves_the_pattern_is_told_where(code: str, where: str, nearest: str | None) -> None:
    found = identify(code, conventions=DECLARED, this_year=2026)
    hint = found.errors[-1]
    assert (hint.rule, hint.where, hint.nearest) == ("convention", where, nearest)


def test_what_says_its_own_syntax_is_no_matter_of_conventions() -> None:
    assert read("(01)09506000134352(21)A") == ("gtin:09506000134352/A", [])
    assert read("106141412345678908") == ("sscc:106141412345678908", [])


def test_gaps_are_found_among_codes_alike_in_all_else() -> None:
    codes = [f"2024-PUMP-{number:06d}" for number in (1, 2, 4, 8)] + [
        "2024-VALVE-000009",
        "nothing",
        "2025-PUMP-000001",
    ]
    assert [(gap.where, gap.message) for gap in gaps(DECLARED, codes)] == [
        ("asset tag 2024 PUMP", "3 is missing"),
        ("asset tag 2024 PUMP", "5 to 7 are missing"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[[convention]]\nname = 'a'",
        "[[convention]]\nname = 'a'\npattern = 'plain'\nkey = 'x:{code}'",
        "[[convention]]\nname = 'a'\npattern = '{n:N3}'\nkey = 'no scheme'",
        "[[convention]]\nname = 'a'\npattern = '{n:N3}'\nkey = 'x:{other}'",
        "[[convention]]\nname = 'a'\npattern = '{n:N3}{'\nkey = 'x:{code}'",
        "[[convention]]\nname = 'a'\npattern = '{n:N9..2}'\nkey = 'x:{code}'",
        "[[convention]]\nname = 'a'\npattern = '{n:N3}{n:N3}'\nkey = 'x:{code}'",
        "[[convention]]\nname = 'a'\npattern = '{n:N3}'\nkey = 'x:{code}'\nfirst_year = 'old'",
        "[[convention]]\nname = 'a'\npattern = '{n:N3}'\nkey = 'x:{code}'\nfirst_year = []",
        "convention = 1",
        "not toml [",
    ],
)
def test_a_declaration_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadConvention):
        read_conventions(text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{n:N9..2}", "'N9..2' is 9 characters at least and 2 at most"),
        ("{n:N3}-{m:A2}-{n:N3}", "a: the pattern has the part n twice"),
    ],
)
def test_a_pattern_that_cannot_be_is_told_why(pattern: str, why: str) -> None:
    with pytest.raises(BadConvention, match=why):
        read_conventions(f'[[convention]]\nname = "a"\npattern = "{pattern}"\nkey = "x:{{code}}"')


@pytest.mark.parametrize(("scheme", "why"), [("tel", "a telephone number, not a unit"), ("sgtin", "a scheme of EPCs")])
def test_a_key_under_a_scheme_that_names_no_unit_is_refused(scheme: str, why: str) -> None:
    with pytest.raises(BadConvention, match=why):
        read_conventions(f'[[convention]]\nname = "a"\npattern = "{{sequence:N4}}"\nkey = "{scheme}:{{code}}"')


LAST_CENTURY = read_conventions(
    """
    [[convention]]
    name = "file"
    pattern = "{year:YY}-{sequence:N4}"
    key = "fileno:{code}"
    first_year = 1990
    """
)


@pytest.mark.parametrize(
    ("code", "this_year", "is_right"),
    [
        ("99-0001", 2026, True),  # 1999
        ("90-0001", 2026, True),
        ("89-0001", 2026, False),  # neither 1989 nor 2089
        ("26-0001", 2026, True),
        ("27-0001", 2026, False),
        ("99-0001", 1999, True),
        ("89-0001", 1999, False),
        ("99-0001", None, True),
    ],
)
def test_two_digits_of_a_year_reach_back_to_the_first_one(code: str, this_year: int | None, is_right: bool) -> None:
    found = identify(code, conventions=LAST_CENTURY, this_year=this_year)
    assert [error.rule for error in found.errors] == ([] if is_right else ["year"])


@pytest.mark.parametrize("symbology", ["]Q1", "]d1", "]J0", "]C0", "]A0", "]Q0"])
def test_a_code_of_a_convention_is_read_behind_what_introduces_no_gs1_data(symbology: str) -> None:
    found = identify(f"{symbology}2024-PUMP-000123", conventions=DECLARED, this_year=2026)
    assert (found.syntax, found.unit_key) == ("convention", "asset:PUMP/2024-PUMP-000123")
    wrong = identify(f"{symbology}2024-PUMP-00123", conventions=DECLARED, this_year=2026)
    assert [error.rule for error in wrong.errors] == ["symbology", "convention"]


def test_behind_what_introduces_gs1_data_there_is_no_convention() -> None:
    codes = ("]C12024-PUMP-000123", "]E02024-PUMP-000123")
    assert not any(identify(code, conventions=DECLARED, this_year=2026).ok for code in codes)


def test_gaps_are_found_in_codes_behind_symbology_identifiers() -> None:
    found = gaps(DECLARED, ["]Q12024-PUMP-000001", "2024-PUMP-000003"])
    assert [gap.message for gap in found] == ["2 is missing"]
