"""Live progress of the demo: scans sent, decided and in ClickHouse; and work done beside the thread that shows it."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.broker.admin import watermarks
from pipeline.broker.topics import Topics
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import Target, marks_of, read_marks, wait_for

_T = TypeVar("_T")
_TIMEOUT_SECONDS = 600.0
_LOOK_SECONDS = 0.3


class Background(Generic[_T]):
    """Work on a thread that ends with the process: an interruption need not wait for it."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._returned: list[_T] = []
        self._raised: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_done_within(self, seconds: float) -> bool:
        """Wait so long; say whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> _T:
        """Wait until it is done; return what it returned, raise what it raised."""
        while not self.is_done_within(1.0):
            pass
        for error in self._raised:
            raise error
        return self._returned[0]

    def _run(self) -> None:
        try:
            self._returned.append(self._work())
        except BaseException as error:  # noqa: BLE001  raised again by whoever asks for the result
            self._raised.append(error)


class Watch:
    """Three bars on stderr, for a stack that has had no scans before."""

    def __init__(self, settings: Settings, warehouse: Warehouse, total: int) -> None:
        self._settings, self._warehouse, self._total = settings, warehouse, total
        self._verdicts = Topics.load(settings.topic_prefix).name("verdicts")
        columns = (TextColumn("{task.description:>13}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.bars = Progress(*columns, console=Console(stderr=True))
        self._sent, self._decided, self._sunk = (
            self.bars.add_task(name, total=total) for name in ("sent", "decided", "in ClickHouse")
        )
        self._before = self._written()
        self._looked = 0.0

    def look(self, sent: int) -> None:
        """Draw where things stand, at most a few times a second."""
        self.bars.update(self._sent, completed=sent)
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        self.bars.update(self._decided, completed=min(self._total, self._written() - self._before))
        self.bars.update(self._sunk, completed=self._in_clickhouse())

    def until_in_clickhouse(self, last_offsets: dict[int, int]) -> None:
        """Return when every stream of the sink has passed these offsets of `scans`.

        Raises: SinkBehind, WarehouseDown, BrokerUnreachable.
        """
        targets = {partition: Target(scans_last=offset) for partition, offset in last_offsets.items()}

        def looked(_missing: int) -> None:
            self.look(self._total)

        wait_for(self._warehouse, targets, timeout_seconds=_TIMEOUT_SECONDS, progress=looked)
        for bar in (self._sent, self._decided, self._sunk):
            self.bars.update(bar, completed=self._total)

    def _written(self) -> int:
        """Return about how many verdicts there are: each transaction adds two records that are none."""
        return sum(mark.high for mark in watermarks(self._settings, self._verdicts))

    def _in_clickhouse(self) -> int:
        marks = read_marks(self._warehouse)
        partitions = {partition for partition, _ in marks}
        return sum(min(mark.scans_next for mark in marks_of(marks, partition)) for partition in partitions)
