"""The oracle fed from the log itself, in the order of the ordinals that the ledger gave out; ClickHouse beside it."""

from collections.abc import Iterable
from typing import Any

from pipeline.broker.read import read_partition
from pipeline.broker.topics import Topics
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode
from tests.oracle.arrivals import SKEW_MS
from tests.oracle.oracle import Oracle
from tests.oracle.rules import MILESTONES, Record

_TIMES = {"previous_event_time", "event_time", "received_at", "last_event_time", *MILESTONES}
_DECIDED = ("outcome", "reason", "state_before", "state_after", "sequence", "previous_site", "previous_event_time")
_EVENTS = ("ordinal", "offset", *_DECIDED, *MILESTONES, "lot", "reference_version", "received_at")
_REVISIONS = (
    "item", "serial", "ordinal", "caused_by", "n", *_DECIDED, *MILESTONES, "reference_version", "received_at",
)  # fmt: skip
_ACTS = (
    "ordinal", "received_at", "id", "kind", "subject", "result", "reason", "author", "content", "base",
    "reference_version",
)  # fmt: skip
_ALERTS = (
    "ordinal", "n", "id", "subject", "kind", "opening", "status", "event", "count", "site", "event_time", "received_at",
    "author", "reason", "sequence", "reference_version",
)  # fmt: skip
_UNITS = (
    "item", "serial", "sequence", "lifecycle", "state", "site", "custody", "last_event_time", *MILESTONES, "lot",
    "applied", "rejected", "open_alerts", "ordinal",
)  # fmt: skip


def fold_the_log(settings: Settings, warehouse: Warehouse, partition: int, partitions: int) -> Oracle:
    """Returns the oracle of a partition after everything that has an ordinal in ClickHouse; ordinals have no hole."""
    order = warehouse.query_rows(
        "SELECT ordinal, 1, topic, offset FROM unit_events WHERE partition = {p:UInt32}"
        " UNION ALL SELECT ordinal, 0, topic, offset FROM acts WHERE partition = {p:UInt32}",
        {"p": partition},
    )
    topics = Topics.load(settings.topic_prefix)
    inputs = {topics.name(topic): _log(settings, topic, partition) for topic in ("scans", "internal")}
    oracle = Oracle(partitions, partition, SKEW_MS)
    for expected, (ordinal, is_scan, topic, offset) in enumerate(sorted(order), start=1):
        assert ordinal == expected, f"partition {partition}: ordinal {ordinal} where {expected} should be"
        key, record, received_at = inputs[topic].pop(offset)
        if is_scan:
            is_internal = topic == topics.name("internal")
            oracle.scan(record, key, partition, offset, ordinal, received_at, is_internal=is_internal)
        else:
            oracle.internal(record, ordinal, received_at)
    for topic, left in inputs.items():
        assert not left, f"partition {partition}: records of {topic} without an ordinal"
    return oracle


def assert_clickhouse_holds(warehouse: Warehouse, oracle: Oracle) -> None:
    """Asserts that the tables hold, of the oracle's partition, what it says: every row, and no row twice."""
    partition = oracle.partition
    _same(_rows(warehouse, "unit_events", _EVENTS, partition), _picked(oracle.decisions.values(), _EVENTS))
    _same(_rows(warehouse, "unit_revisions", _REVISIONS, partition), _picked(oracle.revisions, _REVISIONS))
    _same(_rows(warehouse, "acts", _ACTS, partition), _picked(oracle.acts.values(), _ACTS))
    _same(_rows(warehouse, "alerts", _ALERTS, partition), _picked(oracle.alerts, _ALERTS))
    _same(_rows(warehouse, "unit_state FINAL", _UNITS, partition), _picked(oracle.units.values(), _UNITS))


def _log(settings: Settings, topic: str, partition: int) -> dict[int, tuple[bytes | None, Record, int]]:
    records = read_partition(settings, topic, partition)
    return {one.offset: (one.key, decode(one.value or b"")[1], one.timestamp) for one in records}


def _rows(warehouse: Warehouse, table: str, names: Iterable[str], partition: int) -> list[tuple[Any, ...]]:
    columns = ", ".join(f"toUnixTimestamp64Milli({name})" if name in _TIMES else f"`{name}`" for name in names)
    return warehouse.query_rows(f"SELECT {columns} FROM {table} WHERE partition = {{p:UInt32}}", {"p": partition})


def _picked(records: Iterable[Record], names: Iterable[str]) -> list[tuple[Any, ...]]:
    wanted = tuple(names)
    return [tuple(record[name] for name in wanted) for record in records]


def _same(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """Asserts that two lists hold the same rows in any order; shows the first few that differ."""
    rows, wanted = sorted(found, key=repr), sorted(expected, key=repr)
    if rows != wanted:
        missing, extra = [*{*wanted} - {*rows}][:3], [*{*rows} - {*wanted}][:3]
        message = f"{len(rows)} rows, {len(wanted)} expected; missing {missing}; extra {extra}"
        raise AssertionError(message)
