"""Whatever comes in, no exception reaches a user: an answer of ours, never 500, never a fault."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pipeline.capture.codes import CodeReader
from pipeline.capture.http.bodies import decompress
from pipeline.capture.http.check import check
from pipeline.capture.http.encode import encode
from pipeline.capture.http.keys import Key
from pipeline.capture.http.lines import read_lines
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.room import Room
from pipeline.wire.scan import decode_scans
from tests.http_house import SITE, Opened
from tests.mutations import a_request

TYPES = {"json": "application/json", "ndjson": "application/x-ndjson"}
OF_ONE = Key("k", "n", "site", (SITE,), "", 0)


def survives(chance: random.Random) -> None:
    """Take one spoiled request as far as the log: good scans are scans, the others have faults."""
    body, form, coding = a_request(chance)
    try:
        with Room().enter() as held:
            lines = read_lines(decompress(body, coding, held), "json" if form == "json" else "ndjson")
    except Refused as refused:
        assert 400 <= refused.status < 500
        return
    found = check(lines, OF_ONE, 1_793_611_300_000, CodeReader(lenient=chance.random() < 0.5))
    assert {fault.index for fault in found.malformed}.isdisjoint(found.places.tolist())
    assert len({fault.index for fault in found.malformed}) + len(found) == found.scans
    assert not decode_scans(encode(found, "rid").values).error.any()


@pytest.mark.parametrize("seed", range(20))
def test_spoiled_requests_are_taken_or_refused(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  no secret
    for _ in range(50):
        survives(chance)


def test_spoiled_requests_are_answered_over_http(house: Opened, site: TestClient) -> None:
    chance = random.Random(7)  # noqa: S311  no secret
    for _ in range(300):
        body, form, coding = a_request(chance)
        headers = {"Content-Type": TYPES[form], "Content-Encoding": coding or "identity"}
        answer = site.post("/v1/scans", content=body, headers=headers)
        assert answer.status_code in {202, 400, 413, 422}, answer.text


@given(st.binary(max_size=60), st.sampled_from([*TYPES.values(), "text/plain", ""]))
def test_any_bytes_are_answered(house_of_module: Opened, body: bytes, kind: str) -> None:
    answer = house_of_module.client().post("/v1/scans", content=body, headers={"Content-Type": kind})
    assert answer.status_code in {400, 415, 422}, answer.text


@given(st.text(max_size=40), st.booleans())
def test_any_text_as_a_code_is_a_unit_or_told_why_not(text: str, lenient: bool) -> None:
    (found,) = CodeReader(lenient).read([text])
    assert (found.key is None) == bool(found.wrong)
