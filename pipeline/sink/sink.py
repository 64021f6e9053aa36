"""The sink's loop: read the group's streams, hand them to their partitions, let each partition work.

Flow: committed records of six topics in, rows and marks in ClickHouse out; Kafka's offsets last.

Partitions come and go by the consumer group; who may write is decided in ClickHouse, by the partition's epoch. Kafka's
offsets are a hint: where reading resumes is what the marks say.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache

from pipeline.broker.group import Member, Place
from pipeline.broker.topics import Topics
from pipeline.faults import Fault, never
from pipeline.metrics import Health, Progress, gauge
from pipeline.settings import Settings
from pipeline.sink.lag import LagWatch
from pipeline.sink.partition import Partition
from pipeline.sink.writer import PartitionWriter
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import STREAMS

_FETCH_RECORDS = 20_000
_FETCH_SECONDS = 0.2
_LAG_SECONDS = 1.0
_SILENT_SECONDS = 120.0
_LOG = logging.getLogger(__name__)


class Sink:
    """One sink process's work; several share the partitions."""

    def __init__(self, settings: Settings, connect: Callable[[], Warehouse], fault: Fault = never) -> None:
        """Join the group `app-sink`, with the topic prefix in front; ClickHouse need not be there yet."""
        self._settings = settings
        self._warehouse = cache(connect)
        self._fault = fault
        self._partitions: dict[int, Partition] = {}
        self._progress = Progress(_SILENT_SECONDS)
        topics = Topics.load(settings.topic_prefix)
        self._member = Member(settings, f"{settings.topic_prefix}{settings.app}-sink", STREAMS, self)
        self._lag = LagWatch(topics, self._member)
        self._alarms: dict[str, str] = {}
        self._lost: set[str] = set()
        self._measure_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; then write what is complete, leave the group and return."""
        try:
            while not stop.is_set():
                self.turn(_FETCH_SECONDS)
            self._work()
        finally:
            self._member.close()

    def turn(self, seconds: float) -> None:
        """Fetch once, waiting so long for records, and let every partition work."""
        for run in self._member.take(_FETCH_RECORDS, seconds):
            if run.place.partition in self._partitions:
                self._partitions[run.place.partition].add(run)
        self._work()
        if time.monotonic() >= self._measure_at:
            self._measure()

    def health(self) -> Health:
        """Return whether rows go to ClickHouse, and for which partitions."""
        found = self._progress.health()
        return Health(found.ok, found.reasons, {"partitions": sorted(self._partitions)})

    def gained(self, places: dict[Place, int]) -> None:
        """Own these partitions from now on; each is taken over when it first works."""
        for number in {place.partition for place in places}:
            starts = {place.topic: offset for place, offset in places.items() if place.partition == number}
            writer = PartitionWriter(self._warehouse, number, self._settings.clickhouse_database, self._fault)
            self._partitions[number] = Partition(number, starts, self._member, writer)
        gauge("scanledger_sink_partitions", len(self._partitions))

    def lost(self, partitions: set[int]) -> None:
        """Drop these partitions with what they hold: their next owner reads it again."""
        for number in partitions & self._partitions.keys():
            self._lag.forget(self._partitions.pop(number))
            self._progress.forget(f"partition {number}")
        gauge("scanledger_sink_partitions", len(self._partitions))

    def _work(self) -> None:
        for number, partition in list(self._partitions.items()):
            name = f"partition {number}"
            if partition.work():
                self._progress.moved(name)
            elif partition.trouble:
                self._progress.trouble(name, partition.trouble)
            self._report(number, partition.losses())
        self._progress.moved("loop")

    def _report(self, number: int, losses: Mapping[str, str]) -> None:
        """Say once in the log and for good at /health what never reached ClickHouse; verify names the ordinals."""
        for stream, loss in losses.items():
            name = f"{stream}[{number}]"
            if name not in self._lost:
                _LOG.error("%s: %s", name, loss)
                self._progress.trouble(name, loss)
                self._lost.add(name)

    def _measure(self) -> None:
        self._measure_at = time.monotonic() + _LAG_SECONDS
        alarms = self._lag.alarms(self._partitions.values())
        for place, reason in alarms.items():
            if place not in self._alarms:
                _LOG.error("%s: %s", place, reason)
            self._progress.trouble(f"lag {place}", reason)
        for place in self._alarms.keys() - alarms.keys():
            self._progress.forget(f"lag {place}")
        self._alarms = alarms
