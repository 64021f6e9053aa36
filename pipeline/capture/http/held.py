"""What is held of the scans that REPEATED ones repeat: looked up a few at once, again while there is time.

Flow: verdicts, or rows of an earlier request -> for each that is REPEATED what is now held, None where it did not come.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from pipeline.capture.http.decided import Told, held_told
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.questions import Questions, Row
from pipeline.capture.http.reading import Reading
from pipeline.errors import ScanledgerError

_AT_ONCE: Final = 4  # of one request: more would only queue for the threads, in the room of others
_SINK_SECONDS: Final = 3.0  # for the sink to write it: the verdict is known and need not wait longer
_LEAST_SECONDS: Final = 0.5  # for a first look at any rate: a verdict may come when the time is all but over

LookAgain = Callable[[float], Awaitable[bool]]
"""Waits a moment, and says whether there is time for it until a moment by `time.monotonic`."""


class HeldScans:
    """The look-ups of one request; made where it has its verdicts."""

    def __init__(self, questions: Questions, reading: Reading, look_again: LookAgain, deadline: float) -> None:
        now = time.monotonic()
        self._questions, self._reading, self._look_again = questions, reading, look_again
        self._deadline, self._written = deadline, min(deadline, now + _SINK_SECONDS)
        self._last_look = max(deadline, now + _LEAST_SECONDS)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def beside(self, told: Told, repeated: Callable[[], Mapping[str, Any]]) -> Told:
        """Return what is told of a scan, with what is held of the one it repeats, if it does; `repeated` says of which.

        Shape of `repeated`: `scan` and `decision` as in a verdict.
        """
        if told["outcome"] != "REPEATED":
            return told
        held = await self._look_up(dict(repeated()))
        return told | {"held": None if held is None else held_told(held)}

    async def _look_up(self, verdict: Row) -> Row | None:
        while True:
            until = self._written
            try:
                async with self._turns:
                    if time.monotonic() > self._last_look:
                        return None
                    held = await self._reading.ask(lambda: self._questions.repeated(verdict))
                if held is not None:
                    return held
            except Refused:  # others ask as much as can be answered: that says nothing of this scan
                until = self._deadline
            except ScanledgerError:  # the warehouse is away
                return None
            if not await self._look_again(until):
                return None
