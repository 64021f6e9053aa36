"""A child that is kept running: the process that runs it now, and when a dead one is started again."""

import subprocess
import time
from dataclasses import asdict
from pathlib import Path

from pipeline.local.processes import Child, record_of, spawn

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0


class Kept:
    """Starts the child at once; `tend` starts it again, later each time it dies young."""

    def __init__(self, child: Child, log_file: Path) -> None:
        self.child = child
        self._log_file = log_file
        self.restarts = 0
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._due: float | None = None
        self._start()

    def _start(self) -> None:
        self._process: subprocess.Popen[bytes] = spawn(self.child.command, self.child.environment, self._log_file)
        self.record = record_of(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """The code the process ended with, None while it runs."""
        return self._process.poll()

    def tend(self) -> str:
        """Restarts a dead child when its pause is over; returns what happened in words, or nothing."""
        code = self.exit_code
        if code is None:
            if time.time() - self.record.started > _STEADY_SECONDS:
                self._pause_seconds = _FIRST_PAUSE_SECONDS
            return ""
        if self._due is None:
            self._due = time.monotonic() + self._pause_seconds
            return f"{self.child.name} ended with {code}; starting it again in {self._pause_seconds:.1f} s"
        if time.monotonic() < self._due:
            return ""
        self._due = None
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
        self.restarts += 1
        self._start()
        return f"{self.child.name} started again"

    def as_written(self) -> dict[str, object]:
        """Returns the child's entry in run.json."""
        return {
            "name": self.child.name,
            "pid": self.record.pid,
            "started": self.record.started,
            "restarts": self.restarts,
            "stop_rank": self.child.stop_rank,
            "stop_seconds": self.child.stop_seconds,
            "check": asdict(self.child.check),
        }
