"""One process under measurement: its processor seconds, its memory, its own metrics; paused, continued, ended."""

import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05
_QUIET_SHARE = 0.05
_CALM_SECONDS = 1.0


class PartFailed(Exception):
    """A process ended, or did not get as far as it should in time."""


@dataclass(frozen=True)
class Sample:
    """What a process had spent and counted at one moment.

    Units: wall and cpu in seconds, cpu being user and system time of this process alone.
    Shape: threads is processor seconds by kind of thread, metrics the value of each sample by its text.
    """

    wall: float
    cpu: float
    threads: dict[str, float]
    metrics: dict[str, float]

    def total(self, name: str) -> float:
        """Return the sum of a metric over all its labels."""
        return sum(value for text, value in self.metrics.items() if text.partition("{")[0] == name)


class Part:
    """A child process and its endpoint of metrics."""

    def __init__(self, command: Sequence[str], variables: dict[str, str], log_file: Path, port: int) -> None:
        self.log_file, self.port = log_file, port
        self._name = " ".join(command[-2:])
        with log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._ps = psutil.Process(self.process.pid)

    def sample(self) -> Sample:
        """Return what it has spent and counted so far; metrics are empty while it does not answer."""
        metrics = self._metrics()
        times = self._ps.cpu_times()
        return Sample(time.monotonic(), times.user + times.system, self._threads(), metrics)

    def peak_rss_mb(self) -> float:
        """Return the most memory it ever had resident, in MB of 10^6 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kilobytes) * 1024 / 1e6

    def wait(self, what: str, is_done: Callable[[Sample], bool], seconds: float) -> Sample:
        """Return the first sample that will do.

        Raises:
            PartFailed: it ended, or the time is over; with the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not is_done(sample := self.sample()):
            if self.process.poll() is not None:
                message = f"{self._name} ended with {self.process.returncode}: {self.last_words()}"
                raise PartFailed(message)
            if time.monotonic() > deadline:
                message = f"{self._name}: no {what} after {seconds:.0f} s: {self.last_words()}"
                raise PartFailed(message)
            time.sleep(_POLL_SECONDS)
        return sample

    def wait_until_calm(self, seconds: float) -> None:
        """Return when it has spent next to nothing for a second, for example after compactions; at the latest then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            before = self._ps.cpu_times()
            time.sleep(_CALM_SECONDS)
            after = self._ps.cpu_times()
            if after.user + after.system - before.user - before.system < _QUIET_SHARE * _CALM_SECONDS:
                return

    def pause(self) -> None:
        """Let it do nothing until it goes on."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it: in order, by force where that takes too long."""
        if self.process.poll() is not None:
            return
        self.go_on()
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _metrics(self) -> dict[str, float]:
        if not self.port:
            return {}
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
                lines = answer.read().decode().splitlines()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return {}
        pairs = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def _threads(self) -> dict[str, float]:
        """Return processor seconds by kind: the main thread, librdkafka's and RocksDB's by their names, the others."""
        kinds: dict[str, float] = {}
        try:
            for thread in self._ps.threads():
                kind = self._kind(thread.id)
                kinds[kind] = kinds.get(kind, 0.0) + thread.user_time + thread.system_time
        except psutil.Error:
            return {}
        return kinds

    def _kind(self, thread: int) -> str:
        if thread == self.process.pid:
            return "main"
        try:
            name = Path(f"/proc/{self.process.pid}/task/{thread}/comm").read_text()
        except OSError:
            return "other"
        return next((kind for kind in ("rdk", "rocksdb") if name.startswith(kind)), "other")

    def last_words(self) -> str:
        """Return the end of its log."""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])
