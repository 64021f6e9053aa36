"""Two workers that share partitions and hand them over, in order, killed or asleep: what they write is one ledger's."""

import signal
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.oracle.generate import seeded_history
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import WorkerProcess, a_ledger, running, send_arrivals, wait_for

PARTITIONS = 2
UNITS = [f"sku:ACME/PUMP/{n}" for n in range(12)]


@pytest.fixture
def settings(kafka_bootstrap: str, tmp_path: Path) -> Settings:
    return a_ledger(kafka_bootstrap, tmp_path, partitions=PARTITIONS, batch_records=50)


class Stream:
    """Arrivals of a seed, sent piece by piece."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self._settings = settings
        arrivals = seeded_history(seed, 1_600, UNITS)
        self._pieces = iter([arrivals[at : at + 200] for at in range(0, len(arrivals), 200)])

    def more(self, pieces: int = 1) -> None:
        """Sends the next pieces."""
        for _ in range(pieces):
            send_arrivals(self._settings, next(self._pieces), PARTITIONS)


def owned_by(worker: WorkerProcess) -> set[str]:
    return {name for name in worker.health().get("facts", {}).get("watched", []) if name.startswith("partition")}


def assert_one_ledger(settings: Settings) -> None:
    wait_until_accounted(settings, *range(PARTITIONS))
    for partition in range(PARTITIONS):
        Account(settings, partition).assert_whole()


def test_partitions_handed_over_in_order_are_one_ledger(settings: Settings) -> None:
    stream = Stream(settings, 1)
    with running(settings, "first") as first:
        stream.more()
        wait_until_accounted(settings, 0, 1)
        stream.more()
        with running(settings, "second") as second:
            stream.more()
            wait_for(lambda: owned_by(first) and owned_by(second) and not owned_by(first) & owned_by(second))
            stream.more()
            assert first.stop() == 0
            stream.more()
            wait_for(lambda: len(owned_by(second)) == PARTITIONS)
            assert_one_ledger(settings)
            assert second.health()["ok"]
            assert second.stop() == 0


def test_a_worker_killed_in_the_middle_leaves_nothing_undone_or_done_twice(settings: Settings) -> None:
    stream = Stream(settings, 2)
    with running(settings, "first", "worker.between_commit_and_store:3") as first, running(settings, "second"):
        stream.more(4)
        wait_for(lambda: first.process.poll() is not None)
        assert first.process.returncode == -signal.SIGKILL
        stream.more(2)
        with running(settings, "first"):
            stream.more(2)
            assert_one_ledger(settings)


def test_a_worker_asleep_past_its_session_changes_nothing_when_it_wakes(settings: Settings) -> None:
    stream = Stream(settings, 3)
    with running(settings, "sleeper") as sleeper, running(settings, "other") as other:
        stream.more(2)
        wait_for(lambda: owned_by(sleeper) and owned_by(other))
        wait_until_accounted(settings, 0, 1)
        sleeper.signal(signal.SIGSTOP)
        stream.more(2)
        wait_for(lambda: len(owned_by(other)) == PARTITIONS)
        wait_until_accounted(settings, 0, 1)
        sleeper.signal(signal.SIGCONT)
        stream.more(2)
        wait_until_accounted(settings, 0, 1)
        wait_for(lambda: sleeper.health()["ok"] and other.health()["ok"])
        stream.more(2)
        assert_one_ledger(settings)
        assert sleeper.process.poll() is None
        assert (sleeper.stop(), other.stop()) == (0, 0)


def test_workers_killed_while_they_take_over_are_followed_by_one_that_knows_everything(settings: Settings) -> None:
    stream = Stream(settings, 4)
    with running(settings, "first") as first:
        stream.more(2)
        wait_until_accounted(settings, 0, 1)
        first.kill()
    stream.more()
    for fault in ("worker.takeover", "worker.recovery"):
        with running(settings, "second", fault) as second:  # its store is empty: it has everything to recover
            assert second.process.wait(90) == -signal.SIGKILL
    with running(settings, "second") as second:
        stream.more()
        assert_one_ledger(settings)
        assert second.stop() == 0
