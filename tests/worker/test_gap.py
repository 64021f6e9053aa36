"""Input removed before it was read: the partition stands still and red, until the loss is on record."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from pipeline.broker.admin import watermarks
from pipeline.broker.clients import admin_client
from pipeline.broker.topics import Topics
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import T0, a_scan
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import ROOT, Pair, a_ledger, environment, running, send, wait_for

_LONG_POLL_SECONDS = 2.0


@pytest.fixture
def settings(kafka_bootstrap: str, tmp_path: Path) -> Settings:
    return a_ledger(kafka_bootstrap, tmp_path)


def some(first: int, count: int = 10) -> list[Pair]:
    scans = [a_scan(scan_id=f"{n}", step="OBSERVE", event_time=T0 + n) for n in range(first, first + count)]
    return [(b"sku:ACME/PUMP/1", encode("scan", scan)) for scan in scans]


def remove_before(settings: Settings, topic: str, offset: int) -> None:
    name = Topics.load(settings.topic_prefix).name(topic)
    client = admin_client(settings)  # kept: without it nobody would hear the answer
    for future in client.delete_records([TopicPartition(name, 0, offset)]).values():
        future.result(30)
    wait_for(lambda: watermarks(settings, name)[0].low == offset)


def accept_gap(settings: Settings, partition: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jobs", "accept-gap", "--partition", str(partition)]
    told = environment(settings)
    return subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90)


def assert_on_record(settings: Settings, first: int, last: int, total: int) -> None:
    account = Account(settings, 0)
    (letter,) = [one.fields for one in account.by_ordinal if one.stream == "dead_letters"]
    assert (letter["error"], letter["offset"]) == ("GAP", first)
    assert f"offsets {first} to {last} were removed" in letter["detail"]
    assert [one.fields["ordinal"] for one in account.by_ordinal] == list(range(1, total + 1))


def test_a_gap_found_at_a_take_over_stops_the_partition_until_it_is_accepted(settings: Settings) -> None:
    with running(settings) as worker:
        send(settings, "scans", some(0))
        wait_until_accounted(settings, 0)
        assert worker.stop() == 0
    send(settings, "scans", some(10, 20))
    remove_before(settings, "scans", 17)
    with running(settings) as worker:
        wait_for(lambda: "accept-gap --partition 0" in str(worker.health()))
        assert "offsets 10 to 16 were removed before they were read" in str(worker.health())
        accepted = accept_gap(settings)
        assert (accepted.returncode, "offset 17" in accepted.stderr) == (0, True), accepted.stderr
        wait_until_accounted(settings, 0)
        wait_for(lambda: worker.health()["ok"])
        assert worker.stop() == 0
    assert_on_record(settings, 10, 16, 10 + 1 + 13)


def test_a_gap_that_comes_to_be_under_a_running_worker_stops_it_too(settings: Settings) -> None:
    with running(settings) as worker:
        send(settings, "scans", some(0))
        wait_until_accounted(settings, 0)
        worker.signal(signal.SIGSTOP)
        time.sleep(_LONG_POLL_SECONDS)  # a fetch under way is answered, empty: else it would bring what comes now
        send(settings, "scans", some(10, 20))
        remove_before(settings, "scans", 30)
        worker.signal(signal.SIGCONT)
        send(settings, "scans", some(30, 5))
        wait_for(lambda: "offsets 10 to 29 were removed" in str(worker.health()))
        assert accept_gap(settings).returncode == 0
        wait_until_accounted(settings, 0)
    assert_on_record(settings, 10, 29, 10 + 1 + 5)


def test_what_was_removed_before_any_worker_ever_ran_is_a_gap_too(settings: Settings) -> None:
    send(settings, "scans", some(0))
    remove_before(settings, "scans", 4)
    with running(settings) as worker:
        wait_for(lambda: "offsets 0 to 3 were removed before they were read" in str(worker.health()))
        assert "offset 4" in accept_gap(settings).stderr
        wait_until_accounted(settings, 0)
        wait_for(lambda: worker.health()["ok"])
        assert worker.stop() == 0
    assert_on_record(settings, 0, 3, 1 + 6)


def test_without_a_gap_nothing_is_accepted(settings: Settings) -> None:
    assert "no gap" in accept_gap(settings).stderr
    missing = accept_gap(settings, 7)
    assert (missing.returncode, "there is no partition 7" in missing.stderr) == (2, True)
