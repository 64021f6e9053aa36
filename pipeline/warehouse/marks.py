"""How far each stream of each partition has come in ClickHouse, and waiting until it has come far enough.

    wait_for(warehouse, {0: Target(scans_last=4711)}, timeout_seconds=60)   # after sending, before asking

The worker closes what it gives a stream with a position, and tells every other stream its position half a second later,
so each proves by its own data how far it is.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pipeline.errors import SinkBehind
from pipeline.warehouse.client import Warehouse

STREAMS: Final = ("verdicts", "revisions", "acts", "alerts", "dead_letters", "units")
"""Keys of the topics whose rows go to ClickHouse, in the order of their tables."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Mark:
    """Everything of a partition's stream up to `ordinal` is in its table and was counted."""

    partition: int
    stream: str
    ordinal: int = 0
    scans_next: int = 0
    """Every offset of `scans` below is accounted for in this stream."""
    internal_next: int = 0
    stream_next: int = 0
    """Offset of the stream's own topic to go on from; 0 where nothing is there yet."""


@dataclass(frozen=True)
class Target:
    """The last offsets of one partition that have to be accounted for; -1 where there are none."""

    scans_last: int = -1
    internal_last: int = -1

    def is_met(self, mark: Mark) -> bool:
        """Whether a stream has passed these offsets."""
        return mark.scans_next > self.scans_last and mark.internal_next > self.internal_last


def read_marks(warehouse: Warehouse, partition: int | None = None) -> dict[tuple[int, str], Mark]:
    """Return the mark of each partition and stream that has one."""
    where = "" if partition is None else f" WHERE partition = {partition:d}"
    columns = "partition, toString(stream), ordinal, scans_next, internal_next, stream_next"
    rows = warehouse.query_rows(f"SELECT {columns} FROM sink_marks FINAL{where}")  # noqa: S608  an integer
    marks = (Mark(*cast("tuple[Any, Any, Any, Any, Any, Any]", row)) for row in rows)
    return {(mark.partition, mark.stream): mark for mark in marks}


def marks_of(marks: Mapping[tuple[int, str], Mark], partition: int) -> list[Mark]:
    """Return the marks of a partition's streams, in their order; one that has none is at the beginning."""
    return [marks.get((partition, stream), Mark(partition, stream)) for stream in STREAMS]


def wait_for(
    warehouse: Warehouse,
    targets: Mapping[int, Target],
    *,
    timeout_seconds: float,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Wait until every stream of these partitions has passed the targets.

    Args:
        warehouse: where the marks are.
        targets: by partition.
        timeout_seconds: how long to wait.
        progress: called now and then with the number of input records that all streams of their partition still miss.

    Raises:
        SinkBehind: they have not after that time.
        WarehouseDown: ClickHouse does not answer.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        marks = read_marks(warehouse)
        missing = {part: missing_records(marks, part, target) for part, target in targets.items()}
        if progress is not None:
            progress(sum(missing.values()))
        if not any(missing.values()):
            return
        if time.monotonic() > deadline:
            behind = ", ".join(f"{count} records of partition {part}" for part, count in missing.items() if count)
            message = f"Not in ClickHouse after {timeout_seconds:.0f} s: {behind}. Worker and sink say why at /health."
            raise SinkBehind(message)
        time.sleep(_POLL_SECONDS)


def missing_records(marks: Mapping[tuple[int, str], Mark], partition: int, target: Target) -> int:
    """Return how many offsets of the target the slowest stream of a partition has not passed."""
    found = marks_of(marks, partition)
    scans = max(0, target.scans_last + 1 - min(mark.scans_next for mark in found))
    return scans + max(0, target.internal_last + 1 - min(mark.internal_next for mark in found))
