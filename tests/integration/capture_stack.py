"""A whole stack for tests of the HTTP way in, and capture processes of their own beside the stack's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from pipeline.capture.http.keys import KeyRing, Role
from pipeline.local.home import StackHome
from pipeline.local.ports import free_ports

SITE = "shop-oslo"
PATIENCE_SECONDS = 120.0
_FOREIGN = ("KAFKA_BOOTSTRAP", "CLICKHOUSE_URL")


class CaptureStack:
    """A running stack: its capture's clients, and its parts by name."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._ring = KeyRing(home)

    @property
    def url(self) -> str:
        return str(StackHome(self.home).stack()["settings"]["capture_url"])

    def client(self, role: Role = "site", url: str = "") -> httpx.Client:
        key = self.key(role, SITE)
        return httpx.Client(base_url=url or self.url, headers={"Authorization": f"Bearer {key}"}, timeout=40)

    def key(self, role: Role, *sites: str) -> str:
        """Make an API key; only one of a site names sites."""
        return self._ring.create("test", role, sites if role == "site" else None)[1]

    def run(self, *words: str) -> str:
        """Run a command against this stack; return what it printed."""
        return _scanledger(self.home, *words)

    def pid(self, name: str) -> int:
        return next(int(child["pid"]) for child in StackHome(self.home).run()["children"] if child["name"] == name)

    @contextmanager
    def another(self, **variables: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        """Run one more capture process for the length of the block, on a port of its own unless one is named."""
        port = variables.setdefault("SCANLEDGER_CAPTURE_PORT", str(free_ports(1)[0]))
        environment = _environment(self.home) | variables
        process = subprocess.Popen([sys.executable, "-m", "jobs", "capture"], env=environment)
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _answers(url, process))
            yield url, process
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def running_capture_stack(home: Path, *words: str) -> Iterator[CaptureStack]:
    """Run a stack as long as the block runs; the words are told to `up`."""
    _scanledger(home, "up", *words)
    try:
        yield CaptureStack(home)
    finally:
        _scanledger(home, "down")


def until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something, with a deadline."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def post_until_taken(client: httpx.Client, scans: list[dict[str, Any]], word: str) -> dict[str, Any]:
    """Send a request as a careful client does: again, the same, until it is taken."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert time.monotonic() < deadline
        begun = time.monotonic()
        answer = client.post("/v1/scans", json=scans, headers={"Idempotency-Key": word})
        if answer.status_code == 202:
            return dict(answer.json())
        assert answer.status_code in {409, 429, 503}, answer.text
        assert answer.headers["Retry-After"]
        assert time.monotonic() - begun < 2.5  # 2 s, and half a second for a busy machine
        time.sleep(0.1)


def decided(client: httpx.Client, receipt: str) -> dict[str, int]:
    """Return the counts of a receipt of which nothing is pending any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = client.get(f"/v1/receipts/{receipt}", params={"limit": 1})
        if answer.status_code == 200 and not answer.json()["counts"]["pending"]:
            return dict(answer.json()["counts"])
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "capture ended while starting"
    try:
        return httpx.get(f"{url}/health").status_code in {200, 503}
    except httpx.TransportError:
        return False


def _environment(home: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {**own, "SCANLEDGER_HOME": str(home)}


def _scanledger(home: Path, *words: str) -> str:
    command = [sys.executable, "-m", "jobs", *words]
    ran = subprocess.run(command, env=_environment(home), capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}"
    return ran.stdout


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Let a process stand still for the length of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
