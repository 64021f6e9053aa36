"""The verbs that send: what goes on the log of a real broker, and that they wait for what became of it."""

import importlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobs.cli import VERBS
from jobs.reference import version_in_force
from pipeline.broker.admin import create_topics, watermarks
from pipeline.broker.read import read_partition
from pipeline.broker.send import send_internal
from pipeline.broker.topics import Topics
from pipeline.domain.routing import partition_of
from pipeline.errors import BrokerUnreachable, NoAnswer, RulesWrong, TopicsWrong
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode
from tests.answering_worker import AnsweringWorker, answering, sites_of
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows

PARTITIONS = 2
UNIT = "sku:ACME/W-1/A1"
ALERT = "a" * 32
SITES = "name,latitude,longitude,kind\n"


@pytest.fixture
def settings(kafka_bootstrap: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Returns the settings that the verbs find in the environment, topics created."""
    for name, value in {
        "SCANLEDGER_HOME": str(tmp_path),
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "SCANLEDGER_TOPIC_PREFIX": topic_prefix,
        "SCANLEDGER_PARTITIONS": str(PARTITIONS),
        "COLUMNS": "300",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    create_topics(settings)
    for topic in ("verdicts", "acts", "units"):
        wait_until_led(settings, Topics.load(topic_prefix).name(topic))
    return settings


def wait_until_led(settings: Settings, topic: str) -> None:
    """A topic just created has no leader yet, and the broker says so to who asks how far it reaches."""
    deadline = time.monotonic() + 30
    while True:
        try:
            watermarks(settings, topic)
        except BrokerUnreachable:
            assert time.monotonic() < deadline
        else:
            return


@pytest.fixture
def worker(settings: Settings) -> Iterator[AnsweringWorker]:
    with answering(settings, PARTITIONS) as running:
        yield running


def run(*arguments: str) -> Result:
    app = importlib.import_module(VERBS[arguments[0]].module).app
    return CliRunner().invoke(app, list(arguments[1:]))


def shown(*arguments: str) -> Any:  # noqa: ANN401  JSON
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def test_a_scan_goes_to_its_partition_and_its_own_verdict_comes_back(
    settings: Settings, worker: AnsweringWorker
) -> None:
    for moment in ("2024-01-01T10:00:00Z", "2024-01-02T10:00:00+01:00"):
        (verdict,) = shown("scan", UNIT, "--step", "commission", "--site", "S", "--time", moment, "--scan-id", "same")
    assert (verdict["outcome"], verdict["scan_id"], verdict["offset"]) == ("ACCEPTED", "same", 1)
    assert verdict["event_time"] == "2024-01-02T09:00:00+00:00"
    partition = partition_of(UNIT.encode(), PARTITIONS)
    assert verdict["partition"] == partition
    sent = [decode(record.value or b"")[1] for record in read_partition(settings, "scans", partition)]
    assert [scan["scan_id"] for scan in sent] == ["same", "same"]


def test_a_scan_carries_every_field_it_was_given(settings: Settings, worker: AnsweringWorker) -> None:
    options = {
        "destination": "D", "location": "aisle 4", "reader": "R", "operator": "o1", "document": "asn:1",
        "container": "sscc:106141412345678908", "other-unit": "sku:ACME/W-2/B", "lot": "L", "expiry": "1970-01-11",
        "condition": "damaged", "source": "till", "attribute": "colour=red", "corrects": "earlier",
    }  # fmt: skip
    flags = [text for name, value in options.items() for text in (f"--{name}", value)]
    result = run("scan", UNIT, "--step", "SHIP", "--site", "S", *flags)
    assert "outcome" in result.stdout
    records = read_partition(settings, "scans", partition_of(UNIT.encode(), PARTITIONS))
    (scan,) = [decode(record.value or b"")[1] for record in records]
    expected = {name.replace("-", "_"): value for name, value in options.items()} | {
        "expiry": 10, "attributes": [{"name": "colour", "value": "red"}], "origin": "CORRECTION", "step": "SHIP",
    }  # fmt: skip
    assert {name: scan[name] for name in expected if name != "attribute"} == {
        name: value for name, value in expected.items() if name != "attribute"
    }


def test_without_a_worker_a_scan_says_so_and_stays_on_the_log(settings: Settings) -> None:
    result = run("scan", UNIT, "--step", "SELL", "--site", "S", "--timeout", "0.3")
    assert isinstance(result.exception, NoAnswer)
    assert "start one with `scanledger worker`" in str(result.exception)
    assert len(list(read_partition(settings, "scans", partition_of(UNIT.encode(), PARTITIONS)))) == 1


def test_sites_reach_every_partition_in_chunks_and_in_order(
    worker: AnsweringWorker, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.sites.CHUNK_SITES", 2)
    file = tmp_path / "sites.csv"
    file.write_text(SITES + "".join(f"site {n},{n},{n},shop\n" for n in range(5)), encoding="utf-8")
    answers = shown("sites", "load", str(file), "--author", "ann")
    assert [answer["reference_version"] for answer in answers] == [3, 3]
    for partition in range(PARTITIONS):
        assert sites_of(worker.acts, partition) == [f"site {n}" for n in range(5)]
        assert version_in_force(settings, partition) == 3
    assert {act["author"] for act in worker.acts} == {"ann"}


def test_a_load_made_against_an_old_version_is_sent_again_where_it_was_refused(
    worker: AnsweringWorker, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_is_quicker(settings: Settings, partition: int) -> int:
        version = version_in_force(settings, partition)
        if partition == PARTITIONS - 1:
            other = {"id": "other", "kind": "SITES", "subject": "sites", "base": 0, "author": "bob", "sent_at": 0}
            send_internal(settings, {**other, "content": '[{"name": "theirs"}]'}, [partition])
        return version

    monkeypatch.setattr("jobs.reference.version_in_force", somebody_is_quicker)
    file = tmp_path / "sites.csv"
    file.write_text(SITES + "ours,1,2,shop\n", encoding="utf-8")
    result = run("sites", "load", str(file), "--json")
    assert [row["reference_version"] for row in json.loads(result.stdout)] == [1, 2]
    assert "Another load came in between" in result.stderr
    assert "partition 1: version 1" in result.stderr
    assert sites_of(worker.acts, 0) == ["ours"]
    assert sites_of(worker.acts, 1) == ["theirs", "ours"]


def test_a_faulty_site_table_sends_nothing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text(SITES + "good,1,2,shop\nbad,100,2,shop\n", encoding="utf-8")
    result = run("sites", "load", str(file))
    assert isinstance(result.exception, RulesWrong)
    assert "row 3: latitude 100" in str(result.exception)
    assert all(not list(read_partition(settings, "internal", partition)) for partition in range(PARTITIONS))


def test_a_lifecycle_is_put_in_force_for_more_keys(worker: AnsweringWorker, settings: Settings) -> None:
    answers = shown("lifecycle", "load", "asset", "--applies-to", "sku:BACKBLAZE/", "--applies-to", "sku:X/")
    assert [answer["result"] for answer in answers] == ["APPLIED"] * PARTITIONS
    numbers = {reference.lifecycle_of(b"sku:BACKBLAZE/M/1") for reference in worker.references}
    assert numbers == {1}  # asset is the first by name
    assert version_in_force(settings, 0) == 1


def test_a_lifecycle_that_takes_states_away_is_refused_by_the_workers(worker: AnsweringWorker, tmp_path: Path) -> None:
    text = Path("schemas/lifecycles/asset.toml").read_text(encoding="utf-8")
    file = tmp_path / "asset.toml"
    file.write_text(text.replace('states = ["IN_SERVICE", "IN_STORE",', 'states = ["IN_STORE", "IN_SERVICE",'))
    result = run("lifecycle", "load", str(file))
    assert isinstance(result.exception, RulesWrong)
    assert "refused LIFECYCLE asset (states)" in str(result.exception)
    assert worker.references[0].version == 0


def test_no_topics_are_said_to_be_missing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANLEDGER_TOPIC_PREFIX", f"{settings.topic_prefix}none-")
    assert isinstance(run("lifecycle", "load", "asset").exception, TopicsWrong)


@pytest.fixture
def ledger(
    settings: Settings, warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse, monkeypatch: pytest.MonkeyPatch
) -> LedgerRows:
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    monkeypatch.setenv("CLICKHOUSE_URL", embedded_clickhouse.url)
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", embedded_clickhouse.password)
    monkeypatch.setenv("CLICKHOUSE_DATABASE", str(database))
    assert settings.clickhouse_user == embedded_clickhouse.user
    return LedgerRows(warehouse)


def test_an_alert_is_acknowledged_through_the_log_and_a_stale_act_is_told(
    ledger: LedgerRows, worker: AnsweringWorker
) -> None:
    ledger.an_alert(ALERT, UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED", opening=3)
    (done,) = shown("alerts", "ack", ALERT, "--author", "ann", "--reason", "on it")
    assert (done["result"], done["unit_key"]) == ("APPLIED", UNIT)
    stale = run("alerts", "ack", ALERT)
    assert stale.exit_code == 1
    assert "STALE" in stale.stdout
    act = worker.acts[0]
    assert (act["kind"], act["subject"], act["author"], act["base"]) == ("ALERT_ACKNOWLEDGE", UNIT, "ann", -1)
    assert act["partition"] == partition_of(UNIT.encode(), PARTITIONS)
    assert json.loads(act["content"]) == {"kind": "CUSTODY_CONFLICT", "opening": 3, "reason": "on it"}


@pytest.mark.parametrize(("verb", "kind"), [("close", "ALERT_CLOSE"), ("reopen", "ALERT_REOPEN")])
def test_an_alert_is_closed_and_opened_again(ledger: LedgerRows, worker: AnsweringWorker, verb: str, kind: str) -> None:
    ledger.an_alert(ALERT, UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED")
    assert shown("alerts", verb, ALERT)[0]["result"] == "APPLIED"
    assert [act["kind"] for act in worker.acts] == [kind]
