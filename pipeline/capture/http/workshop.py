"""Where requests are worked on, off the event loop: small ones never wait behind large ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Result = TypeVar("Result")

_SMALL_BYTES: Final = 64 * 1024


class Workshop:
    """Two threads: the interpreter lets one run at a time anyway, and passes from one to the other every 5 ms."""

    def __init__(self) -> None:
        self._small = ThreadPoolExecutor(1, thread_name_prefix="small")
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large")

    async def run(self, size: int, work: Callable[[], Result]) -> Result:
        """Do some work on a request with a body of so many bytes."""
        pool = self._small if size <= _SMALL_BYTES else self._large
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def close(self) -> None:
        """Finish what is at work."""
        self._small.shutdown()
        self._large.shutdown()
