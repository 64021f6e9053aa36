"""A partition of the sink: what it holds outlives a ClickHouse that takes nothing for a while."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from pipeline.broker.group import Place
from pipeline.errors import WarehouseDown, WarehouseRefused
from pipeline.ledger.outputs import POSITION_KEY
from pipeline.sink import partition as partitions
from pipeline.sink.partition import Partition
from pipeline.sink.writer import EpochLost, Range
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import Mark
from pipeline.warehouse.tables import Table
from tests.unit.test_sink_buffer import a_position, a_run, a_verdict

HELD_BYTES = 1000
LONG = 100.0


class Member:
    """A consumer that is asked for nothing but its offsets."""

    def __init__(self) -> None:
        self.committed: dict[str, int] = {}

    def pause(self, _: Place) -> None:
        pass

    def resume(self, _: Place) -> None:
        pass

    def commit(self, nexts: Mapping[Place, int]) -> None:
        self.committed |= {place.topic: offset for place, offset in nexts.items()}


class Writer:
    """A ClickHouse that fails at first, so many times."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.rows: list[bytes] = []

    def take_over(self) -> dict[str, Mark]:
        return {}

    def insert(self, _: Table, rows: Sequence[bytes], __: Span) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.rows += rows

    def write(self, ranges: Sequence[Range]) -> None:
        for one in ranges:
            self.rows += one.rows


@pytest.mark.parametrize(
    "failures",
    [(), (WarehouseDown("down"),), (WarehouseRefused("full"), EpochLost("taken over"), WarehouseDown("down"))],
)
def test_units_of_a_transaction_too_large_to_hold_are_written_though_clickhouse_is_down_at_first(
    failures: tuple[Exception, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "HELD_BYTES", HELD_BYTES)
    member, writer = Member(), Writer(*failures)
    partition = Partition(0, {}, cast("Any", member), cast("Any", writer))
    rows = [a_verdict(number) for number in range(12)]  # any record that is no position
    partition.add(a_run(rows[:10], stream="units"))
    worked = [partition.work(lambda turn=turn: LONG * turn) for turn in range(len(failures) + 1)]  # type: ignore[misc]
    assert worked == [False] * len(failures) + [True]
    assert (writer.rows, partition.buffers["units"].size) == (rows[:10], 0)
    keys = [b"k", b"k", POSITION_KEY]
    partition.add(a_run([*rows[10:], a_position(12)], 10, "units", keys))
    assert partition.work(lambda: LONG * LONG)
    assert (writer.rows, member.committed) == (rows, {"units": 13})
