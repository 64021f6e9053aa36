"""The supervisor of a stack: starts children stage by stage, restarts those that die, stops all in order.

One thread, one loop. It is the only writer of run.json while it lives; `status` and `down` read it.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from types import FrameType

from pipeline.errors import LocalStackUnusable
from pipeline.local.checks import ask
from pipeline.local.home import StackHome
from pipeline.local.kept import Kept
from pipeline.local.processes import Child, record_of, spawn, stop

_POLL_SECONDS = 0.1
_READY_SECONDS = 180.0
_REMIND_SECONDS = 15.0
_LOG_LIMIT_BYTES = 20_000_000
_LOG_TAIL_LINES = 8

Say = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """A command that must succeed once before the next stage, such as creating the topics."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """Children started together, and the tasks run when all of them answer and none lags."""

    children: tuple[Child, ...] = ()
    tasks: tuple[Task, ...] = ()
    lagging: Callable[[], Sequence[str]] = tuple
    """Names those that answer and are not at work yet; asked once all answer."""


class _StopAsked(Exception):  # noqa: N818  no error: someone asked
    """SIGTERM or SIGINT came while the stack was starting."""


class Supervisor:
    """Runs the stages in one home until it is told to stop."""

    def __init__(self, home: StackHome, stages: Sequence[Stage], say: Say) -> None:
        self._home = home
        self._stages = stages
        self._say_aloud = say
        self._kept: list[Kept] = []
        self._stopping = False

    def run(self) -> None:
        """Starts everything, keeps it running, and returns when all is stopped after SIGTERM or SIGINT.

        Raises:
            LocalStackUnusable: A part could not be started; whatever had been started is stopped.
        """
        with self._signals():
            error = ""
            try:
                self._start_all()
                self._keep_running()
            except _StopAsked:
                self._say("Asked to stop before everything was up")
            except LocalStackUnusable as failure:
                error = str(failure)
                raise
            finally:
                self._stop_all()
                self._kept.clear()
                self._write("failed" if error else "stopped", error)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        former = {number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True  # a flag alone: raising here could lose a child between its start and its record

    def _start_all(self) -> None:
        self._write("starting")
        for stage in self._stages:
            for child in stage.children:
                self._say(f"Starting {child.name}")
                self._kept.append(Kept(child, self._home.log_file(child.name)))
                self._write("starting")
            self._wait_until_ready(stage)
            self._run_tasks(stage.tasks)

    def _keep_running(self) -> None:
        self._say("Ready")  # first: who waits for the state leaves off listening when it comes
        self._write("ready")
        while not self._stopping:
            for kept in self._kept:
                happened = _tend(kept)
                if happened:
                    self._say(happened)
                    self._write("ready")
            self._limit_logs()
            time.sleep(_POLL_SECONDS)

    def _wait_until_ready(self, stage: Stage) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        reminder = time.monotonic() + _REMIND_SECONDS
        waiting = list(stage.children)
        names = [child.name for child in waiting]
        while names:
            self._fail_on_death()
            answering = [child for child in waiting if ask(child.check) == "ok"]
            for child in answering:
                self._say(f"{child.name} answers on port {child.check.port}")
                waiting.remove(child)
            names = [child.name for child in waiting] or list(stage.lagging())
            if names and time.monotonic() > reminder:
                self._say(f"Waiting for {', '.join(names)}")
                reminder += _REMIND_SECONDS
            if names and time.monotonic() > deadline:
                message = f"{names[0]} did not answer within {_READY_SECONDS:.0f} s; {self._log_tail(names[0])}"
                raise LocalStackUnusable(message)
            self._pause()

    def _fail_on_death(self) -> None:
        for kept in self._kept:
            if kept.exit_code is not None:
                name = kept.child.name
                message = f"{name} ended with {kept.exit_code} while starting; {self._log_tail(name)}"
                raise LocalStackUnusable(message)

    def _run_tasks(self, tasks: Sequence[Task]) -> None:
        running = [(task, spawn(task.command, task.environment, self._home.log_file(task.name))) for task in tasks]
        try:
            for task, process in running:
                while process.poll() is None:
                    self._pause()
                if process.returncode != 0:
                    message = f"{task.name} failed; {self._log_tail(task.name)}"
                    raise LocalStackUnusable(message)
        finally:
            for _task, process in running:
                process.kill()
                process.wait()

    def _pause(self) -> None:
        if self._stopping:
            raise _StopAsked
        time.sleep(_POLL_SECONDS)

    def _limit_logs(self) -> None:
        """Keeps each log and one former part of it; children append, so the file may be cut under them."""
        for file in self._home.logs.glob("*.log"):
            if file.stat().st_size > _LOG_LIMIT_BYTES:
                with suppress(OSError):  # a full disk
                    file.with_suffix(".log.1").write_bytes(file.read_bytes())
                file.write_bytes(b"")

    def _stop_all(self) -> None:
        self._write("stopping")
        in_order = sorted(self._kept, key=lambda kept: kept.child.stop_rank)
        for _rank, together in groupby(in_order, key=lambda kept: kept.child.stop_rank):
            group = list(together)
            self._say(f"Stopping {', '.join(kept.child.name for kept in group)}")
            stop([kept.record for kept in group], max(kept.child.stop_seconds for kept in group))

    def _log_tail(self, name: str) -> str:
        file = self._home.log_file(name)
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return f"its log {file} ends:\n" + "\n".join(lines[-_LOG_TAIL_LINES:])

    def _say(self, line: str) -> None:
        with suppress(OSError):  # a full disk must not take the stack down
            self._say_aloud(line)

    def _write(self, state: str, error: str = "") -> None:
        run = {
            "state": state,
            "error": error,
            "supervisor": record_of(os.getpid())._asdict(),
            "children": [kept.as_written() for kept in self._kept],
        }
        try:
            self._home.write_run(run)
        except OSError as failure:
            self._say(f"{self._home.run_file} could not be written: {failure.strerror}")


def _tend(kept: Kept) -> str:
    try:
        return kept.tend()
    except OSError as failure:
        return f"{kept.child.name} could not be started: {failure.strerror}"
