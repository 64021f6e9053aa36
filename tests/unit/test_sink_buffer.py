"""What the sink holds between Kafka and ClickHouse: rows closed by positions, containers of one block, lag."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import fastavro
import pytest

from pipeline import metrics
from pipeline.broker.group import Member, Place, Run
from pipeline.broker.topics import Topics
from pipeline.sink.buffer import StreamBuffer
from pipeline.sink.lag import LagWatch
from pipeline.sink.partition import Partition
from pipeline.warehouse.container import container
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import STREAMS, Mark, Target, missing_records
from pipeline.warehouse.tables import TABLES, table_of
from pipeline.wire.schemas import catalogue, encode
from tests.fake_worker import NOON, a_decision, a_scan

DAY = 86_400.0


@dataclass
class FakeMessage:
    at: int
    content: bytes | None
    name: bytes = b"k"

    def offset(self) -> int:
        return self.at

    def timestamp(self) -> tuple[int, int]:
        return 1, NOON + self.at

    def key(self) -> bytes:
        return self.name


def a_run(values: Sequence[bytes | None], first: int = 0, stream: str = "verdicts", keys: Sequence[bytes] = ()) -> Run:
    messages = [FakeMessage(first + at, value) for at, value in enumerate(values)]
    for message, key in zip(messages, keys, strict=False):
        message.name = key
    return Run(Place(stream, 0), cast("Any", messages), values)


def a_verdict(ordinal: int) -> bytes:
    origin = {"topic": "scans", "partition": 0, "offset": ordinal - 1, "ordinal": ordinal}
    return encode("verdict", {"scan": a_scan(), "decision": a_decision() | origin})


def a_position(ordinal: int) -> bytes:
    nexts = {"scans_next": ordinal, "internal_next": 0, "ordinal": ordinal}
    return encode("position", nexts | {"reference_version": 0, "sites": 0, "rules_version": "r"})


def a_buffer(stream: str = "verdicts") -> StreamBuffer:
    buffer = StreamBuffer(table_of(stream), 0)
    buffer.begin(Mark(0, stream))
    return buffer


def test_only_rows_before_the_last_position_are_closed() -> None:
    buffer = a_buffer()
    buffer.add(a_run([a_verdict(1), a_verdict(2)]))
    assert not buffer.is_closed
    buffer.add(a_run([a_position(2), a_verdict(3)], first=2))
    assert buffer.rows() == [a_verdict(1), a_verdict(2)]
    assert buffer.span == Span(0, 2)
    assert buffer.reached() == Mark(0, "verdicts", ordinal=2, scans_next=2, stream_next=3)


def test_settled_rows_are_forgotten_and_open_ones_stay() -> None:
    buffer = a_buffer()
    buffer.add(a_run([a_verdict(1), a_position(1), a_verdict(2)]))
    buffer.settle(buffer.reached())
    assert not buffer.is_closed
    assert buffer.size == len(a_verdict(2))
    buffer.add(a_run([a_position(2)], first=3))
    assert buffer.rows() == [a_verdict(2)]
    assert buffer.span == Span(1, 2)


def test_the_oldest_record_held_is_known_through_settling() -> None:
    buffer = a_buffer()
    buffer.add(a_run([a_verdict(1), a_position(1)]))
    buffer.add(a_run([a_verdict(2)], first=5))
    assert buffer.oldest == NOON
    buffer.settle(buffer.reached())
    assert buffer.oldest == NOON + 5


def test_a_mark_elsewhere_drops_what_is_held() -> None:
    buffer = a_buffer()
    buffer.add(a_run([a_verdict(1), a_position(1)]))
    assert buffer.begin(Mark(0, "verdicts"))
    assert len(buffer.rows()) == 1
    assert not buffer.begin(Mark(0, "verdicts", ordinal=1, stream_next=2))
    assert (buffer.rows(), buffer.size, buffer.oldest) == ([], 0, None)


def test_units_are_counted_by_their_key_and_reference_records_are_no_rows() -> None:
    buffer = a_buffer("units")
    site = encode("reference", {"kind": "SITE", "name": "S", "index": 1, "version": 0, "content": "null"})
    values = [b"\x00\x00\x00\x00\x05a", site, b"\x00\x00\x00\x00\x05b", None, a_position(4)]
    buffer.add(a_run(values, stream="units", keys=[b"u1", b"\x00site\x00S", b"u1", b"u2", b"\x00position"]))
    assert len(buffer.rows()) == 2
    assert buffer.different() == 1


def test_a_container_is_one_block_that_avro_reads() -> None:
    known = catalogue().version("verdict")
    whole = container(known, [a_verdict(ordinal) for ordinal in range(1, 301)])
    blocks: Any = list(fastavro.block_reader(io.BytesIO(whole)))
    assert [block.num_records for block in blocks] == [300]
    read: list[Any] = list(blocks[0])
    assert [one["decision"]["ordinal"] for one in read] == list(range(1, 301))


def test_tables_are_written_in_the_order_of_the_streams() -> None:
    assert tuple(table.stream for table in TABLES) == STREAMS


class SilentMember:
    def high(self, _: Place) -> int:
        return 12


class Untouched:
    """Stands where nothing may be asked."""


def test_the_alarm_rings_at_half_of_the_retention() -> None:
    member = cast("Member", SilentMember())
    partition = Partition(0, {}, member, cast("Any", Untouched()))
    partition.buffers["verdicts"].add(a_run([a_verdict(1)]))
    topics = Topics.load()
    now = NOON / 1000 + topics["verdicts"].retention_days * DAY / 2 - 1
    watch = LagWatch(topics, member, now=lambda: now)
    assert watch.alarms([partition]) == {}
    watch = LagWatch(topics, member, now=lambda: now + 2)
    assert list(watch.alarms([partition])) == ["verdicts[0]"]
    assert metrics.read("scanledger_sink_retention_used_ratio", stream="verdicts", partition=0) == pytest.approx(0.5)
    assert metrics.read("scanledger_sink_lag_records", stream="verdicts", partition=0) == 11


def test_a_stream_without_a_mark_misses_everything() -> None:
    marks = {(0, stream): Mark(0, stream, scans_next=5, internal_next=2) for stream in STREAMS}
    assert missing_records(marks, 0, Target(4, 1)) == 0
    del marks[0, "alerts"]
    assert missing_records(marks, 0, Target(4, 1)) == 7
