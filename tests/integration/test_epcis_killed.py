"""An event of 20,000 EPCs whose broker is killed midway, sent again: every unit changed once."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import orjson
import pytest
from starlette.testclient import TestClient

from pipeline.broker.admin import create_topics
from pipeline.broker.deliver import Deliverer, Delivery
from pipeline.broker.read import Record, read_partition
from pipeline.broker.topics import Topics
from pipeline.capture.epcis import http as epcis
from pipeline.capture.epcis.captures import Captures
from pipeline.capture.epcis.desk import Desk
from pipeline.capture.epcis.site_codes import SiteCodes
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.http.app import build_app
from pipeline.capture.http.room import Room
from pipeline.errors import WarehouseDown
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.where import Where
from pipeline.local.kafka import LocalKafka, running_kafka
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode
from tests.http_house import Answer, opened
from tests.oracle.arrivals import SKEW_MS
from tests.unit.epcis.events import DOCK, a_document, an_event

UNITS, PATIENCE_SECONDS, WAIT_SECONDS = 20_000, 8.0, 120.0
CAPTURE = "/v1/epcis/capture"
IDENTITY = "urn:uuid:2f1c4d8e-94a5-4a5e-8a2f-0d8a3a8f6a11"


class Cut:
    """The log of scans; the first time, the broker has half of them when it is killed."""

    def __init__(self, log: Deliverer, kill: Callable[[], None]) -> None:
        self._log, self._kill = log, kill
        self.was_killed = False
        self.fault = log.fault

    def send(self, keys: list[bytes], values: list[bytes], done: Callable[[], None]) -> Delivery:
        if self.was_killed:
            return self._log.send(keys, values, done)
        half, first = len(keys) // 2, threading.Event()
        self._log.send(keys[:half], values[:half], first.set)
        assert first.wait(WAIT_SECONDS)
        self._kill()
        self.was_killed = True
        return self._log.send(keys[half:], values[half:], done)


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[LocalKafka]:
    with running_kafka(tmp_path / "kafka") as kafka:
        yield kafka


@pytest.fixture
def settings(kafka: LocalKafka, topic_prefix: str) -> Settings:
    given = {"kafka_bootstrap": kafka.bootstrap, "topic_prefix": topic_prefix, "partitions": 1}
    settings = Settings.model_validate(given)
    create_topics(settings)
    return settings


@pytest.fixture
def client(kafka: LocalKafka, settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    topics = ("epcis_events", "internal", "scans")
    events, findings, scans = logs = [Deliverer(settings, topic, PATIENCE_SECONDS) for topic in topics]
    captures, pool = Captures(tmp_path), ThreadPoolExecutor(1)
    cut, codes = Cut(scans, kafka.kill), SiteCodes(dict)
    with opened(tmp_path / "home") as house:
        desk = Desk(settings, captures, events, findings, cut, no_warehouse, codes, Steps(), Room(), pool)
        app = build_app(house.house, epcis.router(house.house, desk))
        yield TestClient(app, headers={"Authorization": f"Bearer {house.key('admin')}"})
    pool.shutdown()
    captures.close()
    for log in logs:
        log.close()


def no_warehouse() -> Warehouse:
    raise WarehouseDown(no_warehouse.__name__)


def on_the_log(settings: Settings, topic: str) -> list[Record]:
    return list(read_partition(settings, topic, 0))


def post(client: TestClient) -> Answer:
    epcs = [f"urn:epc:id:sgtin:0614141.107346.{serial}" for serial in range(UNITS)]
    event = an_event(action="ADD", bizStep="commissioning", eventID=IDENTITY, epcList=epcs, readPoint={"id": DOCK})
    headers = {"Content-Type": "application/ld+json"}
    return client.post(CAPTURE, content=orjson.dumps(a_document(event)), headers=headers)


def post_until_taken(client: TestClient) -> Answer:
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := post(client)).status_code == 503:
        assert time.monotonic() < deadline, answer.json()
    return answer


def outcomes(settings: Settings, records: list[Record]) -> Iterator[tuple[str, str, str, str]]:
    """Fold the log and yield unit, outcome, reason and scan_id of every scan."""
    topics = Topics.load(settings.topic_prefix)
    where = Where(0, 1, SKEW_MS, topics.name("scans"), topics.name("internal"))
    ledger, memory = Ledger(where, built_in_lifecycles()), Held()
    numbers = np.array([(record.offset, record.timestamp) for record in records], np.int64)
    for at in range(0, len(records), UNITS):
        part = records[at : at + UNITS]
        offsets, times = numbers[at : at + UNITS].T.copy()
        batch = Batch([one.key for one in part], [one.value or b"" for one in part], offsets, times)
        outputs = ledger.take_scans(batch, memory.load)
        memory.keep_outputs(outputs)
        for value in outputs.records["verdicts"].values:
            record, fields = decode(value)
            if record == "verdict":
                scan, decision = fields["scan"], fields["decision"]
                yield scan["serial"], decision["outcome"], decision["reason"], scan["scan_id"]


@pytest.mark.timeout(900)  # where the fold has yet to be compiled
def test_an_event_of_20000_units_cut_in_the_middle_changes_each_once(
    client: TestClient, settings: Settings, kafka: LocalKafka
) -> None:
    cut = post(client)
    assert (cut.status_code, cut.json()["error"]) == (503, "KAFKA_DOWN")
    kafka.start()
    taken = post_until_taken(client)
    assert client.get(taken.headers["Location"]).json()["counts"]["scans"] == UNITS
    scans = on_the_log(settings, "scans")
    assert len(scans) >= UNITS + UNITS // 2
    decided = list(outcomes(settings, scans))
    changed = Counter(unit for unit, outcome, _, _ in decided if outcome in {"ACCEPTED", "FLAGGED"})
    assert len(changed) == UNITS
    assert set(changed.values()) == {1}
    assert {reason for _, outcome, reason, _ in decided if outcome == "REPEATED"} == {"REDELIVERED"}
    assert len({scan_id for *_, scan_id in decided}) == UNITS
    kept = {decode(record.value or b"")[1]["identity"] for record in on_the_log(settings, "epcis_events")}
    assert kept == {IDENTITY}
