"""Captured events on the real Kafka and ClickHouse: kept once, found by every filter, exported as documents."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from urllib.parse import urlencode

import pytest
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

from pipeline.broker.send import Sender
from pipeline.capture.epcis.answers import capture_document, query_document
from pipeline.capture.epcis.export import export, of_document, of_unit, since
from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.judge import judge
from pipeline.capture.epcis.kept import ask, epcs_of_kept, find
from pipeline.capture.epcis.queries import read_question
from pipeline.capture.epcis.records import event_record
from pipeline.errors import WarehouseDown
from pipeline.settings import Settings
from pipeline.sink.events import EventSink
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.epcis_rows import At, insert_statement, row_of
from pipeline.wire.schemas import decode
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows
from tests.sinks import WAIT_SECONDS, a_ledger, wait_until
from tests.standards import standard
from tests.unit.epcis.events import (
    DOCK,
    FIRST,
    FIRST_KEY,
    PALLET,
    SECOND,
    SHOP,
    WHOLE,
    Object,
    a_document,
    an_event,
)  # fmt: skip

BASE_MS = 1_793_611_200_000
WRONG: Object = {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z", "reason": "did_not_occur"}}
ORDER = "urn:epc:id:gdti:0614141.00001.1618034"
SENT: list[Object] = [
    an_event(
        eventID="urn:x:made", action="ADD", bizStep="commissioning", epcList=[FIRST, SECOND], readPoint={"id": DOCK},
        eventTime="2026-11-01T00:00:00Z",
    ),
    an_event(
        "AggregationEvent", eventID="urn:x:packed", action="ADD", bizStep="packing", parentID=PALLET, childEPCs=[FIRST],
        bizLocation={"id": SHOP}, disposition="in_progress", eventTime="2026-11-02T00:00:00Z",
    ),
    an_event(
        "TransactionEvent", eventID="urn:x:ordered", epcList=[SECOND], bizStep="shipping",
        bizTransactionList=[{"type": "po", "bizTransaction": ORDER}], eventTime="2026-11-03T00:00:00Z",
    ),
    an_event(
        "TransformationEvent", eventID="urn:x:mixed", inputEPCList=[SECOND],
        outputEPCList=["urn:epc:id:sgtin:0614141.107347.1"], eventTime="2026-11-04T00:00:00Z",
    ),
    an_event(
        eventID="urn:x:made", action="ADD", bizStep="commissioning", epcList=[FIRST, SECOND], readPoint={"id": DOCK},
        eventTime="2026-11-01T00:00:00Z", **WRONG,
    ),
]  # fmt: skip
EVERY = ["made", "packed", "ordered", "mixed", "made!"]


def records_of(*events: Object) -> list[tuple[bytes, bytes]]:
    judged = judge(a_document(*events))
    assert not judged.faults
    return [event_record(event, None) for _, event in judged.events]


def put(warehouse: Warehouse, *events: Object, start: int = 0) -> None:
    """Write events as the sink would, a second apart."""
    rows = [
        row_of(decode(value)[1], At(0, start + place, BASE_MS + 1_000 * (start + place)))
        for place, (_, value) in enumerate(records_of(*events))
    ]
    warehouse.insert_avro(insert_statement(), b"".join(rows))


def names(events: list[Object]) -> list[str]:
    return [event.get("eventID", "").removeprefix("urn:x:") + "!" * ("errorDeclaration" in event) for event in events]


def asked(warehouse: Warehouse, *parameters: tuple[str, str]) -> list[str]:
    return names(ask(warehouse, read_question(urlencode(parameters, safe=","))).events)


@pytest.fixture
def ledger(
    kafka_bootstrap: str, topic_prefix: str, warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse
) -> Settings:
    return a_ledger(kafka_bootstrap, topic_prefix, warehouse, embedded_clickhouse)


@pytest.fixture(scope="module")
def sent(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Warehouse]:
    """Returns tables with the events sent."""
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        put(warehouse, *SENT)
        yield warehouse


@contextmanager
def sinking(settings: Settings, warehouse: Warehouse) -> Iterator[EventSink]:
    sink, stop = EventSink(settings, lambda: warehouse), threading.Event()
    thread = threading.Thread(target=sink.run, args=(stop,), daemon=True)
    thread.start()
    yield sink
    stop.set()
    thread.join(WAIT_SECONDS)
    assert not thread.is_alive()


def send(settings: Settings, *events: Object) -> None:
    sender = Sender(settings, "epcis_events")
    records = records_of(*events)
    sender.send([key for key, _ in records], [value for _, value in records])
    sender.finish()


def kept(warehouse: Warehouse) -> list[tuple[str, str, int]]:
    rows = warehouse.query_rows(
        "SELECT identity, kind, JSONExtractInt(content, 'ex:version') FROM epcis_events FINAL ORDER BY identity, kind"
    )
    return [(identity, kind, version) for identity, kind, version in rows]


def test_the_newest_of_each_identity_is_kept_and_its_declaration_beside_it(
    ledger: Settings, warehouse: Warehouse
) -> None:
    versions: list[Object] = [{"eventID": "urn:x:1", "epcList": [FIRST], "ex:version": n} for n in (1, 2, 3)]
    send(ledger, *(an_event(**event) for event in versions[:2]))
    with sinking(ledger, warehouse):
        wait_until(lambda: kept(warehouse) == [("urn:x:1", "EVENT", 2)])
    send(ledger, an_event(**versions[1], **WRONG), an_event(**versions[2]), an_event(**versions[2]))
    with sinking(ledger, warehouse):
        wait_until(lambda: kept(warehouse) == [("urn:x:1", "DECLARATION", 2), ("urn:x:1", "EVENT", 3)])


def test_events_wait_for_clickhouse_and_come_then(ledger: Settings, warehouse: Warehouse) -> None:
    class Away:
        tries = 0

        def insert_avro(self, statement: str, body: bytes) -> int:
            self.tries += 1
            if self.tries < 3:
                raise WarehouseDown(statement)
            return warehouse.insert_avro(statement, body)

    away = Away()
    send(ledger, an_event(eventID="urn:x:1", epcList=[FIRST]))
    with sinking(ledger, cast("Warehouse", away)):
        wait_until(lambda: kept(warehouse) == [("urn:x:1", "EVENT", 0)])
    assert away.tries == 3


def test_rows_that_are_written_twice_are_one_event_each(sent: Warehouse) -> None:
    put(sent, *SENT)
    assert asked(sent) == EVERY


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"eventType": "ObjectEvent"}, ["made", "made!"]),
        ({"eventType": "TransactionEvent,TransformationEvent"}, ["ordered", "mixed"]),
        ({"GE_eventTime": "2026-11-03T00:00:00Z"}, ["ordered", "mixed"]),
        ({"LT_eventTime": "2026-11-02T01:00:00+01:00"}, ["made", "made!"]),
        ({"GE_recordTime": "2026-11-02T09:20:03Z"}, ["mixed", "made!"]),
        ({"LT_recordTime": "2026-11-02T09:20:01Z"}, ["made"]),
        ({"EQ_action": "ADD"}, ["made", "packed", "made!"]),
        ({"EQ_bizStep": "packing,https://ref.gs1.org/cbv/BizStep-shipping"}, ["packed", "ordered"]),
        ({"EQ_disposition": "in_progress"}, ["packed"]),
        ({"EQ_readPoint": "https://id.gs1.org/414/0012345111112/254/400"}, ["made", "made!"]),
        ({"EQ_bizLocation": SHOP}, ["packed"]),
        ({"EQ_bizTransaction_po": ORDER}, ["ordered"]),
        ({"EQ_bizTransaction_rma": ORDER}, []),
        ({"EQ_eventID": "urn:x:mixed"}, ["mixed"]),
        ({"MATCH_epc": FIRST}, ["made", "packed", "made!"]),
        ({"MATCH_epc": PALLET}, []),
        ({"MATCH_parentID": PALLET}, ["packed"]),
        ({"MATCH_anyEPC": "https://id.gs1.org/01/10614141073464/21/2017"}, ["made", "ordered", "mixed", "made!"]),
        ({"MATCH_anyEPC": "urn:epc:idpat:sgtin:0614141.107347.*"}, ["mixed"]),
        ({"EXISTS_errorDeclaration": "true"}, ["made!"]),
        ({"EQ_action": "ADD", "EXISTS_errorDeclaration": "false", "EQ_bizStep": "commissioning"}, ["made"]),
        ({}, EVERY),
    ],
)
def test_every_filter_finds_what_it_says(sent: Warehouse, parameters: dict[str, str], found: list[str]) -> None:
    assert asked(sent, *parameters.items()) == found


@pytest.mark.parametrize("per_page", [1, 2, 3, 5, 6])
def test_pages_hold_every_event_once_in_the_order_in_which_they_were_captured(sent: Warehouse, per_page: int) -> None:
    found: list[str] = []
    token: tuple[tuple[str, str], ...] = ()
    while True:
        page = ask(sent, read_question(urlencode([("perPage", str(per_page)), *token])))
        assert len(page.events) <= per_page
        found += names(page.events)
        if page.next is None:
            break
        token = (("nextPageToken", page.next.text()),)
    assert found == EVERY


def test_one_event_is_found_by_its_identity_with_its_record_time(sent: Warehouse) -> None:
    event = find(sent, "urn:x:packed")
    assert event is not None
    assert (event["parentID"], event["recordTime"]) == (PALLET, "2026-11-02T09:20:01.000Z")
    assert find(sent, "urn:x:none") is None
    made = find(sent, "urn:x:made")
    assert made is not None
    assert "errorDeclaration" not in made
    assert epcs_of_kept(sent, ["urn:x:packed", "urn:x:none"]) == {
        "urn:x:packed": {"https://id.gs1.org/00/106141412345678908", "https://id.gs1.org/01/10614141073464/21/2018"}
    }


def test_what_is_answered_and_what_is_exported_are_documents_of_the_standard(warehouse: Warehouse) -> None:
    put(warehouse, *SENT, *WHOLE)
    validator = Draft7Validator(standard("EPCIS-JSON-Schema.json"), format_checker=FormatChecker())
    uris = Uris(Settings().uri_base, {})
    answered = ask(warehouse, read_question("")).events
    of_all = list(export(warehouse, since(0), uris))
    assert len(answered) == len(of_all) == len(SENT) + len(WHOLE)
    for document in (query_document(answered), capture_document(of_all)):
        assert [error.message for error in validator.iter_errors(document)] == []
    assert names(list(export(warehouse, of_unit(FIRST_KEY, uris), uris)))[:3] == ["made", "made!", "packed"]
    assert "ordered" in names(list(export(warehouse, of_document(f"order:{ORDER}", uris), uris)))


def test_a_unit_whose_key_would_be_none_today_is_exported_as_it_was_stored(warehouse: Warehouse) -> None:
    rows, place = LedgerRows(warehouse), "sgln:00123451111120"
    seen = rows.a_scan(place, "OBSERVE", "2024-06-01 10:00:00.000")
    rows.a_scan(place, "VOID", "2024-06-01 10:00:00.000", corrects=f"scan-{seen}")
    uris = Uris(Settings().uri_base, {})
    events = list(export(warehouse, since(0), uris))
    assert [(event["epcList"], "errorDeclaration" in event) for event in events] == [
        ([uris.unit(place)], False), ([uris.unit(place)], False), ([uris.unit(place)], True),
    ]  # fmt: skip
