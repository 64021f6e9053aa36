"""A worker's life: without a broker or topics, on a full disk, fenced, stopped in the middle of its work."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from pipeline.broker.admin import watermarks
from pipeline.broker.topics import Topics
from pipeline.broker.transactions import OwnershipLost, TransactionalWriter
from pipeline.local.ports import free_ports
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from pipeline.worker.takeover import transactional_id
from tests.oracle.arrivals import a_scan
from tests.oracle.generate import seeded_history
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import ROOT, WorkerProcess, a_ledger, environment, running, send_arrivals, wait_for

ENVIRONMENT_BROKEN = 2


def start_in_vain(settings: Settings) -> tuple[int, str, float]:
    """Returns exit code, what was said and the seconds after which it was said."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "jobs", "worker"]
    told = environment(settings)
    ended = subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return ended.returncode, ended.stderr, time.monotonic() - begun


def test_without_a_broker_the_worker_says_within_ten_seconds_what_to_do(tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"
    code, said, seconds = start_in_vain(Settings.model_validate({"kafka_bootstrap": nowhere, "home": tmp_path}))
    assert (code, f"Kafka does not answer at {nowhere}" in said) == (ENVIRONMENT_BROKEN, True)
    assert "`scanledger up` starts a local one" in said
    assert "Traceback" not in said
    assert seconds < 10 + 5 * os.getloadavg()[0] / (os.cpu_count() or 1)  # 10 s, and what a busy machine adds


def test_without_topics_the_worker_says_how_to_make_them(kafka_bootstrap: str, tmp_path: Path) -> None:
    given = {"kafka_bootstrap": kafka_bootstrap, "home": tmp_path, "topic_prefix": "never-made-"}
    code, said, _ = start_in_vain(Settings.model_validate(given))
    assert (code, "topics create" in said, "Traceback" in said) == (ENVIRONMENT_BROKEN, True, False)


def test_a_second_worker_of_one_name_is_refused(kafka_bootstrap: str, tmp_path: Path) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    with running(settings):
        code, said, _ = start_in_vain(settings)
        assert (code, "SCANLEDGER_WORKER" in said) == (ENVIRONMENT_BROKEN, True)


def test_a_worker_told_to_stop_in_the_middle_finishes_its_batch_and_leaves_no_transaction_open(
    kafka_bootstrap: str, tmp_path: Path
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path, batch_records=10)
    history = seeded_history(5, 3_000)
    with running(settings) as worker:
        send_arrivals(settings, history)
        wait_for(lambda: Account(settings, 0).by_ordinal)
        assert worker.stop() == 0
    begun = time.monotonic()
    writer = TransactionalWriter(settings, transactional_id(settings, 0))
    writer.take_over()  # an open transaction would hold it up until it was aborted
    assert time.monotonic() - begun < 30
    writer.close()
    with running(settings) as worker:
        wait_until_accounted(settings, 0)
        assert worker.stop() == 0
    Account(settings, 0).assert_whole()


def test_a_worker_that_is_fenced_and_still_a_member_takes_over_again_and_reads_again_what_it_had_fetched(
    kafka_bootstrap: str, tmp_path: Path
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path, batch_records=20)
    history = [arrival for arrival in seeded_history(6, 1_100) if not arrival.is_internal]
    with running(settings) as worker:
        wait_for(lambda: worker.health().get("facts", {}).get("watched"))
        for at in range(0, 900, 300):
            intruder = TransactionalWriter(settings, transactional_id(settings, 0))
            intruder.take_over()  # the worker has several batches in hand when it notices
            send_arrivals(settings, history[at : at + 300])
            wait_until_accounted(settings, 0)
            intruder.close()
        wait_for(lambda: worker.health()["ok"])
        assert worker.stop() == 0
        said = worker.log.read_text()
        assert "Fenced" in said
        assert "did not arrive" not in said
    Account(settings, 0).assert_whole()


def test_scans_sent_in_a_transaction_leave_no_lag_behind(kafka_bootstrap: str, tmp_path: Path) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    scans = Topics.load(settings.topic_prefix).name("scans")
    site = TransactionalWriter(settings, f"{settings.topic_prefix}site")
    site.take_over()
    with running(settings) as worker:
        for n in range(3):
            body = encode("scan", a_scan(scan_id=f"{n}", step="OBSERVE"))
            site.write(0, [(scans, [b"sku:ACME/PUMP/1"], [body])], watched=scans)
        wait_for(lambda: len(Account(settings, 0).by_ordinal) == 3)
        high = watermarks(settings, scans)[0].high
        assert high == 6  # each scan is followed by its transaction's marker
        wait_for(lambda: lag_of(worker, scans) == 0)
        assert worker.stop() == 0
    site.close()
    Account(settings, 0).assert_whole()


def lag_of(worker: WorkerProcess, topic: str) -> float | None:
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.settings.health_port}/metrics", timeout=5) as answer:  # noqa: S310
        lines = answer.read().decode().splitlines()
    name = f'scanledger_worker_lag_records{{partition="0",topic="{topic}"}} '
    return next((float(line.removeprefix(name)) for line in lines if line.startswith(name)), None)


def test_a_full_disk_turns_the_worker_red_and_nothing_is_lost_when_there_is_room_again(
    kafka_bootstrap: str, tmp_path: Path, small_disk: Path
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path, store=small_disk)
    history = seeded_history(7, 600)
    send_arrivals(settings, history[:300])
    (small_disk / "worker-1").mkdir()
    (small_disk / "worker-1" / "owner").touch()
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as filling, pytest.raises(OSError, match="No space left"):
        while True:
            filling.write(bytes(4096))
    with running(settings) as worker:
        wait_for(lambda: "Free or add disk space" in str(worker.health()))
        assert (worker.health()["ok"], str(small_disk) in str(worker.health())) == (False, True)
        ballast.unlink()
        wait_until_accounted(settings, 0)
        wait_for(lambda: worker.health()["ok"])
        send_arrivals(settings, history[300:])
        wait_until_accounted(settings, 0)
        assert worker.stop() == 0
    Account(settings, 0).assert_whole()


@pytest.mark.parametrize("is_store_kept", [True, False])
def test_a_worker_that_starts_again_knows_units_sites_and_position(
    kafka_bootstrap: str, tmp_path: Path, is_store_kept: bool
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    history = seeded_history(8, 600)  # it begins with a load of sites: unknown ones would be flagged
    for part, ending in ((history[:300], signal.SIGKILL), (history[300:], signal.SIGTERM)):
        with running(settings) as worker:
            send_arrivals(settings, part)
            wait_until_accounted(settings, 0)
            worker.signal(ending)
            assert worker.process.wait(60) in {0, -signal.SIGKILL}
        if not is_store_kept:
            subprocess.run(["rm", "-r", str(settings.home / "store")], check=True)
    Account(settings, 0).assert_whole()


class _Muddled:
    """A client whose callback was run while an error was on its way."""

    def begin_transaction(self) -> None:
        message = "returned a result with an exception set"
        raise SystemError(message)


def test_a_muddled_client_is_an_ownership_to_be_taken_over_afresh(
    kafka_bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = TransactionalWriter(a_ledger(kafka_bootstrap, tmp_path), "muddled")
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_producer", _Muddled())
        with pytest.raises(OwnershipLost, match="exception set"):
            writer.write(0, [], watched="units")
    writer.close()
