"""Codes whose meaning is known: from the standards, from labels, and from the design."""

import pytest

from pipeline.domain.identifiers import identify

SAME = [
    # unit key, and every way it is written
    (
        "gtin:80614141123458/6789",
        "(01)80614141123458(21)6789",
        "^0180614141123458216789",
        "]d20180614141123458216789",
        "https://id.gs1.org/01/80614141123458/21/6789",
        "HTTP://shop.example:8080/some/stem/01/80614141123458/21/6789?utm=1#top",
        "urn:epc:id:sgtin:0614141.812345.6789",
        "gtin:80614141123458/6789",
    ),
    (
        "gtin:70614141123451/32a%2Fb",
        "(01)70614141123451(21)32a/b",
        "\x1d01706141411234512132a/b",
        "https://id.gs1.org/01/70614141123451/21/32a%2Fb",
        "urn:epc:id:sgtin:0614141.712345.32a%2Fb",
    ),
    (
        "sscc:106141412345678908",
        "106141412345678908",
        "(00)106141412345678908",
        "]C100106141412345678908",
        "https://id.gs1.org/00/106141412345678908",
        "urn:epc:id:sscc:0614141.1234567890",
    ),
    ("imei:49015420323751", "imei:490154203237518", "imei:49015420323751", "imei:4901542032375101"),
    ("vin:1M8GDM9AXKP042788", "1M8GDM9AXKP042788", "vin:1M8GDM9AXKP042788"),
    ("gtin:00844588003288/10987654d321", "(01)00844588003288(17)141120(10)7654321D(21)10987654d321"),
]


@pytest.mark.parametrize(("key", "code"), [(key, code) for key, *codes in SAME for code in codes])
def test_one_unit_has_one_key_however_it_is_written(key: str, code: str) -> None:
    found = identify(code)
    assert (found.unit_key, found.errors) == (key, ())


def test_an_element_string_and_its_digital_link_say_the_same() -> None:
    text, uri = (
        "(01)12312312312333(10)ABC123(21)XYZ(99)XYZ",
        "https://id.gs1.org/01/12312312312333/10/ABC123/21/XYZ?99=XYZ",
    )
    for found in (identify(text), identify(uri)):
        assert (found.element_string, found.digital_link) == (text, uri)
        assert found.unbracketed == "^011231231231233310ABC123^21XYZ^99XYZ"
        assert found.attributes == {"10": "ABC123", "99": "XYZ"}
        assert (found.unit_key, found.class_key) == ("gtin:12312312312333/XYZ", "gtin:12312312312333")


def test_a_udi_is_an_element_string() -> None:
    found = identify("(01)00844588003288(17)141120(10)7654321D(21)10987654d321")
    assert found.attributes == {"17": "141120", "10": "7654321D"}
    assert found.digital_link == "https://id.gs1.org/01/00844588003288/10/7654321D/21/10987654d321?17=141120"
