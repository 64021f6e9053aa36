"""The verbs that send: what goes on the log of a real broker, and that they wait for what became of it."""

import importlib
import json
import time
import uuid
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


@pytest.fixture(scope="module")
def worker(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnsweringWorker]:
    """Returns a worker on topics of this module's own, which the verbs find in the environment."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "SCANLEDGER_HOME": str(tmp_path_factory.mktemp("home")),
            "KAFKA_BOOTSTRAP": kafka_bootstrap,
            "SCANLEDGER_TOPIC_PREFIX": f"t{uuid.uuid4().hex[:12]}-",
            "SCANLEDGER_PARTITIONS": str(PARTITIONS),
            "COLUMNS": "300",
        }.items():
            environment.setenv(name, value)
        settings = Settings()
        create_topics(settings)
        for topic in ("verdicts", "acts", "units"):
            wait_until_led(settings, Topics.load(settings.topic_prefix).name(topic))
        with answering(settings, PARTITIONS) as running:
            yield running


@pytest.fixture
def settings(worker: AnsweringWorker) -> Settings:
    """Returns the settings of the worker and of the verbs."""
    assert not worker.is_away.is_set()
    return Settings()


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


def sent(settings: Settings, topic: str, partition: int) -> list[dict[str, Any]]:
    """Returns what is on an input topic."""
    return [decode(record.value or b"")[1] for record in read_partition(settings, topic, partition)]


def run(*arguments: str) -> Result:
    app = importlib.import_module(VERBS[arguments[0]].module).app
    return CliRunner().invoke(app, list(arguments[1:]))


def shown(*arguments: str) -> Any:  # noqa: ANN401  JSON
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def test_a_scan_goes_to_its_partition_and_its_own_verdict_comes_back(settings: Settings) -> None:
    for moment in ("2024-01-01T10:00:00Z", "2024-01-02T10:00:00+01:00"):
        (verdict,) = shown("scan", UNIT, "--step", "commission", "--site", "S", "--time", moment, "--scan-id", "same")
    partition = partition_of(UNIT.encode(), PARTITIONS)
    assert [scan["scan_id"] for scan in sent(settings, "scans", partition)[-2:]] == ["same", "same"]
    assert (verdict["outcome"], verdict["scan_id"], verdict["partition"]) == ("ACCEPTED", "same", partition)
    assert verdict["event_time"] == "2024-01-02T09:00:00+00:00"


def test_a_scan_carries_every_field_it_was_given(settings: Settings) -> None:
    options = {
        "destination": "D", "location": "aisle 4", "reader": "R", "operator": "o1", "document": "asn:1",
        "container": "sscc:106141412345678908", "other-unit": "sku:ACME/W-2/B", "lot": "L", "condition": "damaged",
        "source": "till", "corrects": "earlier",
    }  # fmt: skip
    flags = [text for name, value in options.items() for text in (f"--{name}", value)]
    result = run(
        "scan", UNIT, "--step", "SHIP", "--site", "S", *flags, "--expiry", "1970-01-11", "--attribute", "a=b=c"
    )
    assert "outcome" in result.stdout
    scan = sent(settings, "scans", partition_of(UNIT.encode(), PARTITIONS))[-1]
    expected = {name.replace("-", "_"): value for name, value in options.items()} | {
        "expiry": 10, "attributes": [{"name": "a", "value": "b=c"}], "origin": "CORRECTION", "step": "SHIP",
    }  # fmt: skip
    assert {name: scan[name] for name in expected} == expected


def test_without_a_worker_a_scan_says_so_and_stays_on_the_log(worker: AnsweringWorker, settings: Settings) -> None:
    worker.is_away.set()
    try:
        result = run("scan", UNIT, "--step", "SELL", "--site", "S", "--timeout", "0.3", "--scan-id", "unanswered")
    finally:
        worker.is_away.clear()
    assert isinstance(result.exception, NoAnswer)
    assert "start one with `scanledger worker`" in str(result.exception)
    assert sent(settings, "scans", partition_of(UNIT.encode(), PARTITIONS))[-1]["scan_id"] == "unanswered"


def test_sites_reach_every_partition_in_chunks_and_in_order(
    worker: AnsweringWorker, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.sites.CHUNK_SITES", 2)
    file = tmp_path / "sites.csv"
    file.write_text(SITES + "".join(f"site {n},{n},{n},shop\n" for n in range(5)), encoding="utf-8")
    before = [version_in_force(settings, partition) for partition in range(PARTITIONS)]
    answers = shown("sites", "load", str(file), "--author", "chunks")
    assert [answer["reference_version"] for answer in answers] == [version + 3 for version in before]
    acts = [act for act in worker.acts if act["author"] == "chunks"]
    for partition in range(PARTITIONS):
        assert sites_of(acts, partition) == [f"site {n}" for n in range(5)]
        assert version_in_force(settings, partition) == before[partition] + 3


def test_a_load_made_against_an_old_version_is_sent_again_where_it_was_refused(
    worker: AnsweringWorker, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = PARTITIONS - 1
    before = [version_in_force(settings, partition) for partition in range(PARTITIONS)]

    def somebody_is_quicker(settings: Settings, partition: int) -> int:
        if partition == last:
            other = {"id": "other", "kind": "SITES", "subject": "sites", "author": "race", "sent_at": 0}
            send_internal(settings, {**other, "base": before[last], "content": '[{"name": "theirs"}]'}, [last])
        return before[partition]

    monkeypatch.setattr("jobs.reference.version_in_force", somebody_is_quicker)
    file = tmp_path / "sites.csv"
    file.write_text(SITES + "ours,1,2,shop\n", encoding="utf-8")
    result = run("sites", "load", str(file), "--json", "--author", "race")
    versions = [row["reference_version"] for row in json.loads(result.stdout)]
    assert versions == [version + 1 for version in before[:last]] + [before[last] + 2]
    assert f"Another load came in between; sent again against what is in force now (partition {last}: " in result.stderr
    acts = [act for act in worker.acts if act["author"] == "race"]
    assert sites_of(acts, 0) == ["ours"]
    assert sites_of(acts, last) == ["theirs", "ours"]


def test_a_simulation_puts_its_sites_in_force_before_its_scans(
    worker: AnsweringWorker, settings: Settings, tmp_path: Path
) -> None:
    loads, scans = len(worker.acts), [len(sent(settings, "scans", partition)) for partition in range(PARTITIONS)]
    result = run("simulate", "--scans", "20", "--load-sites", "--out", str(tmp_path / "simulated"), "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    names = (tmp_path / "simulated" / "sites.csv").read_text().splitlines()[1:]
    for partition in range(PARTITIONS):
        assert sites_of(worker.acts[loads:], partition) == [name.split(",")[0] for name in names]
    assert "12 sites are in force in 2 partitions" in result.stderr
    assert "The ledger knows" not in result.stderr
    assert sum(len(sent(settings, "scans", partition)) for partition in range(PARTITIONS)) == sum(scans) + 20


def test_a_simulation_whose_sites_nobody_loads_sends_nothing(
    worker: AnsweringWorker, settings: Settings, tmp_path: Path
) -> None:
    before = [sent(settings, "scans", partition) for partition in range(PARTITIONS)]
    worker.is_away.set()
    try:
        result = run(
            "simulate", "--scans", "20", "--load-sites", "--timeout", "1", "--out", str(tmp_path / "simulated")
        )
    finally:
        worker.is_away.clear()
    assert isinstance(result.exception, NoAnswer)
    assert [sent(settings, "scans", partition) for partition in range(PARTITIONS)] == before


def test_a_faulty_site_table_sends_nothing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text(SITES + "good,1,2,shop\nbad,100,2,shop\n", encoding="utf-8")
    result = run("sites", "load", str(file), "--author", "faulty")
    assert isinstance(result.exception, RulesWrong)
    assert "row 3: latitude 100" in str(result.exception)
    assert "faulty" not in {record["author"] for p in range(PARTITIONS) for record in sent(settings, "internal", p)}


def test_a_lifecycle_is_put_in_force_for_more_keys(worker: AnsweringWorker, settings: Settings) -> None:
    before = version_in_force(settings, 0)
    answers = shown("lifecycle", "load", "asset", "--applies-to", "sku:BACKBLAZE/", "--applies-to", "sku:X/")
    assert [answer["result"] for answer in answers] == ["APPLIED"] * PARTITIONS
    lifecycles = {reference.lifecycle_of(b"sku:BACKBLAZE/M/1") for reference in worker.references}
    assert lifecycles == {2}  # asset
    assert version_in_force(settings, 0) == before + 1


def test_a_lifecycle_that_changes_the_place_of_a_state_is_refused(worker: AnsweringWorker, tmp_path: Path) -> None:
    text = Path("schemas/lifecycles/asset.toml").read_text(encoding="utf-8")
    file = tmp_path / "asset.toml"
    file.write_text(text.replace('states = ["IN_SERVICE", "IN_STORE",', 'states = ["IN_STORE", "IN_SERVICE",'))
    before = worker.references[0].version
    result = run("lifecycle", "load", str(file))
    assert isinstance(result.exception, RulesWrong)
    assert "refused LIFECYCLE asset (states)" in str(result.exception)
    assert worker.references[0].version == before


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
    worker.alert_results = ["APPLIED", "STALE"]
    (done,) = shown("alerts", "ack", ALERT, "--author", "ann", "--reason", "on it")
    assert (done["result"], done["unit_key"]) == ("APPLIED", UNIT)
    stale = run("alerts", "ack", ALERT)
    assert stale.exit_code == 1
    assert "STALE" in stale.stdout
    act = worker.acts[-2]
    assert (act["kind"], act["subject"], act["author"], act["base"]) == ("ALERT_ACKNOWLEDGE", UNIT, "ann", -1)
    assert act["partition"] == partition_of(UNIT.encode(), PARTITIONS)
    assert json.loads(act["content"]) == {"kind": "CUSTODY_CONFLICT", "opening": 3, "reason": "on it"}


@pytest.mark.parametrize(("verb", "kind"), [("close", "ALERT_CLOSE"), ("reopen", "ALERT_REOPEN")])
def test_an_alert_is_closed_and_opened_again(ledger: LedgerRows, worker: AnsweringWorker, verb: str, kind: str) -> None:
    ledger.an_alert(ALERT, UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED")
    assert shown("alerts", verb, ALERT)[0]["result"] == "APPLIED"
    assert worker.acts[-1]["kind"] == kind


def test_an_alert_is_given_to_somebody_from_whoever_had_it(ledger: LedgerRows, worker: AnsweringWorker) -> None:
    ledger.an_alert(ALERT, UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED", opening=3)
    assert shown("alerts", "assign", ALERT, "--to", "bob", "--author", "ann")[0]["result"] == "APPLIED"
    act = worker.acts[-1]
    told = {"kind": "CUSTODY_CONFLICT", "opening": 3, "reason": "", "to": "bob", "from": ""}
    assert (act["kind"], act["subject"], json.loads(act["content"])) == ("ALERT_ASSIGN", UNIT, told)
    ledger.warehouse.command(
        "INSERT INTO acts (partition, ordinal, kind, subject, result, author, content) VALUES"
        " (0, 77, 'ALERT_ASSIGN', {unit:String}, 'APPLIED', 'ann', {content:String})",
        {"unit": UNIT, "content": act["content"]},
    )
    (alert,) = shown("alerts", "list")
    assert (alert["assignee"], alert["assigned_by"]) == ("bob", "ann")
    shown("alerts", "assign", ALERT, "--to", "")
    assert json.loads(worker.acts[-1]["content"])["from"] == "bob"
    assert run("alerts", "assign", ALERT, "--to", "x" * 129).exit_code == 2
