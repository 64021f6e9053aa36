"""The checks of single values, each with what it takes and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.identifiers.check_digits import CSET82, check_pair, has_check_digit
from pipeline.domain.identifiers.checks import CHECKS
from pipeline.domain.unit_key import check_digit

GOOD = {
    "csum": ["0", "00", "12312312312333", "106141412345678908", "0000000000000"],
    "csumalpha": [
        "1987654Ad4X4bL5ttr2310c2K", "12345678901234567890123NT", "12345_ABCDEFGHIJKLMCP", "99999zzzzzzzzzzzzzzzzzzT2",
        "12345_!\"%&'()*+,-./LC", "12345_0123456789:;<=>?62",
    ],
    "gcppos1": ["1234", "1234A"],
    "gcppos2": ["01234", "X1234A"],
    "yymmd0": ["000229", "240229", "250600", "250430", "251231"],
    "yymmdd": ["240229", "250131"],
    "yyyymmdd": ["20240229", "20000229", "19991231"],
    "hhmi": ["0000", "2359"],
    "iso3166": ["004", "276", "894"],
    "iso3166999": ["276", "999"],
    "iso3166alpha2": ["AD", "ZW"],
    "iso4217": ["008", "978", "999"],
    "iso5218": list("0129"),
    "mediatype": ["01", "10", "80", "99"],
    "packagetype": ["1A", "8", "APE", "ZZ"],
    "latitude": ["0000000000", "1800000000"],
    "longitude": ["0000000000", "3600000000"],
    "pieceoftotal": ["0101", "0102", "9999"],
    "posinseqslash": ["1/1", "1/9", "9/9"],
    "iban": ["FR7630006000011234567890189", "MT90MALT011000012345MTLCAST001SABC", "GB98MIDL07009312345678"],
    "pcenc": ["A", "%00", "%fF", "ABC%20XYZ", ""],
    "couponcode": [
        "012345612345611110123", "012345612345611110123101101230123456", "012345612345611110123101101239",
        "0123456123456111101233251231", "01234561234561111012332512314250101", "0123456123456111101235" "0123456",
        "01234561234561111012361" "1234567", "01234561234561111012390000",
    ],
    "couponposoffer": ["001234561234560123456", "101234561234560123456", "061234567890121234569123456789012345"],
    "zero": ["0"],
    "nonzero": ["1", "0001"],
    "nozeroprefix": ["0", "1", "10"],
    "winding": list("019"),
    "hyphen": ["-"],
    "importeridx": list("-_09AZaz"),
    "hasnondigit": ["A1", "1987654Ad4X4bL5ttr2310c2K"],
    "yesno": list("01"),
}  # fmt: skip
BAD = {
    "csum": ["1", "12312312312334", "106141412345678909"],
    "csumalpha": ["1", "22", "1987654Ad4X4bL5ttr2310cXK", "1987654Ad4X4bL5ttr2310c2X", "12345678901234567890123N "],
    "gcppos1": ["123", "123A5", "A1234"],
    "gcppos2": ["0123", "0123A"],
    "yymmd0": ["250010", "251310", "250132", "250230", "250229", "250431"],
    "yymmdd": ["250600", "250229"],
    "yyyymmdd": ["20250229", "19000229", "20250600"],
    "hhmi": ["2400", "0060"],
    "hh": ["24"],
    "mi": ["60"],
    "ss": ["60"],
    "iso3166": ["000", "999", "001"],
    "iso3166999": ["000"],
    "iso3166alpha2": ["XX", "de"],
    "iso4217": ["000", "001"],
    "iso5218": list("345678"),
    "mediatype": ["00", "11", "79"],
    "packagetype": ["", "0", "ZZZ"],
    "latitude": ["1800000001"],
    "longitude": ["3600000001"],
    "pieceoftotal": ["0001", "0100", "0201"],
    "posinseqslash": ["0/1", "2/1", "1/0", "1-2", "A/B"],
    "iban": ["XX361234567890", "BE71096123456760", "DE1", "LC14BOSLxx3456789012345678901230"],
    "pcenc": ["%", "%g", "%fg", "%gf", "ABC%2"],
    "couponcode": [
        "", "a12345612345611110123", "01", "7123456789012345", "0123456123456", "01234561234560", "01234561234561111",
        "012345612345611115123", "0123456123456111101230", "01234561234561111012314", "0123456123456111101233251332",
        "01234561234561111012332501014251231", "0123456123456111101235012345", "01234561234561111012393000",
    ],
    "couponposoffer": ["", "201234561234560123456", "07", "00123456123456012345", "0012345612345601234567", "A"],
    "zero": ["1"],
    "nonzero": ["0", "000"],
    "nozeroprefix": ["01", "00"],
    "winding": ["2"],
    "hyphen": ["+", "1"],
    "importeridx": ["#"],
    "hasnondigit": ["1234"],
    "yesno": ["2"],
}  # fmt: skip


def test_every_check_has_what_it_refuses() -> None:
    assert set(BAD) == set(CHECKS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_what_is_right_is_taken(name: str, value: str) -> None:
    assert CHECKS[name](value) is None


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_what_is_wrong_is_refused_by_the_name_of_the_rule(name: str, value: str) -> None:
    fault = CHECKS[name](value)
    assert fault is not None
    assert fault.rule == name
    assert fault.right is None or CHECKS[name](fault.right) is None


@given(st.text("0123456789", min_size=1, max_size=18))
def test_the_quick_check_digit_is_the_plain_one(digits: str) -> None:
    assert has_check_digit(digits) == (check_digit(digits[:-1]) == int(digits[-1]))


@given(st.text(CSET82, min_size=1, max_size=23), st.integers(0, 22), st.sampled_from(CSET82))
def test_a_pair_of_check_characters_finds_every_single_wrong_character(text: str, place: int, letter: str) -> None:
    place %= len(text)
    wrong = text[:place] + letter + text[place + 1 :]
    assert (check_pair(wrong) == check_pair(text)) == (wrong == text)
