"""One unit has one link by which it is looked for, in whatever form its identifier is written."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture.epcis.canonical import canonical, link_of
from pipeline.capture.epcis.queries import read_question
from pipeline.capture.epcis.records import event_record
from pipeline.domain.identifiers import identify
from pipeline.wire.schemas import decode
from tests.unit.epcis.events import PALLET, an_event
from tests.unit.epcis.test_prehash import CLASSES, DOCUMENTS, EPCS, PARTIES, PLACES
from tests.unit.epcis.test_scans import captured

LETTERS = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"
"""What a serial may hold: GS1's character set 82."""
BARE = "!'()*,-.:;=_+"
"""What of it stands in a URN as it is."""
IN_PATH = "!'()*,-.:;=_+&"
"""What of it may stand in the path of a link as it is."""
HOST = "https://id.gs1.org/"
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
