"""What becomes of deliveries, from the outbox to ClickHouse: on a thread and a connection of its own.

Flow: changes kept in the outbox, in order -> rows of `deliveries`; then they are dropped from the outbox.

While ClickHouse is away they stay on disk, and nothing that is to be told waits for it. A row written twice is once,
because id and number of the change replace.
"""

import logging
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from pipeline.errors import ScanledgerError, WarehouseDown, WarehouseRefused
from pipeline.metrics import Progress
from pipeline.notify.outbox import Outbox
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.delivery_rows import insert_statement, row_of

_ROWS: Final = 5_000
_EVERY_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 30.0
_NAME: Final = "reports"
_LOG = logging.getLogger(__name__)


class Reports:
    """Writes until told to stop, then once more what is there."""

    def __init__(self, folder: Path, connect: Callable[[], Warehouse], progress: Progress) -> None:
        self._folder, self._warehouse, self._progress = folder, cache(connect), progress
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=_NAME, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left, if ClickHouse takes it, and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            outbox = Outbox(self._folder)
            wait = _EVERY_SECONDS
            while not self._stop.wait(wait):
                wait = _EVERY_SECONDS if self._write(outbox) else min(2 * wait, _LONGEST_SECONDS)
            self._write(outbox)
            outbox.close()
        except ScanledgerError as error:  # the outbox; whoever tells meets it too, and ends
            self._progress.trouble(_NAME, str(error))
            _LOG.error("what becomes of deliveries is not reported: %s", error)

    def _write(self, outbox: Outbox) -> bool:
        """Write all there is; returns whether ClickHouse took it."""
        try:
            while changes := outbox.changes(_ROWS):
                body = b"".join(row_of(row) for _, row in changes)
                self._warehouse().insert_avro(insert_statement(), body)
                with outbox.transaction():
                    outbox.forget_changes(changes[-1][0])
        except (WarehouseDown, WarehouseRefused) as error:
            self._progress.trouble(_NAME, str(error))
            _LOG.warning("reports of deliveries wait: %s", error)
            return False
        self._progress.forget(_NAME)
        return True
