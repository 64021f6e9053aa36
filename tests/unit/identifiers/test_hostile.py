"""Any text at all: nothing raises, and what is given back can be trusted."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from jobs.identify import as_object
from pipeline.domain.identifiers import identify, near, read_conventions
from pipeline.domain.identifiers.identify import MAX_CHARACTERS
from pipeline.domain.unit_key import parse

BEGINNINGS = """
( (01) ^ ^01 ]C1 ]Q1 https://a/ https://a/01/ urn:epc:id:sgtin: urn:epc:tag:sgtin-96: urn:epc:tag:[att=x01]: gtin: gid:
sku: imei: vin: 30 3674 F7 + [)> uri: sgln:
"""
beginnings = st.sampled_from(BEGINNINGS.split())
anything = st.text(max_size=60) | st.text("0123456789ABCDEFabcdef()^/.:%?&=*\\\x1d-", max_size=80)
surrogates = st.text(st.characters(), max_size=10)  # lone surrogates too
CONVENTIONS = read_conventions(
    '[[convention]]\nname = "tag"\npattern = "{year:YY}{n:X1..99}"\nkey = "asset:{code}{code}"'
)


@given(st.builds(str.__add__, beginnings | st.just(""), anything | surrogates), st.sampled_from([None, 4, 7, 12]))
@example("urn:epc:id:gid:" + "9" * 5000 + ".1.1", None)
@example("urn:epc:tag:gid-96:1.1." + "9" * 5000, None)
@example("urn:epc:tag:grai-96:0.0614141.12345." + "9" * 5000, None)
@example("sku:A/\ud800/1", None)
@example("gid:a/b/c", 7)
@example("imei:４９０154203237518", None)
@example("(01)０9506000134352", 7)
@example("25" + "X" * 99, None)
def test_any_text_is_answered_and_every_key_is_a_unit_key(code: str, company_prefix: int | None) -> None:
    for lenient in (False, True):
        found = identify(code, company_prefix=company_prefix, lenient=lenient, conventions=CONVENTIONS, this_year=2026)
        answer = as_object(found)
        assert json.loads(json.dumps(answer)) == answer
        assert (found.unit_key is None and found.class_key is None) or found.ok
        if found.unit_key is not None:
            assert parse(found.unit_key).text == found.unit_key
    near(code, {"gtin:09506000134352/A"})


@given(st.builds(str.__add__, beginnings, anything))
def test_what_a_code_is_turned_into_is_right_itself_and_means_the_same(code: str) -> None:
    found = identify(code, company_prefix=7)
    for form in ("element_string", "unbracketed", "digital_link", "epc_uri", "epc_tag_uri", "epc_hex"):
        text = getattr(found, form)
        if text is not None:
            again = identify(text)
            assert (again.errors, again.unit_key) == ((), found.unit_key)
    for error in found.errors:
        assert error.nearest is None or error.nearest != code


def test_megabytes_are_refused_without_being_read() -> None:
    for code in ("(01)" * 1_000_000, "^01" * 1_000_000, "https://a/" + "x/" * 1_000_000, "3" * 1_000_000):
        assert [error.rule for error in identify(code).errors] == ["length"]
    assert identify("(21)" + "A" * (MAX_CHARACTERS - 4)).errors[0].rule == "length"
