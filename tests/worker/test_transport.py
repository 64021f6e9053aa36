"""One visit to the thread that fetches brings what has come of every partition, and loses none of it to a fault."""

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.types import TP

from pipeline.worker.transport import ConsumerThread

ONE, TWO, THREE = TP("scans", 0), TP("internal", 0), TP("scans", 1)


class Fetched:
    """What aiokafka has fetched: batches by partition, or the fault that it met there."""

    def __init__(self, found: dict[TP, list[str] | Exception]) -> None:
        self._found = found
        self._closed = False
        self._subscriptions = SimpleNamespace(fetch_context=contextlib.nullcontext)

    async def fetched_records(self, partitions: set[TP], timeout: float, max_records: int) -> dict[TP, list[str]]:
        """Return the next batch of one partition, as the real one does where a batch counts as one record."""
        assert max_records == 1
        for tp in sorted(partitions & self._found.keys()):
            found = self._found[tp]
            if isinstance(found, Exception):
                del self._found[tp]
                raise found
            if found:
                return {tp: [found.pop(0)]}
        return {}


def a_visit(fetched: Fetched, thread: ConsumerThread) -> dict[TP, list[str]]:
    consumer: Any = SimpleNamespace(_fetcher=fetched, _closed=False)
    records: dict[TP, list[str]] = asyncio.run(thread._fetch_records(consumer, {ONE, TWO, THREE}, 0.02, 1))
    return records


@pytest.fixture
def thread() -> ConsumerThread:
    made = ConsumerThread.__new__(ConsumerThread)
    consumer: Any = SimpleNamespace(flow_active=True)
    made.consumer = consumer
    return made


def test_a_visit_brings_a_batch_of_every_partition(thread: ConsumerThread) -> None:
    fetched = Fetched({ONE: ["a", "b"], TWO: ["c"], THREE: ["d"]})
    assert a_visit(fetched, thread) == {ONE: ["a"], TWO: ["c"], THREE: ["d"]}
    assert a_visit(fetched, thread) == {ONE: ["b"]}


def test_a_fault_of_one_partition_comes_after_what_the_others_have(thread: ConsumerThread) -> None:
    fault = OffsetOutOfRangeError({THREE: 5})
    fetched = Fetched({TWO: ["c"], THREE: fault})
    assert a_visit(fetched, thread) == {TWO: ["c"]}
    with pytest.raises(OffsetOutOfRangeError) as raised:
        a_visit(fetched, thread)
    assert raised.value is fault
    assert a_visit(fetched, thread) == {}


def test_a_partition_that_is_still_to_be_sought_keeps_nothing_back(thread: ConsumerThread) -> None:
    fetched = Fetched({ONE: ["a", "b"], THREE: NoOffsetForPartitionError(THREE)})
    assert a_visit(fetched, thread) == {ONE: ["a"]}
    assert a_visit(fetched, thread) == {ONE: ["b"]}
