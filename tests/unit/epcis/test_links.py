"""One unit has one link by which it is looked for, in whatever form its identifier is written."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.links import identified
from pipeline.capture.epcis.queries import read_question
from pipeline.capture.epcis.records import event_record
from pipeline.capture.epcis.things import Place, Things, Unit
from pipeline.domain.identifiers import identify
from pipeline.domain.identifiers.canonical import canonical, link_of
from pipeline.wire.schemas import decode
from tests.unit.epcis.events import PALLET, a_bare, an_event
from tests.unit.epcis.test_prehash import CLASSES, DOCUMENTS, EPCS, PARTIES, PLACES
from tests.unit.epcis.test_scans import captured, prepared

LETTERS = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"
"""What a serial may hold: GS1's character set 82."""
BARE = "!'()*,-.:;=_+"
"""What of it stands in a URN as it is."""
IN_PATH = "!'()*,-.:;=_+&"
"""What of it may stand in the path of a link as it is."""
HOST = "https://id.gs1.org/"
Parts = list[tuple[str, str]]
serials = st.text(LETTERS, min_size=1, max_size=20)


@given(serials)
def test_every_way_to_write_a_serial_has_the_link_that_identify_gives(serial: str) -> None:
    urn = f"urn:epc:id:sgtin:0614141.812345.{quote(serial, safe=BARE)}"
    links = [f"{host}01/80614141123458/21/{quote(serial, safe=safe)}" for host in (HOST, "http://a.example/x/")
             for safe in ("", IN_PATH)]  # fmt: skip
    expected = f"{HOST}01/80614141123458/21/{quote(serial, safe='')}"
    assert {link_of(text) for text in (urn, *links)} == {expected}
    assert identify(urn).digital_link == expected
    assert link_of(links[0].replace("%2F", "%2f")) == expected


@given(serials)
def test_what_is_stored_is_found_by_every_way_to_write_it(serial: str) -> None:
    urn = f"urn:epc:id:sgtin:0614141.812345.{quote(serial, safe=BARE)}"
    _, value = event_record(captured(an_event(epcList=[urn])), None)
    (stored,) = decode(value)[1]["epcs"]
    for asked in (urn, identify(urn).digital_link or "", stored["epc"]):
        assert read_question(f"MATCH_epc={quote(asked)}").parameters == {"p0": [stored["epc"]]}


@given(st.sampled_from(EPCS + CLASSES + PLACES + DOCUMENTS + PARTIES), st.text(max_size=3), st.integers(0, 60))
def test_a_link_stays_itself_and_is_that_of_the_hash_where_nothing_is_to_be_encoded(
    text: str, noise: str, at: int
) -> None:
    changed = text[:at] + noise + text[at:]
    assert link_of(link_of(changed)) == link_of(changed)
    if not noise:
        assert link_of(text) == canonical(text)


@pytest.mark.parametrize("text", ["https://example.com/th%69ng/7?x=%2f", "urn:x:%2f", "nonsense", "", PALLET + "x"])
def test_what_is_no_gs1_identifier_stays_as_it_is(text: str) -> None:
    assert link_of(text) == text


# Links out of shape.

THINGS = Things("https://ledger.example/")
KEY = "gtin:80614141123458/6789"
OUT_OF_SHAPE = [
    "https://id.gs1.org/01/80614141123458/21/6789/10/L", "https://id.gs1.org/01/80614141123458/21/6789/",
    "https://id.gs1.org/gtin/80614141123458/ser/6789", "HTTPS://a.example/x/gtin/80614141123458/ser/6789//",
    "https://id.gs1.org/gtin/80614141123458/ser/6789/lot/L/?17=261231", "https://a_b/01/80614141123458/21/6789",
]  # fmt: skip


@pytest.mark.parametrize("uri", OUT_OF_SHAPE)
def test_a_link_out_of_shape_is_the_unit_that_the_event_hash_takes_it_for(uri: str) -> None:
    found = prepared(a_bare(an_event(epcList=[uri])))
    assert ([scan.key for scan in found.scans], found.not_read) == ([KEY], [])


