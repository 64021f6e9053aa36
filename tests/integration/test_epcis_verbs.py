"""import-epcis and export-epcis on the real Kafka and ClickHouse."""

import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

from jobs import cli
from pipeline.broker.read import read_partition
from pipeline.domain.routing import partition_of
from pipeline.settings import Settings
from pipeline.sink.events import EventSink
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.sinks import WAIT_SECONDS, a_ledger, wait_until
from tests.standards import standard
from tests.unit.epcis.events import DOCK, FIRST, SECOND, SHOP, Object, a_document, an_event

HERE: Object = {"epcList": [FIRST, SECOND], "readPoint": {"id": DOCK}}
EVENTS = [
    an_event(eventID="urn:x:1", action="ADD", bizStep="commissioning", **HERE),
    an_event(bizStep="shipping", destinationList=[{"type": "location", "destination": SHOP}], **HERE),
]


@pytest.fixture
def ledger(
    kafka_bootstrap: str,
    topic_prefix: str,
    warehouse: Warehouse,
    embedded_clickhouse: EmbeddedClickHouse,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    settings = a_ledger(kafka_bootstrap, topic_prefix, warehouse, embedded_clickhouse)
    for name, value in {
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "SCANLEDGER_TOPIC_PREFIX": topic_prefix,
        "CLICKHOUSE_URL": settings.clickhouse_url,
        "CLICKHOUSE_USER": settings.clickhouse_user,
        "CLICKHOUSE_PASSWORD": settings.clickhouse_password.get_secret_value(),
        "CLICKHOUSE_DATABASE": settings.clickhouse_database,
    }.items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.fixture
def sunk(ledger: Settings, warehouse: Warehouse) -> Iterator[None]:
    """Keeps a sink of events at work."""
    stop = threading.Event()
    thread = threading.Thread(target=EventSink(ledger, lambda: warehouse).run, args=(stop,), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(WAIT_SECONDS)


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["scanledger", *words])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


def scans_of(settings: Settings) -> list[tuple[int, Object]]:
    return [
        (partition, decode(record.value or b"")[1])
        for partition in range(2)
        for record in read_partition(settings, "scans", partition)
    ]


@pytest.mark.usefixtures("sunk")
def test_what_was_imported_is_on_the_log_once_per_scan_id_and_exported_whole(
    ledger: Settings, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, out = tmp_path / "events.jsonld", tmp_path / "out.jsonld"
    file.write_bytes(orjson.dumps(a_document(*EVENTS)))
    assert run(monkeypatch, "import-epcis", str(file)) == 0
    assert run(monkeypatch, "import-epcis", str(file)) == 0
    scans = scans_of(ledger)
    assert (len(scans), len({scan["scan_id"] for _, scan in scans})) == (8, 4)
    for partition, scan in scans:
        assert partition == partition_of(f"{scan['item']}/{scan['serial']}".encode(), 2)
    wait_until(lambda: warehouse.query_rows("SELECT count() FROM epcis_events FINAL") == [(2,)])
    assert run(monkeypatch, "export-epcis", "--unit", FIRST, "--output", str(out)) == 0
    document = orjson.loads(out.read_bytes())
    schema = Draft7Validator(standard("EPCIS-JSON-Schema.json"), format_checker=FormatChecker())
    assert [error.message for error in schema.iter_errors(document)] == []
    assert len(document["epcisBody"]["eventList"]) == len(EVENTS)


def test_a_file_with_one_fault_sends_nothing(ledger: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonld"
    file.write_bytes(orjson.dumps(a_document(EVENTS[0], EVENTS[1] | {"action": "PUT"})))
    assert run(monkeypatch, "import-epcis", str(file)) == 1
    assert scans_of(ledger) == []
