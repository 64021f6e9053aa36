"""The demo: everything planted is found, every scan proved, and nothing is left behind, also after Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.ledger.warm import warm_up

_COMMAND = [sys.executable, "-P", "-m", "jobs", "demo", "--scans", "3000"]
_INTERRUPTED = 130
_SECONDS = 150


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    warm_up()


def _start(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(folder), "KAFKA_BOOTSTRAP": "127.0.0.1:1"}  # not for a demo to use
    return subprocess.Popen(
        [*_COMMAND, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_interruptions,  # noqa: PLW1509  it touches no lock
    )


def _hear_interruptions() -> None:
    """Undoes what a shell does to a job in the background, which the tests may be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _until(start: str, lines: Iterable[str]) -> Iterator[str]:
    """Returns the lines up to the one that starts like this, all where none does."""
    for line in lines:
        yield line
        if line.startswith(start):
            return


def _left_behind(folder: Path) -> list[str]:
    running = [process for process in psutil.process_iter(["cmdline", "environ"]) if _is_of(process, folder)]
    return [f"{process.pid}: {process.info['cmdline']}" for process in running] + sorted(map(str, folder.iterdir()))


def _is_of(process: psutil.Process, folder: Path) -> bool:
    home = (process.info["environ"] or {}).get("SCANLEDGER_HOME", "")
    return str(folder) in home or str(folder) in " ".join(process.info["cmdline"] or [])


def test_the_demo_finds_all_that_was_planted_proves_every_scan_and_leaves_nothing(tmp_path: Path) -> None:
    demo = _start(tmp_path, "--json")
    out, said = demo.communicate(timeout=_SECONDS)
    assert demo.returncode == 0, said[-3000:]
    (found,) = json.loads(out)
    assert found["scans"] == sum(row["scans"] for row in found["verdicts"]) - found["derived"]["all"] == 3_000
    assert found["derived"]["accepted"] == found["derived"]["due"] > 0
    assert [row["kind"] for row in found["duplicates"]] == [f"D{n}" for n in range(1, 13)]
    assert all(0 < row["planted"] == row["found"] for row in found["duplicates"])
    assert {(row["recall"], row["precision"]) for row in found["reasons"] + found["alerts"]} == {(1.0, 1.0)}
    assert len(found["alerts"]) == 4
    assert found["verify"]["ok"]
    assert "DUPLICATE_COMMISSION" in {row["reason"] for row in found["duplicate"]["timeline"]}
    assert [row["afr_low"] < row["afr_percent"] < row["afr_high"] for row in found["worst_items"]] == [True] * 3
    assert found["seconds"]["total"] < _SECONDS
    assert _left_behind(tmp_path) == []


@pytest.mark.parametrize("moment", ["Starting clickhouse", pytest.param("Ready", marks=pytest.mark.slow)])
def test_ctrl_c_at_any_time_leaves_nothing_running_and_no_folder(tmp_path: Path, moment: str) -> None:
    with _start(tmp_path) as demo:
        assert demo.stderr is not None
        said = list(_until(moment, demo.stderr))
        assert said[-1].startswith(moment), "".join(said)
        demo.send_signal(signal.SIGINT)
        _, said_later = demo.communicate(timeout=_SECONDS)
    assert "Traceback" not in said_later
    assert demo.returncode == _INTERRUPTED
    assert _left_behind(tmp_path) == []


def test_a_folder_with_a_stack_is_not_taken_for_a_demo(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text("{}")
    demo = _start(tmp_path, "--home", str(tmp_path))
    _, said = demo.communicate(timeout=_SECONDS)
    assert (demo.returncode, "empty folder" in said) == (2, True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["stack.json"]
