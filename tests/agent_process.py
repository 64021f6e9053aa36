"""An agent as a process of its own, killed and started again as a test likes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

PATIENCE_SECONDS = 120.0
_FOREIGN = ("KAFKA_BOOTSTRAP", "CLICKHOUSE_URL", "SCANLEDGER_HOME")


class AgentHouse:
    """Runs agents on one spool, and asks about it."""

    def __init__(self, spool: Path, url: str, key: str) -> None:
        self.spool = spool
        self._started: list[subprocess.Popen[str]] = []
        self._environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        self._environment |= {
            "SCANLEDGER_URL": url,
            "SCANLEDGER_KEY": key,
            "SCANLEDGER_HOME": str(spool.parent / "none"),
        }

    def start(self, *words: str, stdin: int | IO[str] = subprocess.DEVNULL, **variables: str) -> subprocess.Popen[str]:
        """Start an agent; what it says goes to a file beside the spool."""
        with self.spool.with_suffix(".log").open("a") as log:
            process = subprocess.Popen(
                self._command("--spool", str(self.spool), *words), env=self._environment | variables, stdin=stdin,
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        self._started.append(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> None:
        """Tell an agent to end, which it must do in order."""
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0, self.said

    def close(self) -> None:
        """Leave none running."""
        for process in self._started:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()

    def run(self, *words: str, given: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the agent to its end."""
        ended = subprocess.run(
            self._command(*words, "--spool", str(self.spool)), env=self._environment | variables, input=given,
            capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    def drain(self, *words: str) -> None:
        """Send what is left."""
        ended = self.run("--once", *words)
        assert ended.returncode == 0, ended.stderr

    def status(self) -> Mapping[str, Any]:
        (row,) = json.loads(self.run("status", "--json").stdout)
        return dict(row)

    @property
    def said(self) -> str:
        return self.spool.with_suffix(".log").read_text()

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "jobs", "agent", *words]


def until(is_so: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something, with a deadline."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
