"""Unit keys: every scheme from its element string, and the way back."""

import pytest

from pipeline.domain.identifiers import identify
from pipeline.domain.identifiers.epc_schemes import SCHEMES
from pipeline.domain.unit_key import PARTS_OF_ITEM, parse

KEYS = [
    # element string, unit key, class key
    ("(01)09506000134352(21)A/b%", "gtin:09506000134352/A%2Fb%25", "gtin:09506000134352"),
    ("(01)09506000134352(235)TPX", "upui:09506000134352/TPX", "upui:09506000134352"),
    ("(8006)095060001343520102(21)7", "itip:095060001343520102/7", "itip:095060001343520102"),
    ("(8003)006141411234525678", "grai:0614141123452/5678", "grai:0614141123452"),
    ("(253)0614141123452A/b", "gdti:0614141123452/A%2Fb", "gdti:0614141123452"),
    ("(255)06141411234520047", "sgcn:0614141123452/0047", "sgcn:0614141123452"),
    ("(8010)06141415PQ7/Z43(8011)12345", "cpi:06141415PQ7%2FZ43/12345", "cpi:06141415PQ7%2FZ43"),
    ("(00)106141412345678908", "sscc:106141412345678908", None),
    ("(8004)06141411ABc/D", "giai:06141411ABc%2FD", None),
    ("(8018)061414112345678902", "gsrn:061414112345678902", None),
    ("(8017)061414112345678902", "gsrnp:061414112345678902", None),
    ("(414)0614141123452(254)A/1", "sgln:0614141123452A%2F1", None),
    ("(414)0614141123452", "sgln:0614141123452", None),
]
CLASSES = [
    ("(01)09506000134352", "gtin:09506000134352"),
    ("(8006)095060001343520102", "itip:095060001343520102"),
    ("(8003)00614141123452", "grai:0614141123452"),
    ("(253)0614141123452", "gdti:0614141123452"),
    ("(255)0614141123452", "sgcn:0614141123452"),
    ("(8010)06141415PQ7", "cpi:06141415PQ7"),
]


@pytest.mark.parametrize(("element_string", "unit_key", "class_key"), KEYS)
def test_a_key_is_made_and_is_the_way_back(element_string: str, unit_key: str, class_key: str | None) -> None:
    found = identify(element_string)
    assert (found.errors, found.unit_key, found.class_key) == ((), unit_key, class_key)
    assert parse(unit_key).item == (class_key or "")
    back = identify(unit_key)
    assert (back.syntax, back.errors, back.unit_key, back.class_key) == ("unit_key", (), unit_key, class_key)
    assert (back.element_string, back.digital_link) == (element_string, found.digital_link)
    assert identify(found.digital_link or "").unit_key == unit_key


@pytest.mark.parametrize(("element_string", "class_key"), CLASSES)
def test_without_a_serial_there_is_a_class_only(element_string: str, class_key: str) -> None:
    for found in (identify(element_string), identify(class_key)):
        assert (found.errors, found.unit_key, found.class_key) == ((), None, class_key)
        assert found.element_string == element_string


def test_a_class_of_upuis_has_no_element_string_for_the_gtin_alone_names_another_class() -> None:
    found = identify("upui:09506000134352")
    assert (found.unit_key, found.class_key, found.errors) == (None, "upui:09506000134352", ())
    assert (found.element_string, found.unbracketed, found.digital_link) == (None, None, None)


def test_a_lot_is_an_attribute_and_no_part_of_the_class() -> None:
    found = identify("(01)09506000134352(10)LOT7(17)251231")
    assert (found.unit_key, found.class_key) == (None, "gtin:09506000134352")
    assert found.attributes == {"10": "LOT7", "17": "251231"}


@pytest.mark.parametrize("element_string", ["(401)0614141X", "(417)0614141123452", "(400)A1"])
def test_what_names_neither_unit_nor_class_is_ok_all_the_same(element_string: str) -> None:
    found = identify(element_string)
    assert (found.errors, found.unit_key, found.class_key) == ((), None, None)


