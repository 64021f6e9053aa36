"""Where requests are worked on, off the event loop: small ones never wait behind large ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Result = TypeVar("Result")

_SMALL_BYTES: Final = 64 * 1024


class Workshop:
    """A thread for small bodies and one for large: the interpreter lets one run at a time, in turns of 5 ms.

    A third one decompresses, because only then is it known how large a body is; that takes little and lets others run.
    """

    def __init__(self) -> None:
        self._small = ThreadPoolExecutor(1, thread_name_prefix="small")
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large")
        self._unpacking = ThreadPoolExecutor(1, thread_name_prefix="unpacking")

    async def run(self, size: int, work: Callable[[], Result]) -> Result:
        """Do some work on a request whose body, as it is meant, has so many bytes."""
        pool = self._small if size <= _SMALL_BYTES else self._large
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def unpack(self, work: Callable[[], Result]) -> Result:
        """Decompress a body."""
        return await asyncio.get_running_loop().run_in_executor(self._unpacking, work)

    def close(self) -> None:
        """Finish what is at work."""
        self._unpacking.shutdown()
        self._small.shutdown()
        self._large.shutdown()
