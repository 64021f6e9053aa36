"""The records of units that a ledger has known for long, made by the real ledger in this process, without Kafka.

Flow: numbers of units -> scans of each -> one Ledger per partition -> what it would have written to `units`.
"""

import time
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.ground import PARTITIONS
from bench.numbered import key_slices, scans_of
from pipeline.domain.compiled import compiled
from pipeline.domain.routing import partition_of_slice
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.outputs import POSITION_KEY
from pipeline.ledger.position import encode_position
from pipeline.ledger.where import where_of
from pipeline.settings import Settings

_SCANS_AT_ONCE: Final = 40_000

Filled = tuple[int, list[bytes], list[bytes]]
"""A partition, keys and values of records of `units`."""


def homes_of(count: int) -> list[NDArray[np.int64]]:
    """Return the numbers 0 to count of units, by the partition each belongs to."""
    homes = np.empty(count, np.int64)
    for start in range(0, count, 1_000_000):
        keys, starts = key_slices(np.arange(start, min(start + 1_000_000, count)))
        _find_homes(keys, starts, homes[start:])
    return [np.flatnonzero(homes == partition) for partition in range(PARTITIONS)]


@compiled
def _find_homes(keys: NDArray[np.uint8], starts: NDArray[np.int64], homes: NDArray[np.int64]) -> None:
    for i in range(len(starts) - 1):
        homes[i] = partition_of_slice(keys, starts[i], starts[i + 1], PARTITIONS)


def fill(settings: Settings, partition: int, units: NDArray[np.int64], scans_each: int) -> Iterator[Filled]:
    """Yield the records of units scanned so many times; at the end the position of a worker that has read nothing yet.

    The inputs are empty, so their offsets start at 0; ordinal and reference data go on from here.
    """
    ledger = Ledger(where_of(settings, partition, PARTITIONS), built_in_lifecycles())
    at_once = max(1, _SCANS_AT_ONCE // scans_each)
    for start in range(0, len(units), at_once):
        some = units[start : start + at_once]
        outputs = ledger.take_scans(_batch(some, scans_each), lambda keys: [None] * len(keys))
        records = outputs.records["units"]
        yield partition, records.keys[:-1], records.values[:-1]
    ledger.position.scans_next = ledger.position.internal_next = 0
    yield partition, [POSITION_KEY], [encode_position(ledger.position, ledger.reference)]


def _batch(units: NDArray[np.int64], scans_each: int) -> Batch:
    turns = np.repeat(np.arange(scans_each), len(units))
    keys, values = scans_of(np.tile(units, scans_each), turns)
    offsets = np.arange(len(keys), dtype=np.int64)
    return Batch(list(keys), list(values), offsets, np.full(len(keys), time.time_ns() // 1_000_000))