@pytest.mark.parametrize(
    ("text", "unit_key"),
    [
        ("gtin:9506000134352/A", "gtin:09506000134352/A"),
        ("sku:ACME/WIDGET-1/ABC123", "sku:ACME/WIDGET-1/ABC123"),
        ("asset:BACKBLAZE/ST4000DM000/Z305B2QN", "asset:BACKBLAZE/ST4000DM000/Z305B2QN"),
        ("gid:95100000/12345/400", "gid:95100000/12345/400"),
        ("sgln:0614141123452", "sgln:0614141123452"),
    ],
)
def test_a_unit_key_is_a_code_of_its_own(text: str, unit_key: str) -> None:
    assert identify(text).unit_key == unit_key


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("gtin:09506000134351/A", "gtin:09506000134352/A"),
        ("sku:ACME/a%2fb/1", None),
        ("sscc:106141412345678909", "sscc:106141412345678908"),
        ("sku:A/ B/1", "sku:A/B/1"),
        ("nothing:", None),
        ("sku:A/B/x\x1dy", "sku:A/B/x%1Dy"),
    ],
)
def test_what_is_no_unit_key_is_told_the_nearest(text: str, nearest: str | None) -> None:
    found = identify(text)
    assert (found.ok, found.unit_key) == (False, None)
    if nearest is not None:
        assert found.errors[0].nearest == nearest


def test_a_unit_key_that_gs1_has_no_code_for_is_warned_of() -> None:
    found = identify("gtin:09506000134352/Ä")
    assert (found.ok, found.unit_key, found.element_string) == (True, "gtin:09506000134352/Ä", None)
    assert found.warnings
    assert identify("gid:a/b/c").epc_hex is None


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("sgtin:0614141.812345.6789", "urn:epc:id:sgtin:0614141.812345.6789"),
        ("sgtin:80614141123458/6789", "gtin:80614141123458/6789"),
        ("sgtin:0614141.812345", None),
        ("lgtin:0614141.812345.L1", "urn:epc:class:lgtin:0614141.812345.L1"),
        ("pgln:0614141.12345", "urn:epc:id:pgln:0614141.12345"),
        ("gsin:0614141.123456789", "urn:epc:id:gsin:0614141.123456789"),
        ("ginc:0614141.XYZ", "urn:epc:id:ginc:0614141.XYZ"),
    ],
)
def test_a_scheme_of_epcs_makes_no_second_key_of_a_thing(code: str, nearest: str | None) -> None:
    found = identify(code)
    assert (found.ok, found.unit_key, found.class_key) == (False, None, None)
    assert (found.errors[0].rule, found.errors[0].nearest) == ("scheme", nearest)
    assert nearest is None or identify(nearest).ok


def test_every_scheme_of_epcs_is_a_scheme_of_keys_or_refused() -> None:
    for scheme in {*SCHEMES, "lgtin"} - set(PARTS_OF_ITEM):
        assert [error.rule for error in identify(f"{scheme}:anything").errors] == ["scheme"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("mailto:bob@example.com", "an e-mail, not a unit"),
        ("MATMSG:TO:bob@example.com;;", "an e-mail, not a unit"),
        ("tel:+4712345678", "a telephone number, not a unit"),
        ("SMSTO:+4712345678:hello", "a text message, not a unit"),
        ("geo:59.9,10.7", "a place on a map, not a unit"),
        ("wifi:S:net;;", "the access to a network, not a unit"),
        ("WIFI:T:WPA;S:net;P:secret;;", "the access to a network, not a unit"),
        ("BEGIN:VCARD\nN:Bob\nEND:VCARD", "a card or a calendar entry, not a unit"),
        ("MECARD:N:Bob;;", "a card or a calendar entry, not a unit"),
        ("data:text/plain,hello", "data or a program, not a unit"),
        ("javascript:alert(1)", "data or a program, not a unit"),
        ("ftp://example.com/a", "a file, not a unit"),
        ("file:///etc/hosts", "a file, not a unit"),
        ("bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "a payment, not a unit"),
    ],
)
def test_what_an_ordinary_qr_code_holds_is_no_unit_and_called_by_its_name(code: str, words: str) -> None:
    found = identify(code)
    assert (found.ok, found.syntax, found.unit_key) == (False, "unknown", None)
    assert [(error.rule, error.message) for error in found.errors] == [("foreign", f"this is {words}")]


def test_schemes_of_organisations_stay_keys() -> None:
    for key in ("asset:A", "box:B26AB123", "bic:CSQU3054383", "uri:urn:x:1", "epc:urn:x:1", "telemetry:1", "s:1/2/3"):
        assert (identify(key).ok, identify(key).unit_key) == (True, key)