def test_a_gtin_without_its_zeros_is_the_unit_that_the_event_hash_takes_it_for() -> None:
    unit = THINGS.unit("https://id.gs1.org/01/614141123452/21/6789?17=261231")
    assert unit == Unit("gtin:00614141123452/6789", {"17": "261231"})


@pytest.mark.parametrize("uri", [OUT_OF_SHAPE[0], OUT_OF_SHAPE[4], "https://a/01/80614141123458/10/L/21/6789/"])
def test_of_a_link_out_of_shape_the_lot_is_read_too(uri: str) -> None:
    assert identified(uri).attributes["10"] == "L"


@pytest.mark.parametrize(
    ("uri", "nearest"),
    [
        ("https://id.gs1.org/01/80614141123459/21/6789/", "https://id.gs1.org/01/80614141123458/21/6789"),
        ("https://id.gs1.org/gtin/80614141123459/ser/6789", "https://id.gs1.org/01/80614141123458/21/6789"),
        ("https://id.gs1.org/01/80614141123459/21/6789/10/L", "https://id.gs1.org/01/80614141123458/21/6789"),
        ("https://id.gs1.org/01/80614141123458/21/6789/99/X", None),
        ("https://id.gs1.org/01/80614141123458?21=6789", None),
    ],
)
def test_a_link_out_of_shape_with_a_fault_besides_is_not_read_and_told(uri: str, nearest: str | None) -> None:
    found = prepared(a_bare(an_event(epcList=[uri])))
    ((_, epc, why, told),) = [(one.path, one.epc, one.why, one.nearest) for one in found.not_read]
    assert (found.scans, epc, told) == ([], uri, nearest)
    assert why


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example/party/7", "https://a.example/lot/5/", "https://a.example/thing/7", "https://a.example/",
        "https://a.example/01/80614141123458/reviews",
    ],
)  # fmt: skip
def test_a_link_that_the_event_hash_leaves_and_that_has_no_key_is_a_private_unit(uri: str) -> None:
    unit = THINGS.unit(uri)
    assert unit == Unit(f"epc:{quote(uri, safe=':')}", {})
    assert Uris(THINGS.base).unit(unit.key) == uri


PARTS = st.lists(st.tuples(st.sampled_from(["10", "21", "22", "235", "lot", "ser", "99"]), st.text("AL7", min_size=1)))
BEGINNINGS = ["https://id.gs1.org/01/80614141123458", "http://a/x/gtin/614141123452", "https://a/00/106141412345678908"]


@given(st.sampled_from(BEGINNINGS), PARTS, st.sampled_from(["", "/", "//"]))
def test_a_link_is_the_unit_of_the_link_that_is_hashed_in_its_place(beginning: str, parts: Parts, end: str) -> None:
    uri = beginning + "".join(f"/{name}/{value}" for name, value in parts) + end
    hashed, unit = THINGS.unit(canonical(uri)), THINGS.unit(uri)
    if hashed is not None and not hashed.key.startswith("epc:"):
        assert unit is not None
        assert unit.key == hashed.key
    if unit is not None and unit.key.startswith("epc:"):
        assert canonical(uri) == uri
        assert identify(uri).attributes == {}


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("https://id.gs1.org/414/0614141007776/", ("gln:0614141007776", None)),
        ("https://id.gs1.org/gln/0614141007776", ("gln:0614141007776", None)),
        ("https://id.gs1.org/gln/0614141007776/254/7/", ("gln:0614141007776", "7")),
        ("https://id.gs1.org/party/0614141007776", ("gln:0614141007776", None)),
        ("https://id.gs1.org/414/0614141007777", ("https://id.gs1.org/414/0614141007777", None)),
        ("https://id.gs1.org/417/0614141007777", ("https://id.gs1.org/417/0614141007777", None)),
    ],
)
def test_a_place_is_the_one_that_the_event_hash_takes_its_link_for(uri: str, place: Place) -> None:
    assert THINGS.place(uri) == place


def test_what_was_captured_as_a_private_unit_before_keeps_its_key_when_it_is_exported() -> None:
    key = f"epc:{quote(OUT_OF_SHAPE[0], safe=':')}"
    unit = THINGS.unit(Uris(THINGS.base).unit(key))
    assert unit == Unit(key, {})
