"""Bytes of any kind: read, refused with a reason, or too large; never an exception, and nothing told wrong twice."""

import json
import random

import orjson
import pytest

from pipeline.capture.epcis import reading
from pipeline.capture.epcis.faults import limited
from pipeline.capture.epcis.prepare import Sender, prepare
from pipeline.capture.epcis.reading import TooLarge, read_document
from pipeline.capture.epcis.records import event_record, scan_records
from pipeline.capture.epcis.report import reported
from pipeline.capture.epcis.scans import ScanMaker
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.epcis.things import Things
from tests.unit.epcis.as_xml import document_xml
from tests.unit.epcis.events import FIRST, FOREIGN, WHOLE, a_bare, a_document, a_query_document, an_event
from tests.unit.epcis.mutations import chance_of, mutated

SEEDS = [
    *(orjson.dumps(a_document(event)) for event in [*WHOLE, FOREIGN]),
    *(document_xml(event) for event in WHOLE),
    orjson.dumps(a_query_document(an_event(epcList=[FIRST]))),
]
NOISE = (b'"', b"<", b">", b"null", b"{}", b"[]", b"&a;", b"\0", b"1e999", b"\xff\xfe", b"<extension>", b"\xc3", b"]]>")
KEYS = ["file", "accepted", "events", "scans", "errors", "notRead", "notDeclared"]


def everything_of(content: bytes) -> bool:
    """Take bytes as far as to the log; return whether anything was accepted."""
    maker = ScanMaker(Things("https://ledger.example/"), Steps())
    judged = read_document(content)
    prepared = prepare(judged, maker, Sender("fuzz"), "proceed")
    if prepared.scans:
        scan_records(prepared.scans, 0, "fuzz", "job")
    for event in prepared.events:
        event_record(event, "job")
    report = reported("a file", prepared)
    assert list(orjson.loads(orjson.dumps(report))) == KEYS
    assert report["accepted"] == (not prepared.faults)
    assert len(report["errors"]) == len(limited(prepared.faults))
    return bool(prepared.events)


def spoiled(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(made) + 1)
        other = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[at : at + chance.randrange(1, 30)]
            case 2:
                made[at:at] = made[other : other + chance.randrange(1, 40)]
            case _:
                made[at:at] = chance.choice(NOISE)
    return bytes(made)


def spoil_many(rounds: int, seed: str) -> tuple[int, int]:
    chance = chance_of(seed)
    bytewise = sum(everything_of(spoiled(chance.choice(SEEDS), chance)) for _ in range(rounds))
    roots = [a_document(event) for event in [*WHOLE, FOREIGN]] + [a_bare(event) for event in WHOLE]
    partwise = sum(everything_of(orjson.dumps(mutated(chance.choice(roots), chance))) for _ in range(rounds))
    return bytewise, partwise


def test_documents_spoiled_at_random_are_accepted_or_refused_but_never_raise() -> None:
    bytewise, partwise = spoil_many(1_500, "few")
    assert bytewise > 50
    assert partwise > 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"[",
        b'{"a":' * 2_000,
        b"[" * 5_000,
        b"\xff",
        b'{"type": "EPCISDocument", "x": NaN}',
        b'{"a": "\\ud800"}',
    ],
)
def test_what_is_neither_json_nor_xml_is_told_so(content: bytes) -> None:
    ((path, message),) = [(fault.path, fault.message) for fault in read_document(content).faults]
    assert path == "$"
    assert "neither JSON nor XML" in message


def test_a_byte_order_mark_and_blanks_in_front_do_not_matter() -> None:
    content = orjson.dumps(a_document(an_event(epcList=[FIRST])))
    assert read_document(b"\xef\xbb\xbf \n" + content).faults == ()


@pytest.mark.parametrize(
    ("limit", "most", "word"),
    [
        ("MOST_EVENTS", 2, "3 events; at most 2"),
        ("MOST_EPCS", 5, "6 EPCs; at most 5"),
        ("MOST_BYTES", 100, "at most 100 "),
    ],
)
def test_a_document_beyond_a_limit_is_told_which(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int, word: str
) -> None:
    events = [an_event(epcList=[f"{FIRST}{number}0", f"{FIRST}{number}1"]) for number in range(3)]
    contents = [orjson.dumps(a_document(*events)), orjson.dumps(a_query_document(*events)), document_xml(*events)]
    for content in contents:
        assert read_document(content).faults == ()
    monkeypatch.setattr(reading, limit, most)
    for content in contents:
        with pytest.raises(TooLarge, match=word):
            read_document(content)


def test_a_report_has_the_keys_that_programs_rely_on() -> None:
    event = {**an_event(epcList=[FIRST], bizStep="shipping", disposition="in_transit"), "eventID": "urn:x:1"}
    judged = read_document(json.dumps(a_document(event)).encode())
    ((_, captured),) = judged.events
    maker = ScanMaker(Things("https://ledger.example/"), Steps())
    assert reported("f", prepare(judged, maker, Sender("report"))) == {
        "file": "f",
        "accepted": True,
        "events": [
            {
                "identity": "urn:x:1", "id": "urn:x:1", "hash": captured.hash, "type": "ObjectEvent",
                "action": "OBSERVE", "biz_step": "shipping", "disposition": "in_transit", "epcs": [FIRST],
                "has_sensors": False, "is_error_declaration": False,
            }
        ],
        "scans": 1,
        "errors": [],
        "notRead": [],
        "notDeclared": [],
    }  # fmt: skip
