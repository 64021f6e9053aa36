"""Questions to the warehouse, off the event loop: few at once, some more wait, the others are asked to come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pipeline.capture.http.room import too_much

Result = TypeVar("Result")

_AT_ONCE: Final = 4
_MOST: Final = 64
_QUESTIONS: Final = "as many questions are asked as can be answered"


class Reading:
    """The threads that ask; made where an event loop runs."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="reading")
        self._asked = 0

    async def ask(self, question: Callable[[], Result]) -> Result:
        """Ask; raises Refused (429) where too many do."""
        if self._asked >= _MOST:
            raise too_much(_QUESTIONS)
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, question)
        finally:
            self._asked -= 1

    def close(self) -> None:
        """Let those that ask finish."""
        self._threads.shutdown(cancel_futures=True)
