"""A partition's history out of the log itself, and out of ClickHouse where the log has expired.

Flow: records of both inputs, the order that ClickHouse tells -> stretches of one input, in the order of the ordinals.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from pipeline.broker.read import Record, read_partition
from pipeline.ledger.batch import Batch
from pipeline.proof.history import History, Stretch
from pipeline.proof.order import Numbers, Order
from pipeline.settings import Settings

INPUTS: Final = ("scans", "internal")
_RECORDS_AT_ONCE: Final = 10_000


class Reach(NamedTuple):
    """How far one input's log reaches."""

    low: int
    """First offset that is still there."""
    next: int
    """Offset up to which the ledger has accounted for everything."""


class LogHistory:
    """One partition: what the topics still hold is read from them, everything before that from ClickHouse."""

    def __init__(self, settings: Settings, history: History, order: Order, reach: Mapping[str, Reach]) -> None:
        """Prepare to read; `reach` is by the input's key in the index."""
        self._settings, self._history, self._order, self._reach = settings, history, order, reach
        self.from_log = self.from_clickhouse = 0
        """Records read from each."""
        self.problems: list[str] = []
        """Where log and ClickHouse do not tell of the same records."""

    def stretches(self, last: int, cuts: Collection[int] = ()) -> Iterator[Stretch]:
        """Yield everything up to an ordinal, as `Stretches` says."""
        begins = {topic: self._begin(topic, last) for topic in INPUTS}
        parts = [self._of_clickhouse(begins, cuts), *(self._of_log(topic, last, cuts) for topic in INPUTS)]
        yield from merge(*parts, key=lambda stretch: stretch.first)

    def _begin(self, topic: str, last: int) -> int:
        """Return the ordinal from which on a topic is read; what lies before it has expired there."""
        told = self._order.topics[topic]
        if not len(told.offsets) or told.offsets[0] >= self._reach[topic].low:
            return 0
        return told.first_from(self._reach[topic].low) or last + 1

    def _of_clickhouse(self, begins: Mapping[str, int], cuts: Collection[int]) -> Iterator[Stretch]:
        for stretch in self._history.stretches(max(begins.values()) - 1, {*begins.values(), *cuts}):
            if stretch.first < begins["internal" if stretch.is_internal else "scans"]:
                self.from_clickhouse += len(stretch)
                yield stretch

    def _of_log(self, topic: str, last: int, cuts: Collection[int]) -> Iterator[Stretch]:
        expected, end_of_all = self._reach[topic]
        records = read_partition(self._settings, topic, self._history.partition, expected, end_of_all)
        while chunk := list(islice(records, _RECORDS_AT_ONCE)):
            ordinals = self._ordinals(topic, chunk, expected)
            expected = chunk[-1].offset + 1
            for begin, end in _runs(ordinals, last, cuts):
                self.from_log += end - begin
                yield _stretch(topic, int(ordinals[begin]), chunk[begin:end])
        self._miss(topic, expected, end_of_all)

    def _ordinals(self, topic: str, chunk: Sequence[Record], expected: int) -> Numbers:
        """Return the ordinal of each record, 0 for one that is accounted for nowhere."""
        told, offsets = self._order.topics[topic], np.array([record.offset for record in chunk], np.int64)
        at = np.searchsorted(told.offsets, offsets)
        at = np.minimum(at, max(len(told.offsets) - 1, 0))
        is_told = told.offsets[at] == offsets if len(told.offsets) else np.zeros(len(offsets), np.bool_)
        ordinals = np.where(is_told, told.ordinals[at] if len(told.ordinals) else 0, 0)
        for i in np.flatnonzero(~is_told).tolist():
            ordinals[i] = self._order.take_hole(topic, int(offsets[i])) or 0
            if not ordinals[i]:
                self._tell(f"offset {offsets[i]} of {topic} is accounted for nowhere")
        self._miss(topic, expected, int(offsets[-1]) + 1, offsets)
        return ordinals

    def _miss(self, topic: str, begin: int, end: int, found: Numbers | None = None) -> None:
        """Tell of offsets from begin to end that have an ordinal and no record."""
        told = self._order.topics[topic]
        among = (told.offsets >= begin) & (told.offsets < end)
        lost = among if found is None else among & ~np.isin(told.offsets, found)
        for at in np.flatnonzero(lost).tolist():
            self._tell(f"ordinal {told.ordinals[at]}: offset {told.offsets[at]} of {topic} holds no record")

    def _tell(self, problem: str) -> None:
        self.problems.append(f"partition {self._history.partition}: {problem}")


def _runs(ordinals: Numbers, last: int, cuts: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of runs of consecutive ordinals, cut where told; what has no ordinal is in none."""
    is_begin = np.append(True, np.diff(ordinals) != 1) | np.isin(ordinals, list(cuts))
    begins = np.flatnonzero(is_begin).tolist()
    for begin, end in zip(begins, [*begins[1:], len(ordinals)], strict=True):
        if 0 < ordinals[begin] <= last:
            yield begin, end


def _stretch(topic: str, first: int, records: Sequence[Record]) -> Stretch:
    keys, values = [record.key for record in records], [record.value for record in records]
    offsets = np.array([record.offset for record in records], np.int64)
    received_at = np.array([record.timestamp for record in records], np.int64)
    return Stretch(first, topic == "internal", Batch(keys, values, offsets, received_at))
