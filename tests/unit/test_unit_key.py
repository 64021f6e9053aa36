"""The grammar of unit keys: golden vectors for each rule, and parse as the inverse of format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.unit_key import BadUnitKey, UnitKey, build, check_digit, encode_part, parse

GOLDEN = [
    # text, item, serial
    ("gtin:09506000134352/ABC123", "gtin:09506000134352", "ABC123"),
    ("gtin:09506000134352/abc123", "gtin:09506000134352", "abc123"),
    ("gtin:09506000134352/00123", "gtin:09506000134352", "00123"),
    ("sku:ACME/WIDGET-1/ABC123", "sku:ACME/WIDGET-1", "ABC123"),
    ("sku:ACME/a%2Fb/50%25", "sku:ACME/a%2Fb", "50%25"),
    ("sku:ACME/tab%09inside/1 2", "sku:ACME/tab%09inside", "1 2"),
    ("sku:Ärzte/Straße/日本-1", "sku:Ärzte/Straße", "日本-1"),
    ("sku:A/next%C2%85line/1", "sku:A/next%C2%85line", "1"),
    ("sku:A/B/a:b", "sku:A/B", "a:b"),
    ("sscc:106141412345678908", "", "sscc:106141412345678908"),
    ("gsrn:061414112345678902", "", "gsrn:061414112345678902"),
    ("gsrnp:061414112345678902", "", "gsrnp:061414112345678902"),
    ("sgln:0614141123452", "", "sgln:0614141123452"),
    ("sgln:0614141123452A%2F1", "", "sgln:0614141123452A%2F1"),
    ("upui:09506000134352/TPX1", "upui:09506000134352", "TPX1"),
    ("itip:095060001343520102/7", "itip:095060001343520102", "7"),
    ("grai:0614141123452/5678", "grai:0614141123452", "5678"),
    ("gdti:0614141123452/A%2Fb", "gdti:0614141123452", "A%2Fb"),
    ("sgcn:0614141123452/0047", "sgcn:0614141123452", "0047"),
    ("cpi:06141415PQ7%2FZ43/12345", "cpi:06141415PQ7%2FZ43", "12345"),
    ("gid:95100000/12345/400", "gid:95100000/12345", "400"),
    ("giai:0614141-X9", "", "giai:0614141-X9"),
    ("imei:49015420323751", "", "imei:49015420323751"),
    ("vin:1HGCM82633A004352", "", "vin:1HGCM82633A004352"),
    ("asset:BACKBLAZE/ST4000DM000/Z305B2QN", "asset:BACKBLAZE/ST4000DM000", "Z305B2QN"),
    ("asset:ST4000DM000/Z305B2QN", "asset:ST4000DM000", "Z305B2QN"),
    ("tag7:E2801160", "", "tag7:E2801160"),
]

BAD = {
    "nothing": "",
    "no scheme": "ABC123",
    "no scheme before the colon": ":a/b",
    "scheme in capitals": "SKU:A/B/1",
    "scheme with a sign": "s-k:A/B/1",
    "scheme that begins with a digit": "1sku:A/B/1",
    "only a scheme": "sku:",
    "nothing before the serial": "/1",
    "empty part": "sku:/B/1",
    "empty second part": "sku:A//1",
    "empty serial": "sku:A/B/",
    "a part too few": "sku:A/1",
    "a part too many": "sku:A/B/C/1",
    "three parts of another scheme": "other:A/B/C/1",
    "an item for a scheme without": "sscc:106141412345678908/1",
    "no serial for a scheme with items": "gtin:09506000134352",
    "13 digits": "gtin:9506000134352/1",
    "15 digits": "gtin:009506000134352/1",
    "GTIN check digit": "gtin:09506000134351/1",
    "letters in a GTIN": "gtin:0950600013435X/1",
    "digits of another script": "gtin:0950600013435２/1",
    "SSCC check digit": "sscc:106141412345678909",
    "GSRN check digit": "gsrn:061414112345678905",
    "GSRNP check digit": "gsrnp:061414112345678905",
    "GLN check digit": "sgln:0614141123453",
    "a short GLN": "sgln:061414112345",
    "an SGLN whose extension says that there is none": "sgln:06141411234520",
    "UPUI check digit": "upui:09506000134351/1",
    "ITIP check digit": "itip:095060001343510102/1",
    "an ITIP without its total": "itip:0950600013435201/1",
    "letters in an ITIP": "itip:09506000134352010X/1",
    "GRAI check digit": "grai:0614141123453/1",
    "a GRAI with its filler": "grai:00614141123452/1",
    "GDTI check digit": "gdti:0614141123453/1",
    "GCN check digit": "sgcn:0614141123453/1",
    "a GRAI without serial": "grai:0614141123452",
    "a GID without class": "gid:95100000/400",
    "an SGLN with a serial apart": "sgln:0614141123452/1",
    "IMEI with its check digit": "imei:490154203237518",
    "O in a VIN": "vin:1HGCM82633A00435O",
    "a short VIN": "vin:1HGCM82633A00435",
    "small letters in a VIN": "vin:1hgcm82633a004352",
    "hex in small letters": "sku:A/a%2fb/1",
    "percent alone": "sku:A/50%/1",
    "percent and one digit": "sku:A/B/1%2",
    "a letter encoded": "sku:A/%41/1",
    "a blank encoded": "sku:A/a%20b/1",
    "a control character as it is": "sku:A/a\tb/1",
    "DEL as it is": "sku:A/a\x7fb/1",
    "C1 as it is": "sku:A/a\x85b/1",
    "C1 not as UTF-8": "sku:A/a%85b/1",
    "a letter beyond ASCII encoded": "sku:A/%C3%84/1",
    "blank before": "sku:A/ B/1",
    "blank after": "sku:A/B/1 ",
    "an encoded tab outside": "sku:A/B/1%09",
    "a no-break space outside": "sku:A/B/\xa01",
    "not NFC": "sku:A/B/e\u0301",
    "too long": "sku:A/B/" + "1" * 201,
    "half a character": "sku:A/B/\ud800",
    "too long in bytes": "sku:A/B/" + "Ä" * 101,
}

BUILT = [
    (("gtin", "09506000134352", "ABC123"), "gtin:09506000134352/ABC123"),
    (("gtin", "9506000134352", "ABC123"), "gtin:09506000134352/ABC123"),
    (("gtin", "614141123452", "1"), "gtin:00614141123452/1"),
    (("gtin", "96385074", "1"), "gtin:00000096385074/1"),
    (("gtin", " 9506000134352 ", "\tABC123\n"), "gtin:09506000134352/ABC123"),
    (("sku", "ACME", "A/B", "50%\x1f1"), "sku:ACME/A%2FB/50%25%1F1"),
    (("sku", "ACME", "e\u0301", "1"), "sku:ACME/é/1"),
    (("imei", "49015420323751"), "imei:49015420323751"),
    (("imei", "490154203237518"), "imei:49015420323751"),
    (("imei", "4901542032375101"), "imei:49015420323751"),
    (("sscc", "106141412345678908"), "sscc:106141412345678908"),
]


@pytest.mark.parametrize(("text", "item", "serial"), GOLDEN)
def test_a_canonical_key_is_read_and_written_as_it_is(text: str, item: str, serial: str) -> None:
    assert parse(text) == UnitKey(item, serial)
    assert parse(text).text == text


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_is_no_canonical_key_is_refused(text: str) -> None:
    with pytest.raises(BadUnitKey):
        parse(text)


@pytest.mark.parametrize(("parts", "text"), BUILT)
def test_a_key_is_built_from_plain_parts(parts: tuple[str, ...], text: str) -> None:
    assert build(*parts).text == text


@pytest.mark.parametrize(
    "parts",
    [("gtin", "9506000134351", "1"), ("gtin", "950600013", "1"), ("sku", "A", " ", "1"), ("sku",), ("sku", "A")],
)
def test_parts_that_make_no_key_are_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(BadUnitKey):
        build(*parts)


plain_parts = st.text(min_size=1, max_size=20).filter(lambda part: bool(part.strip()))


@given(st.sampled_from(["sku", "asset"]), st.tuples(plain_parts, plain_parts, plain_parts))
def test_whatever_is_built_is_read_back_as_the_same_unit(scheme: str, parts: tuple[str, str, str]) -> None:
    key = build(scheme, *parts)
    assert parse(key.text) == key


@given(st.text(max_size=30))
def test_encoding_an_encoded_part_again_changes_only_its_percents(part: str) -> None:
    encoded = encode_part(part)
    assert encode_part(encoded) == encoded.replace("%", "%25")


@given(st.text(max_size=40))
def test_any_text_is_either_a_key_with_that_text_or_refused(text: str) -> None:
    try:
        key = parse(text)
    except BadUnitKey:
        return
    assert key.text == text


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(digits: str, place: int, change: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
    assert check_digit(wrong) != check_digit(digits)
