"""One partition's way into ClickHouse: epochs, guarded inserts, counts and marks.

Flow: closed ranges of the six streams in, rows in their tables and marks out.

Invariants:
- Only the owner of the greatest epoch writes; a take-over, an error or a doubt starts a new one.
- Inserts of older epochs have ended before the new owner looks at what is there.
- A mark moves only after its range was counted, under the same guard as the rows.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.errors import WarehouseDown
from pipeline.faults import Fault
from pipeline.metrics import count, observe
from pipeline.warehouse import inserts
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.container import container
from pipeline.warehouse.inserts import ONE_BLOCK, Epoch, Span
from pipeline.warehouse.marks import Mark, read_marks
from pipeline.warehouse.tables import Table
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue

ROWS_PER_INSERT = 100_000
_OLDER_SECONDS = 60.0
_EPOCH_DIGITS = 20  # of a UInt64
_LOG = logging.getLogger(__name__)


class EpochLost(Exception):  # noqa: N818  says what happened: not a broken environment but another owner
    """Another sink has taken the partition over."""


@dataclass(frozen=True)
class Range:
    """Closed rows of one stream and the mark that holds once they are written."""

    table: Table
    rows: Sequence[bytes]
    """Framed."""
    different: int
    """How many different units, or rows."""
    span: Span
    mark: Mark


class PartitionWriter:
    """Writes one partition as long as its epoch is the greatest."""

    def __init__(self, open_warehouse: Callable[[], Warehouse], partition: int, scope: str, fault: Fault) -> None:
        """Prepare; `scope` tells this installation's query ids from others' on the same server."""
        self._open_warehouse = open_warehouse
        self._partition = partition
        self._prefix = f"sink-{scope}-{partition}-"
        self._fault = fault
        self._inserts = 0
        self._epoch = Epoch(partition, 0, "")

    def take_over(self) -> dict[str, Mark]:
        """Start a new epoch, see the older ones' inserts end, and return the partition's marks by stream.

        Raises:
            EpochLost: somebody else started a greater one at the same time.
            WarehouseDown: ClickHouse does not answer, or an older insert does not end.
            WarehouseRefused: ClickHouse refuses.
        """
        self._warehouse = self._open_warehouse()
        ((greatest, _),) = self._warehouse.query_rows(inserts.greatest_epoch(self._partition))
        self._epoch = Epoch(self._partition, greatest + 1, uuid.uuid4().hex)
        self._warehouse.command(inserts.insert_epoch(self._epoch))
        self._check_epoch()
        count("scanledger_sink_epochs_total")
        self._fault("sink.takeover")
        self._end_older_inserts()
        return {stream: mark for (_, stream), mark in read_marks(self._warehouse, self._partition).items()}

    def write(self, ranges: Sequence[Range]) -> None:
        """Write the ranges in the order given, count each, then move their marks.

        Raises:
            EpochLost: another sink has taken over; nothing of what is missing was written.
            WarehouseDown: ClickHouse does not answer, or a range is not complete: take over again.
            WarehouseRefused: ClickHouse refuses.
        """
        for one in ranges:
            if one.rows:
                self.insert(one.table, one.rows, one.span)
                self._count(one)
                self._fault("sink.between_tables")
        self._fault("sink.between_insert_and_mark")
        self._warehouse.command(inserts.insert_marks([one.mark for one in ranges], self._epoch))
        self._check_epoch()
        self._fault("sink.between_mark_and_offset")

    def insert(self, table: Table, rows: Sequence[bytes], span: Span) -> None:
        """Insert framed rows, as few blocks as their schemas and their number allow."""
        for schema_id, chunk in _chunks(rows):
            known = catalogue().of_id(schema_id)
            self._inserts += 1
            started = time.perf_counter()
            written = self._warehouse.insert_avro(
                inserts.insert_rows(table, known, self._partition, span, self._epoch.guard),
                container(known, chunk),
                query_id=f"{self._prefix}{self._epoch.number}-{self._epoch.owner}-{self._inserts}",
                **ONE_BLOCK,
            )
            observe("scanledger_sink_insert_seconds", time.perf_counter() - started, stream=table.stream)
            count("scanledger_sink_rows_total", written, stream=table.stream)
            if written != len(chunk):
                self._check_epoch()
                _LOG.info("%s: %d of %d rows were new", table.name, written, len(chunk))

    def _count(self, one: Range) -> None:
        ((rows, different, holds),) = self._warehouse.query_rows(inserts.count_rows(one.table, self._epoch, one.span))
        if not holds:
            raise EpochLost
        if rows < one.different:
            message = f"{one.table.name} has {rows} of {one.different} rows of {one.span}: inserting again"
            raise WarehouseDown(message)
        if rows != different:
            _LOG.error(
                "%s: %d rows of %s are there twice: scanledger verify", one.table.name, rows - different, one.span
            )

    def _check_epoch(self) -> None:
        ((holds,),) = self._warehouse.query_rows(inserts.holds(self._epoch))
        if not holds:
            raise EpochLost

    def _end_older_inserts(self) -> None:
        deadline = time.monotonic() + _OLDER_SECONDS
        while older := self._older_inserts():
            if time.monotonic() > deadline:
                message = f"inserts of an older epoch do not end: {', '.join(older)}"
                raise WarehouseDown(message)
            for query_id in older:
                self._warehouse.kill(query_id)

    def _older_inserts(self) -> list[str]:
        running = self._warehouse.query_rows(
            "SELECT query_id FROM system.processes WHERE startsWith(query_id, {prefix:String})",
            {"prefix": self._prefix},
        )
        ids = [str(query_id) for (query_id,) in running]
        return [one for one in ids if self._is_of_older_epoch(one)]

    def _is_of_older_epoch(self, query_id: str) -> bool:
        """Whether an id is an insert's up to my epoch; readers choose ids too, which may be any text."""
        number = query_id.removeprefix(self._prefix).split("-")[0]
        return number.isdecimal() and len(number) <= _EPOCH_DIGITS and int(number) <= self._epoch.number


def _chunks(rows: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Split rows by the schema they were written with, and by size."""
    by_schema = groupby(rows, key=lambda row: row[1:FRAME_BYTES])
    for schema_id, run in by_schema:
        same = list(run)
        for at in range(0, len(same), ROWS_PER_INSERT):
            yield int.from_bytes(schema_id), same[at : at + ROWS_PER_INSERT]
