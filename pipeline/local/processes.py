"""The processes of a stack: what each is, how it is started, found again by its record, and stopped."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psutil

from pipeline.local.checks import Check

_SAME_START_SECONDS = 2.0
_KILL_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """One process that is kept running.

    `stop_rank` orders the stop: lower ranks first, those of one rank together.
    """

    name: str
    command: tuple[str, ...]
    check: Check
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_rank: int = 0
    stop_seconds: float = 30.0


class Recorded(NamedTuple):
    """A process named so that a later one given the same number is not taken for it."""

    pid: int
    started: float


def record_of(pid: int) -> Recorded:
    """Returns the record of a running process.

    Raises:
        psutil.NoSuchProcess: It is not running.
    """
    return Recorded(pid, psutil.Process(pid).create_time())


def find(record: Recorded) -> psutil.Process | None:
    """Returns the process of the record while it runs."""
    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.started) < _SAME_START_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def spawn(command: Iterable[str], environment: Mapping[str, str], log_file: Path) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own, its output appended to the log.

    On Linux it gets SIGTERM when this process ends in whatever way.
    """
    with log_file.open("ab") as log:
        return subprocess.Popen(  # noqa: S603
            list(command),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent(os.getpid()),  # noqa: PLW1509  safe: the supervisor has no threads
        )


def stop(records: Iterable[Recorded], seconds: float) -> None:
    """Stops processes together: gracefully, then by force with everything they started."""
    alive = [process for process in map(find, records) if process is not None]
    for process in alive:
        _signal(process, signal.SIGTERM)
        _signal(process, signal.SIGCONT)  # one that is paused could not end otherwise
    psutil.wait_procs(alive, timeout=seconds)
    for process in alive:
        _kill_session(process.pid)
    psutil.wait_procs(alive, timeout=_KILL_SECONDS)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _kill_session(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None  # found by its record instead
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent ended before the line above
            os._exit(1)

    return in_child
