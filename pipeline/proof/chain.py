"""The chain of ordinals in ClickHouse, and its match with the records of the inputs.

Flow: scans, acts and dead letters of a partition by ordinal, offsets of its inputs -> problems.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.ledger.where import Where
from pipeline.proof.report import Report
from pipeline.warehouse.client import Warehouse

Numbers = npt.NDArray[np.int64]
_ORDINALS_AT_ONCE = 2_000_000
_ACCOUNTED = """
SELECT toInt64(ordinal) AS ordinal, toInt64(offset) AS offset, topic = {topic:String} AS is_scan, is_record
FROM (
    SELECT ordinal, offset, topic, partition, 1 AS is_record FROM unit_events
    UNION ALL SELECT ordinal, offset, topic, partition, 1 AS is_record FROM acts
    UNION ALL SELECT ordinal, offset, topic, partition, n = 0 AND error != 'GAP' AS is_record FROM dead_letters
)
WHERE partition = {partition:UInt32} AND ordinal > {after:UInt64} AND ordinal <= {to:UInt64}
ORDER BY ordinal
"""


class Input(NamedTuple):
    """What the log of one input holds of a partition."""

    low: int
    """First offset that is still there."""
    offsets: Numbers
    """Of its committed records."""
    next: int
    """Offset up to which the ledger says it has accounted for everything."""


class Accounted(NamedTuple):
    """Offsets that ClickHouse accounts for, in the order of their ordinals."""

    scans: Numbers
    internal: Numbers


def check_ordinals(warehouse: Warehouse, report: Report, where: Where, last: int, removed: int = 0) -> Accounted:
    """Check that ordinals run from 1 to `last` without hole or double, and return the offsets they stand for.

    Where rows were removed on record, ordinals run from the one behind the last removed.
    """
    partition, scans_topic = where.partition, where.scans_topic
    scans, internal = [], []
    for after in range(removed, last, _ORDINALS_AT_ONCE):
        to = min(after + _ORDINALS_AT_ONCE, last)
        found = warehouse.query_columns(
            _ACCOUNTED, {"topic": scans_topic, "partition": partition, "after": after, "to": to}
        )
        ordinals = found.get("ordinal", np.empty(0, np.int64)).astype(np.int64)
        expected = np.arange(after + 1, to + 1, dtype=np.int64)
        if not np.array_equal(ordinals, expected):
            _explain(report, partition, ordinals, expected)
        if len(ordinals):
            is_record, is_scan = found["is_record"].astype(bool), found["is_scan"].astype(bool)
            scans.append(found["offset"][is_record & is_scan].astype(np.int64))
            internal.append(found["offset"][is_record & ~is_scan].astype(np.int64))
    report.compared("ordinals", max(0, last - removed))
    nothing = [np.empty(0, np.int64)]
    return Accounted(np.concatenate(scans or nothing), np.concatenate(internal or nothing))


def check_offsets(
    report: Report, partition: int, inputs: Mapping[str, Input], accounted: Accounted, removed: int = 0
) -> None:
    """Check that what is accounted for is what the inputs hold, once and in the order of their offsets.

    Where rows were removed on record, from the first offset that is accounted for behind them.
    """
    for topic, told in (("scans", accounted.scans), ("internal", accounted.internal)):
        log = inputs[topic]
        if removed:
            low = int(told.min()) if len(told) else log.next
            log = log._replace(low=max(log.low, low), offsets=log.offsets[log.offsets >= low])
        held = log.offsets[log.offsets < log.next]
        within = told[told >= log.low]
        missing, unknown = np.setdiff1d(held, within), np.setdiff1d(within, held)
        turned = within[1:][np.diff(within) <= 0]
        report.compared("offsets", len(held))
        report.found("offsets", partition, f"offsets of {topic} not accounted for", missing, len(missing))
        report.found("offsets", partition, f"offsets of {topic} that hold no record", unknown, len(unknown))
        report.found("offsets", partition, f"offsets of {topic} twice or out of order", turned, len(turned))


def _explain(report: Report, partition: int, ordinals: Numbers, expected: Numbers) -> None:
    holes = np.setdiff1d(expected, ordinals)
    doubles = ordinals[1:][np.diff(ordinals) == 0]
    report.found("ordinals", partition, "ordinals missing", holes, len(holes))
    report.found("ordinals", partition, "ordinals twice", doubles, len(doubles))
