"""EPCIS events from their topic to their table: every one at least once, which is once, because the newest replaces.

Flow: committed records of `epcis-events` in, rows of `epcis_events` out; Kafka's offsets last.

A sink that is taken over and does not know it yet writes rows that are there already. While ClickHouse is away, what
was fetched is kept and nothing more is.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from pipeline.broker.group import Member, Place, Run
from pipeline.errors import WarehouseDown, WarehouseRefused
from pipeline.metrics import Health, Progress, count
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.epcis_rows import At, insert_statement, row_of
from pipeline.wire.framing import Undecodable
from pipeline.wire.schemas import decode

TOPIC: Final = "epcis_events"
_FETCH_RECORDS: Final = 2_000
_FETCH_SECONDS: Final = 0.2
_INSERT_BYTES: Final = 32 * 1024 * 1024
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.2, 30.0
_SILENT_SECONDS: Final = 120.0
_LOG = logging.getLogger(__name__)


class EventSink:
    """One process's share of the events."""

    def __init__(self, settings: Settings, connect: Callable[[], Warehouse]) -> None:
        """Join the group `app-epcis-sink`, with the topic prefix in front; ClickHouse need not be there yet."""
        self._warehouse = cache(connect)
        self._member = Member(settings, f"{settings.topic_prefix}{settings.app}-epcis-sink", (TOPIC,), self)
        self._places: set[Place] = set()
        self._held: list[Run] = []
        self._not_before, self._wait_seconds = 0.0, _FIRST_WAIT_SECONDS
        self._progress = Progress(_SILENT_SECONDS)

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, then leave the group."""
        try:
            while not stop.is_set():
                self.turn(_FETCH_SECONDS)
        finally:
            self._member.close()

    def turn(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Fetch once, waiting so long for records, and write what there is."""
        self._held += [run for run in self._member.take(_FETCH_RECORDS, seconds) if run.place in self._places]
        if self._held and clock() >= self._not_before:
            self._write(clock)
        self._progress.moved("epcis")

    def health(self) -> Health:
        """Return whether events go to ClickHouse."""
        return self._progress.health()

    def gained(self, places: dict[Place, int]) -> None:
        """Own these partitions from now on."""
        self._places |= places.keys()

    def lost(self, partitions: set[int]) -> None:
        """Own these no longer: their next owner reads what is held here again."""
        self._places = {place for place in self._places if place.partition not in partitions}
        self._held = [run for run in self._held if run.place in self._places]

    def _write(self, clock: Callable[[], float]) -> None:
        try:
            for body in _bodies(self._held):
                written = self._warehouse().insert_avro(insert_statement(), body)
                count("scanledger_sink_rows_total", written, stream=TOPIC)
        except (WarehouseDown, WarehouseRefused) as error:
            self._wait(error, clock)
            return
        self._member.commit({run.place: run.offset(len(run.values) - 1) + 1 for run in self._held})
        self._held, self._wait_seconds = [], _FIRST_WAIT_SECONDS
        for place in self._places:
            self._member.resume(place)
        self._progress.forget("epcis events")

    def _wait(self, error: Exception, clock: Callable[[], float]) -> None:
        self._progress.trouble("epcis events", str(error))
        _LOG.warning("epcis events wait %.1f s: %s", self._wait_seconds, error)
        self._not_before = clock() + self._wait_seconds
        self._wait_seconds = min(2 * self._wait_seconds, _LONGEST_WAIT_SECONDS)
        for place in self._places:
            self._member.pause(place)


def _bodies(runs: list[Run]) -> Iterator[bytes]:
    """Yield the rows of runs, some megabytes at a time."""
    rows: list[bytes] = []
    size = 0
    for row in (row for run in runs for row in _rows(run)):
        rows.append(row)
        size += len(row)
        if size >= _INSERT_BYTES:
            yield b"".join(rows)
            rows, size = [], 0
    if rows:
        yield b"".join(rows)


def _rows(run: Run) -> Iterator[bytes]:
    for index, value in enumerate(run.values):
        at = At(run.place.partition, run.offset(index), run.timestamp(index))
        try:
            record, event = decode(value or b"")
        except Undecodable as error:
            record, event = error.error, {}
        if record == "epcis_event":
            yield row_of(event, at)
        else:
            _LOG.error("%s[%d] offset %d is no EPCIS event: %s", TOPIC, at.partition, at.offset, record)
