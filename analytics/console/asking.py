"""Questions of the warehouse, asked off the event loop: connected at the first, and again after ClickHouse was away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from analytics import questions
from analytics.questions import Row
from pipeline.warehouse.client import Warehouse

T = TypeVar("T")
_AT_ONCE: Final = 8


class Asking:
    """A ledger's warehouse, asked by a few threads."""

    def __init__(self, open_warehouse: Callable[[], Warehouse]) -> None:
        self._open_warehouse = open_warehouse
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking")
        self._warehouse: Warehouse | None = None

    async def ask(self, name: str, **parameters: Any) -> list[Row]:  # noqa: ANN401  as ClickHouse takes them
        """Return the rows of a question of `analytics/queries`.

        Raises: WarehouseDown, WarehouseRefused, SettingsWrong.
        """
        return await self.run(lambda warehouse: questions.ask(warehouse, name, **parameters))

    async def run(self, work: Callable[[Warehouse], T]) -> T:
        """Return what is made of the warehouse by a function that may take its time; raises as `ask`."""
        return await self.aside(lambda: work(self._open()))

    def begin(self, work: Callable[[Warehouse], T]) -> Future[T]:
        """Begin what a function makes of the warehouse, after what was begun before; its answer can be waited for."""
        return self._threads.submit(lambda: work(self._open()))

    async def aside(self, work: Callable[[], T]) -> T:
        """Return what a function makes that may take its time and needs no warehouse."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let go of the threads and the connection."""
        self._threads.shutdown(cancel_futures=True)
        if self._warehouse is not None:
            self._warehouse.close()

    def _open(self) -> Warehouse:
        with self._lock:
            if self._warehouse is None:
                self._warehouse = self._open_warehouse()
            return self._warehouse
