"""One partition of all six streams: what waits, whether it is ours, and what to do next about it.

Flow: runs of records in; ranges to the writer, then offsets to the group.
"""

import logging
import time
from collections.abc import Callable, Mapping

from pipeline.broker.group import Member, Place, Run
from pipeline.errors import BrokerUnreachable, WarehouseDown, WarehouseRefused
from pipeline.metrics import count
from pipeline.sink.buffer import StreamBuffer
from pipeline.sink.writer import EpochLost, PartitionWriter, Range
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import Mark
from pipeline.warehouse.tables import TABLES

HELD_BYTES = 64 * 1024 * 1024
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.2, 30.0
_LOG = logging.getLogger(__name__)


class Partition:
    """A partition that the group has given to this sink."""

    def __init__(self, number: int, starts: Mapping[str, int], member: Member, writer: PartitionWriter) -> None:
        """Begin with each stream at an offset; nothing is written before `work` has taken the partition over."""
        self.number = number
        self.trouble = ""
        """Why it waits, for people; empty while all is well."""
        self.buffers = {table.stream: StreamBuffer(table, starts.get(table.stream, 0)) for table in TABLES}
        self._member = member
        self._writer = writer
        self._is_mine = False
        self._paused: set[str] = set()
        self._wait_seconds = _FIRST_WAIT_SECONDS
        self._not_before = 0.0

    def add(self, run: Run) -> None:
        """Take a run in; a stream that holds too much, and could be written, is fetched no further for now."""
        buffer = self.buffers[run.place.topic]
        buffer.add(run)
        if buffer.size > HELD_BYTES and self._can_write(buffer):
            self._member.pause(run.place)
            self._paused.add(run.place.topic)

    def losses(self) -> dict[str, str]:
        """Return by stream what was removed from the log before it was in ClickHouse; each is told once."""
        gaps = [buffer for buffer in self.buffers.values() if buffer.has_gap]
        for buffer in gaps:
            buffer.has_gap = False
        return {buffer.table.stream: "records had expired before they were in ClickHouse" for buffer in gaps}

    def work(self, clock: Callable[[], float] = time.monotonic) -> bool:
        """Write what can be written, taking the partition over before where need be; return whether that went well.

        A ClickHouse that is down, slow or full only makes it wait, longer each time, with everything kept.
        """
        if clock() < self._not_before:
            return False
        try:
            self._work()
        except EpochLost:
            self._doubt("epoch", "another sink has taken it over", clock)
            return False
        except (WarehouseDown, WarehouseRefused, BrokerUnreachable) as error:
            self._doubt(type(error).__name__, str(error), clock)
            return False
        self.trouble, self._wait_seconds = "", _FIRST_WAIT_SECONDS
        return True

    def _work(self) -> None:
        if not self._is_mine:
            self._take_over()
        for buffer in self.buffers.values():
            self._look_for_gap(buffer)
            if buffer.size > HELD_BYTES and not buffer.is_closed and buffer.table.replaces:
                rows = buffer.unclosed()
                self._writer.insert(buffer.table, rows, Span(buffer.span.after))
                buffer.spilled(len(rows))
        closed = [buffer for buffer in self.buffers.values() if buffer.is_closed]
        if closed:
            ranges = [_range(buffer) for buffer in closed]
            self._writer.write(ranges)
            for buffer, one in zip(closed, ranges, strict=True):
                buffer.settle(one.mark)
            self._member.commit({Place(one.table.stream, self.number): one.mark.stream_next for one in ranges})
        self._resume()

    def _take_over(self) -> None:
        marks = self._writer.take_over()
        for stream, buffer in self.buffers.items():
            place, mark = Place(stream, self.number), marks.get(stream, Mark(self.number, stream))
            if mark.stream_next != buffer.start:
                self._member.seek(place, mark.stream_next)
            buffer.begin(mark)
        self._is_mine = True
        _LOG.info("partition %d taken over", self.number)

    def _look_for_gap(self, buffer: StreamBuffer) -> None:
        """See whether reading began later than it should; one offset is the marker of the last transaction."""
        if buffer.first_read is not None:
            if buffer.first_read > buffer.start + 1 and not buffer.table.replaces:
                buffer.has_gap = self._member.low(Place(buffer.table.stream, self.number)) > buffer.start
            buffer.first_read = None

    def _doubt(self, word: str, reason: str, clock: Callable[[], float]) -> None:
        self._is_mine = False
        self.trouble = reason
        self._not_before = clock() + self._wait_seconds
        count("scanledger_sink_retries_total", error=word)
        _LOG.warning("partition %d waits %.1f s: %s", self.number, self._wait_seconds, reason)
        self._wait_seconds = min(2 * self._wait_seconds, _LONGEST_WAIT_SECONDS)

    def _resume(self) -> None:
        for stream in [stream for stream in self._paused if self.buffers[stream].size <= HELD_BYTES]:
            self._member.resume(Place(stream, self.number))
            self._paused.remove(stream)

    def _can_write(self, buffer: StreamBuffer) -> bool:
        return buffer.is_closed or buffer.table.replaces


def _range(buffer: StreamBuffer) -> Range:
    mark = buffer.reached()
    return Range(buffer.table, buffer.rows(), buffer.different(), buffer.span, mark)
