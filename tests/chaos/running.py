"""A whole stack in a folder of its own, and a storm that kills its parts at random."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from pipeline.local.home import StackHome
from pipeline.local.processes import Recorded, find

_UP_SECONDS = 300
_FOREIGN = ("KAFKA_BOOTSTRAP", "CLICKHOUSE_URL")
_QUICK = {"SCANLEDGER_SESSION_TIMEOUT_SECONDS": "6", "SCANLEDGER_BATCH_RECORDS": "2000"}


@contextmanager
def running_stack(home: Path, workers: int) -> Iterator[StackHome]:
    """Run a stack as long as the block runs; small batches, so that a kill falls into one."""
    _scanledger(home, "up", "--workers", str(workers))
    try:
        yield StackHome(home)
    finally:
        _scanledger(home, "down")


def verify(home: Path) -> subprocess.CompletedProcess[str]:
    """Run `scanledger verify` against the stack."""
    return _run(home, "verify")


class Storm:
    """Kills one part after the other, at moments and in an order that a seed decides."""

    def __init__(self, home: StackHome, kills: int, seconds: float, seed: int) -> None:
        self._home, self._kills, self._seconds = home, kills, seconds
        self._random = random.Random(seed)  # noqa: S311  no secret
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._blow)
        self.killed: list[str] = []

    def __enter__(self) -> "Storm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _blow(self) -> None:
        while len(self.killed) < self._kills:
            self._over.wait(self._random.uniform(0.2, 2 * self._seconds / self._kills))
            alive = {name: found for name, found in self._parts().items() if found is not None}
            if alive:
                name = self._random.choice(sorted(alive))
                alive[name].kill()
                self.killed.append(name)

    def _parts(self) -> dict[str, psutil.Process | None]:
        children = self._home.run().get("children", [])
        return {child["name"]: find(Recorded(child["pid"], child["started"])) for child in children}


def _scanledger(home: Path, *words: str) -> None:
    ran = _run(home, *words)
    assert ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}"


def _run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    command = [sys.executable, "-m", "jobs", *words]
    environment = {**own, **_QUICK, "SCANLEDGER_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=_UP_SECONDS)
