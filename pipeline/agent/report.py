"""What an agent is doing: said to people when it changes, and in a file for `agent status`."""

import contextlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

Phase = Literal["working", "waiting", "stopped", "full"]
"""Working; capture is away or busy; capture takes nothing from this agent; lines cannot be put on disk."""

NAME: Final = "state.json"
_SKEW_SECONDS: Final = 60.0

Say = Callable[[str], None]


class Report:
    """Collects from both threads of an agent what there is to say."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._file, self._say = folder / NAME, say
        self._lock = threading.Lock()
        self._troubles: dict[str, tuple[Phase, str]] = {}
        self._facts: dict[str, Any] = {"pid": os.getpid()}
        self._is_clock_off = False
        self._write()

    def say(self, message: str) -> None:
        """Say something once."""
        self._say(message)

    def trouble(self, part: str, phase: Phase, why: str, remark: str = "") -> None:
        """Note that a part of the agent does not get on; said where it is news."""
        with self._lock:
            is_news = self._troubles.get(part) != (phase, why)
            self._troubles[part] = (phase, why)
        if is_news:
            self._say(f"{why}{remark}")
            self._write()

    def well(self, part: str, remark: str = "") -> None:
        """Note that it gets on again."""
        with self._lock:
            was_in_trouble = self._troubles.pop(part, None)
        if was_in_trouble:
            if remark:
                self._say(remark)
            self._write()

    def fact(self, **facts: Any) -> None:  # noqa: ANN401  JSON
        """Note what `agent status` shows."""
        with self._lock:
            self._facts |= facts
        self._write()

    def clock(self, ahead_seconds: float | None) -> None:
        """Note how far this machine's clock is ahead of capture's."""
        if ahead_seconds is None:
            return
        self.fact(clock_ahead_seconds=round(ahead_seconds, 1) + 0.0)  # not -0.0
        is_off = abs(ahead_seconds) > _SKEW_SECONDS
        if is_off and not self._is_clock_off:
            way = "ahead of" if ahead_seconds > 0 else "behind"
            self._say(
                f"This machine's clock is {abs(ahead_seconds):,.0f} s {way} the ledger's: set it. Times already given"
                " to lines stay; those more than 10 minutes ahead are refused as FUTURE_TIME and can be sent again."
            )
        self._is_clock_off = is_off

    def _write(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            troubles = [{"part": part, "phase": phase, "why": why} for part, (phase, why) in self._troubles.items()]
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps({**self._facts, "troubles": troubles}))
            fresh.replace(self._file)


def read_report(folder: Path) -> dict[str, Any]:
    """Return what an agent last noted; empty where there is nothing."""
    try:
        noted = json.loads((folder / NAME).read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return noted if isinstance(noted, dict) else {}
