"""An agent at work: one thread takes lines, another sends them, until there are no more or it is told to end.

Flow: a source -> stamped -> the spool, synced -> said to be taken; and from the spool to capture.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.agent.judge import Judge
from pipeline.agent.lines import Source
from pipeline.agent.report import Report
from pipeline.agent.requests import Requests
from pipeline.agent.sender import Sender
from pipeline.agent.spool import Spool
from pipeline.agent.stamp import Stamp
from pipeline.agent.taken import Taken
from pipeline.errors import CaptureRefused, SourceUnusable, SpoolUnusable
from pipeline.faults import Fault, never

_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2
_END_SECONDS: Final = 5.0
_TOGETHER: Final = 500
"""Lines synced at once: where there is no room for more, some are on disk."""
_DISK, _CURSOR = "taking", "keeping"

Acknowledge = Callable[[int, Sequence[Taken]], None]


@dataclass(frozen=True)
class Parts:
    """What an agent is made of."""

    spool: Spool
    stamp: Stamp
    sender: Sender
    judge: Judge
    requests: Requests
    report: Report
    hang_up: Callable[[], None]
    """Ends a request under way."""


@dataclass(frozen=True)
class Patience:
    """How long an agent whose source has ended goes on without getting on; None: for ever."""

    lines_seconds: float | None = None
    verdicts_seconds: float = 60.0


class Agent:
    """Takes the lines of a source and sends them."""

    def __init__(
        self, parts: Parts, source: Source, acknowledge: Acknowledge, patience: Patience, fault: Fault = never
    ) -> None:
        """Put it together; `acknowledge` is told the number of the last of some lines that are on disk."""
        self._parts, self._source, self._acknowledge = parts, source, acknowledge
        self._patience, self._fault = patience, fault
        self._stop, self._has_ended, self._wake = threading.Event(), threading.Event(), threading.Event()
        self._sending = threading.Thread(target=self._send_all, name="sending", daemon=True)
        self._error: BaseException | None = None

    def stop(self) -> None:
        """Be told to end, by a signal's handler or another thread: what is read is taken, the rest stays."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Work until the source has ended and all is sent and judged, patience is over, or it is told to stop.

        Raises: SourceUnusable; SpoolUnusable where lines read cannot be taken; CaptureRefused where nothing is taken
            from this agent and there are no more lines to keep.
        """
        self._sending.start()
        try:
            self._take_all()
        except BaseException:
            self.stop()
            raise
        finally:
            self._has_ended.set()
            self._wake.set()
            self._finish()
        if self._error is not None:
            raise self._error

    def _take_all(self) -> None:
        try:
            for lines in self._source.lines(self._stop):
                taken = [self._parts.stamp(line, self._source.name) for line in lines]
                for at in range(0, len(taken), _TOGETHER):
                    self._take(taken[at : at + _TOGETHER])
        except OSError as error:
            message = f"{self._source.name} cannot be read: {error.strerror or error}."
            raise SourceUnusable(message) from error
        if self._source.unfinished:
            size = self._source.unfinished
            self._parts.report.say(f"{size:,} bytes of a line that had not ended were read and are not taken.")

    def _take(self, lines: list[Taken]) -> None:
        """Put lines on disk; where that cannot be, try until it can, and read no further meanwhile."""
        begun = time.monotonic()
        while True:
            try:
                last = self._parts.spool.take(lines)
                break
            except SpoolUnusable as error:
                self._parts.report.trouble(_DISK, "full", f"No line is taken. {error}")
                is_over = time.monotonic() - begun > (self._patience.lines_seconds or math.inf)
                if self._stop.wait(_AGAIN_SECONDS) or is_over:
                    message = f"{error} {len(lines)} lines were read and are not taken, the first: {lines[0].body!r}"
                    raise SpoolUnusable(message) from error
        self._parts.report.well(_DISK, "Lines are taken again.")
        self._fault("agent.between_disk_and_word")
        self._acknowledge(last, lines)
        self._wake.set()

    def _finish(self) -> None:
        """Wait for the sending to end by itself; told to stop, hang up on a request that takes long."""
        while self._sending.is_alive() and not self._stop.is_set():
            self._sending.join(_LOOK_SECONDS)
        self._sending.join(_END_SECONDS)
        if self._sending.is_alive():
            self._parts.hang_up()
            self._sending.join(_END_SECONDS)

    def _send_all(self) -> None:
        try:
            self._send_until_over()
        except BaseException as error:  # told to the thread that waits
            self._error = error
            self.stop()

    def _send_until_over(self) -> None:
        parts, progress = self._parts, _Progress()
        while not self._stop.is_set():
            self._wake.clear()
            try:
                pause = min(parts.requests.step(), parts.sender.step(), parts.judge.step())
                parts.report.well(_CURSOR)
            except SpoolUnusable as error:
                parts.report.trouble(_CURSOR, "full", str(error))
                pause = _AGAIN_SECONDS
            if self._has_ended.is_set() and self._is_over(progress.seconds_since(parts.spool)):
                return
            if pause:
                self._wake.wait(min(pause, _LOOK_SECONDS if self._has_ended.is_set() else pause))

    def _is_over(self, idle_seconds: float) -> bool:
        """Tell whether there is nothing left to do, or no hope of it, once the source has ended."""
        spool = self._parts.spool
        if spool.waiting and self._parts.sender.stopped_because:
            raise CaptureRefused(self._parts.sender.stopped_because)
        if spool.waiting:
            return idle_seconds > (self._patience.lines_seconds or math.inf)
        return spool.unjudged() is None or idle_seconds > self._patience.verdicts_seconds


class _Progress:
    """Notices when a spool got on last."""

    def __init__(self) -> None:
        self._seen, self._at = (-1, -1), time.monotonic()

    def seconds_since(self, spool: Spool) -> float:
        if (now := spool.progress) != self._seen:
            self._seen, self._at = now, time.monotonic()
        return time.monotonic() - self._at
