"""How far the sink is behind, as metrics, and the alarm when records come near their end unread.

A worker's transaction ends with a position and Kafka's own marker, which no reader sees: so a stream whose position is
the last but one offset is not behind.
"""

import time
from collections.abc import Callable, Iterable

from pipeline.broker.group import Member, Place
from pipeline.broker.topics import Topics
from pipeline.metrics import forget, gauge
from pipeline.sink.buffer import StreamBuffer
from pipeline.sink.partition import Partition

ALARM_RATIO = 0.5
_DAY_SECONDS = 86_400.0


class LagWatch:
    """Measures every stream of every partition now and then, and names those that come near their retention."""

    def __init__(self, topics: Topics, member: Member, now: Callable[[], float] = time.time) -> None:
        self._retention = {topic.key: topic.retention_days * _DAY_SECONDS for topic in topics.all()}
        self._member = member
        self._now = now

    def alarms(self, partitions: Iterable[Partition]) -> dict[str, str]:
        """Measure; return by place why a stream is in danger."""
        found = {}
        for partition in partitions:
            for stream, buffer in partition.buffers.items():
                place = Place(stream, partition.number)
                ratio = self._measure(place, buffer)
                if ratio >= ALARM_RATIO:
                    found[f"{stream}[{place.partition}]"] = f"the oldest record is {ratio:.0%} of its retention old"
        return found

    def forget(self, partition: Partition) -> None:
        """Stop showing a partition that is no longer ours."""
        for stream in partition.buffers:
            forget("scanledger_sink_lag_records", stream=stream, partition=partition.number)
            forget("scanledger_sink_lag_seconds", stream=stream, partition=partition.number)
            forget("scanledger_sink_retention_used_ratio", stream=stream, partition=partition.number)

    def _measure(self, place: Place, buffer: StreamBuffer) -> float:
        labels: dict[str, str | int] = {"stream": place.topic, "partition": place.partition}
        seconds = 0.0 if buffer.oldest is None else max(0.0, self._now() - buffer.oldest / 1000)
        retention = self._retention[place.topic]
        ratio = seconds / retention if retention > 0 else 0.0
        behind = max(0, self._member.high(place) - buffer.start - 1)
        gauge("scanledger_sink_lag_records", behind, **labels)
        gauge("scanledger_sink_lag_seconds", seconds, **labels)
        gauge("scanledger_sink_retention_used_ratio", ratio, **labels)
        return ratio
