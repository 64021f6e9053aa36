"""The order in which a partition took the records of its inputs: the ordinal that each offset has.

Flow: unit_events, acts and dead letters of a partition -> ordinals and offsets by topic, and ordinals nobody tells of.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.warehouse.client import Warehouse

Numbers = npt.NDArray[np.int64]

_ORDINALS_AT_ONCE = 2_000_000
_TOLD = """
SELECT toInt64(ordinal) AS ordinal, toInt64(offset) AS offset, is_scan, is_record
FROM (
    SELECT ordinal, offset, topic = {topic:String} AS is_scan, partition, 1 AS is_record FROM unit_events
    UNION ALL SELECT ordinal, offset, topic = {topic:String} AS is_scan, partition, 1 AS is_record FROM acts
    UNION ALL
    SELECT ordinal, offset, topic = {topic:String} AS is_scan, partition, error != 'GAP' AS is_record
    FROM dead_letters WHERE n = 0
)
WHERE partition = {partition:UInt32} AND ordinal > {after:UInt64} AND ordinal <= {to:UInt64}
ORDER BY ordinal LIMIT 1 BY ordinal
"""


class Told(NamedTuple):
    """Records of one topic, in their order: which offset has which ordinal."""

    ordinals: Numbers
    offsets: Numbers

    def first_from(self, offset: int) -> int | None:
        """Return the ordinal of the first record from an offset on, None where there is none."""
        at = int(np.searchsorted(self.offsets, offset))
        return int(self.ordinals[at]) if at < len(self.ordinals) else None


@dataclass
class Order:
    """The order of one partition up to an ordinal."""

    topics: dict[str, Told]
    """By the input's key in the index."""
    holes: list[int] = field(default_factory=list)
    """Ordinals that no table tells of; each is taken out when its record is found."""

    def take_hole(self, topic: str, offset: int) -> int | None:
        """Return the first hole that a record of this topic and offset fits into, None where there is none."""
        told = self.topics[topic]
        at = int(np.searchsorted(told.offsets, offset))
        before = int(told.ordinals[at - 1]) if at else 0
        after = int(told.ordinals[at]) if at < len(told.ordinals) else None
        for hole in self.holes:
            if hole > before and (after is None or hole < after):
                self.holes.remove(hole)
                return hole
        return None


def read_order(warehouse: Warehouse, partition: int, last: int, scans_topic: str) -> Order:
    """Read the order up to an ordinal; of an ordinal that is there twice, one row is taken."""
    parts: list[dict[str, npt.NDArray[np.generic]]] = []
    for after in range(0, last, _ORDINALS_AT_ONCE):
        to = min(after + _ORDINALS_AT_ONCE, last)
        asked = {"topic": scans_topic, "partition": partition, "after": after, "to": to}
        parts.append(warehouse.query_columns(_TOLD, asked))
    ordinals, offsets, is_scan, is_record = (
        np.concatenate([part[name] for part in parts if part] or [np.empty(0, np.int64)]).astype(np.int64)
        for name in ("ordinal", "offset", "is_scan", "is_record")
    )
    of_scans, of_internal = (is_record == 1) & (is_scan == 1), (is_record == 1) & (is_scan == 0)
    topics = {"scans": _told(ordinals, offsets, of_scans), "internal": _told(ordinals, offsets, of_internal)}
    return Order(topics, np.setdiff1d(np.arange(1, last + 1), ordinals).tolist())


def _told(ordinals: Numbers, offsets: Numbers, which: npt.NDArray[np.bool_]) -> Told:
    """Return records in the order of their offsets, which a sound ledger has in the order of their ordinals."""
    mine = np.argsort(offsets[which], kind="stable")
    return Told(ordinals[which][mine], offsets[which][mine])
