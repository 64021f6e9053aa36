"""Streams that a batch changes nothing in learn of it soon all the same: idle, killed in between, or stopped."""

import signal
import time
from pathlib import Path

from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.ledger.outputs import POSITION_KEY, STREAMS
from pipeline.settings import Settings
from pipeline.wire.schemas import decode
from tests.oracle.arrivals import Arrival, a_scan, arrived
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import a_ledger, running, send_arrivals, wait_for


def scans(first: int, count: int) -> list[Arrival]:
    """Returns first scans of so many units: a verdict and a unit each, nothing for any other stream."""
    return [arrived(a_scan(f"sku:ACME/W/{n:04}", minute=n)) for n in range(first, first + count)]


def told(settings: Settings) -> dict[str, list[int]]:
    """Returns the ordinals of the positions that each stream has."""
    positions: dict[str, list[int]] = {stream: [] for stream in STREAMS}
    for run in sweep(settings, first_offsets(settings, [Place(stream, 0) for stream in STREAMS])):
        positions[run.place.topic] += [
            decode(value)[1]["ordinal"]
            for message, value in zip(run.messages, run.values, strict=True)
            if message.key() == POSITION_KEY and value is not None
        ]
    return positions


def test_a_batch_writes_to_the_streams_it_changes_and_the_others_are_told_when_nothing_more_comes(
    kafka_bootstrap: str, tmp_path: Path
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    with running(settings):
        for n in range(8):
            send_arrivals(settings, scans(n, 1))
            wait_for(lambda n=n: told(settings)["verdicts"][-1:] == [n + 1])  # type: ignore[misc]
        wait_until_accounted(settings, 0)
    positions = told(settings)
    assert positions["units"] == list(range(1, 9))
    assert {stream: ordinals[-1] for stream, ordinals in positions.items()} == dict.fromkeys(STREAMS, 8)
    assert all(len(set(ordinals)) == len(ordinals) for ordinals in positions.values())
    Account(settings, 0).assert_whole()


def test_what_a_killed_worker_had_yet_to_tell_the_next_one_tells_though_nothing_more_comes(
    kafka_bootstrap: str, tmp_path: Path
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    with running(settings, fault="worker.between_commit_and_store") as worker:
        send_arrivals(settings, scans(0, 3))
        assert worker.process.wait(60) == -signal.SIGKILL
    assert {stream for stream, ordinals in told(settings).items() if ordinals} == {"verdicts", "units"}
    with running(settings):
        wait_until_accounted(settings, 0)
    assert {stream: ordinals[-1] for stream, ordinals in told(settings).items()} == dict.fromkeys(STREAMS, 3)
    Account(settings, 0).assert_whole()


def test_a_worker_that_is_stopped_leaves_no_stream_untold(kafka_bootstrap: str, tmp_path: Path) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    with running(settings) as worker:
        send_arrivals(settings, scans(0, 40))
        while not worker.counted("scanledger_worker_verdicts_total"):  # it is stopped before the others' time has come
            time.sleep(0.01)
        assert worker.stop() == 0
    positions = told(settings)
    assert {ordinals[-1] for ordinals in positions.values()} == {positions["units"][-1]}
