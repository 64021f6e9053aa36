import pytest

from tests.oracle.identifiers import is_identifier
from tests.oracle.routing import murmur2


@pytest.mark.parametrize(
    ("key", "signed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
def test_murmur2_is_that_of_kafkas_own_tests(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("item", "serial"),
    [
        ("gtin:09506000134352", "ABC123"),
        ("sku:ACME/WIDGET-1", "ABC123"),
        ("", "sscc:106141412345678908"),
        ("sku:ACME/a%2Fb", "50%25"),
        ("upui:09506000134352", "TPX"),
        ("itip:095060001343520102", "7"),
        ("grai:0614141123452", "5678"),
        ("cpi:06141415PQ7", "1"),
        ("gid:95100000/12345", "400"),
        ("", "gsrnp:061414112345678902"),
        ("", "sgln:0614141123452A"),
        ("", "imei:49015420323751"),
        ("", "vin:1HGCM82633A004352"),
        ("cask:A", "x%C2%85x"),
        ("asset:BACKBLAZE/ST4000DM000", "Z305B2QN"),
        ("sku:Ä/é", "ü"),
    ],
)
def test_a_unit_key_in_canonical_form_is_taken(item: str, serial: str) -> None:
    assert is_identifier(item, serial)


@pytest.mark.parametrize(
    ("item", "serial"),
    [
        ("", ""),
        ("", "bare"),
        ("sku:ACME", ""),
        ("sku:ACME", "1"),
        ("", "sscc:106141412345678907"),
        ("", "imei:490154203237518"),
        ("sku:A/B", "x" * 201),
        ("sku:A/B/C", "1"),
        ("sku:A/", "1"),
        ("SKU:A/B", "1"),
        ("sku:A/B", "1/2"),
        ("sku:A/B", " 1"),
        ("sku:A/B", "e\u0301"),
        ("sku:A/B", "%2f"),
        ("sku:A/B", "%41"),
        ("sku:A/B", "1%"),
        ("sku:A/B", "a\tb"),
        ("gtin:9506000134352", "1"),
        ("gtin:09506000134351", "1"),
        ("upui:09506000134351", "1"),
        ("itip:09506000134352", "7"),
        ("grai:00614141123452", "5678"),
        ("gid:95100000", "400"),
        ("", "sgln:0614141123453"),
        ("", "gsrnp:061414112345678905"),
    ],
)
def test_anything_else_is_not(item: str, serial: str) -> None:
    assert not is_identifier(item, serial)
