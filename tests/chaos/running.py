"""A whole stack in a folder of its own, and a storm that kills its parts at random."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from pipeline.local.home import StackHome
from pipeline.local.processes import Recorded, find
from pipeline.local.stack import status

KINDS = ("worker", "sink", "clickhouse", "kafka")
_UP_SECONDS = 300
_WELL_SECONDS = 180
_FOREIGN = ("KAFKA_BOOTSTRAP", "CLICKHOUSE_URL")
_QUICK = {"SCANLEDGER_SESSION_TIMEOUT_SECONDS": "6", "SCANLEDGER_BATCH_RECORDS": "2000"}


@contextmanager
def running_stack(home: Path, workers: int) -> Iterator[StackHome]:
    """Run a stack as long as the block runs; small batches, so that a kill falls into one."""
    _scanledger(home, "up", "--workers", str(workers), "--no-findings")  # a finding is a record more
    try:
        yield StackHome(home)
    finally:
        _scanledger(home, "down")


def wait_until_well(home: StackHome) -> None:
    """Wait until every part runs and says that it is well."""
    deadline = time.monotonic() + _WELL_SECONDS
    while not all(row["health"] == "ok" for row in status(home)):
        assert time.monotonic() < deadline, status(home)
        time.sleep(0.2)


def verify(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `scanledger verify` against the stack."""
    return _run(home, "verify")


def replay(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `scanledger replay` against the stack."""
    return _run(home, "replay", "--into", "replayed")


def backtest(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `scanledger backtest` with the rules as they were against the stack."""
    return _run(home, "backtest")


class Storm:
    """Kills one part after the other, at moments and in an order that a seed decides; every kind in turn."""

    def __init__(self, home: StackHome, kills: int, seconds: float, seed: int) -> None:
        self._home, self._kills, self._seconds = home, kills, seconds
        self._random = random.Random(seed)  # noqa: S311  no secret
        self._begun = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._blow)
        self._kinds: list[str] = []
        self.killed: list[str] = []

    def __enter__(self) -> "Storm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def hold_back(self, share: float) -> None:
        """Wait before this share of the records is exceeded, so that they stream as long as parts die."""
        due = self._begun + share * self._seconds
        while time.monotonic() < due or share > (len(self.killed) + 1) / self._kills:
            assert self._thread.is_alive() or len(self.killed) == self._kills, "the storm ended early"
            time.sleep(0.02)

    def _blow(self) -> None:
        while len(self.killed) < self._kills:
            kind = self._next_kind()
            self._over.wait(self._random.uniform(0.2, 2 * self._seconds / self._kills))
            while not (alive := [(name, found) for name, found in self._parts() if found and name.startswith(kind)]):
                self._over.wait(0.05)
            name, process = self._random.choice(alive)
            process.kill()
            self.killed.append(name)

    def _next_kind(self) -> str:
        if not self._kinds:
            self._kinds = self._random.sample(KINDS, len(KINDS))
        return self._kinds.pop()

    def _parts(self) -> list[tuple[str, psutil.Process | None]]:
        children = self._home.run().get("children", [])
        return [(child["name"], find(Recorded(child["pid"], child["started"]))) for child in children]


def _scanledger(home: Path, *words: str) -> None:
    ran = _run(home, *words)
    assert ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}"


def _run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    command = [sys.executable, "-m", "jobs", *words]
    environment = {**own, **_QUICK, "SCANLEDGER_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=_UP_SECONDS)
