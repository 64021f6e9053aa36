"""What the worker wrote, against what ClickHouse holds: the streams within their retention, and the units.

Flow: records of the topics, rows of the tables -> problems.
"""

from dataclasses import dataclass, field

from pipeline.broker.admin import watermarks
from pipeline.broker.read import read_partition
from pipeline.broker.topics import Topics
from pipeline.proof.compare import compare
from pipeline.proof.export import export_bodies
from pipeline.proof.report import Report
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.tables import Table, table_of
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.schemas import catalogue, decode

COMPARED_STREAMS = ("revisions", "alerts", "acts", "dead_letters")
_OWN_KEYS = b"\x00"


@dataclass
class Memory:
    """What the topic `units` says about a partition: the last record of each unit, and the last position."""

    units: dict[bytes, bytes] = field(default_factory=dict)
    """Framed, by unit key."""
    ordinal: int = 0
    scans_next: int = 0
    internal_next: int = 0


def read_memory(settings: Settings, partition: int) -> Memory:
    """Read a partition of `units` to its end."""
    memory, pending = Memory(), {}
    position = frame(catalogue().id("position"))
    for record in read_partition(settings, "units", partition):
        key, value = record.key or b"", record.value
        if not key.startswith(_OWN_KEYS):
            pending[key] = value
        elif value is not None and value.startswith(position):
            _settle(memory, pending)
            fields = decode(value)[1]
            memory.ordinal = fields["ordinal"]
            memory.scans_next, memory.internal_next = fields["scans_next"], fields["internal_next"]
    return memory


def _settle(memory: Memory, pending: dict[bytes, bytes | None]) -> None:
    """Take in the units of a transaction; a null value takes one away."""
    for key, value in pending.items():
        if value is None:
            memory.units.pop(key, None)
        else:
            memory.units[key] = value
    pending.clear()


def check_streams(settings: Settings, warehouse: Warehouse, report: Report, partition: int, last: int) -> None:
    """Compare the rarer streams with their tables, from the first ordinal that the topic still holds up to `last`."""
    topics = Topics.load(settings.topic_prefix)
    for stream in COMPARED_STREAMS:
        table = table_of(stream)
        has_expired = watermarks(settings, topics.name(stream))[partition].low > 0
        written = _written(settings, table, partition, last)
        first = 0 if not has_expired else min((at for at, _ in written), default=last)  # that one may be cut in two
        where = Span(first, last).covers(table.range_by, partition)
        found = export_bodies(warehouse, table, where, table.range_by)
        expected = [body for at, body in written if at > first]
        difference = compare(sorted(expected), sorted(found))
        report.compared("streams", len(expected))
        report.found("streams", partition, stream, difference.names(table), len(difference))


def _written(settings: Settings, table: Table, partition: int, last: int) -> list[tuple[int, bytes]]:
    own = frame(catalogue().id(table.record))
    values = (record.value for record in read_partition(settings, table.stream, partition))
    rows = [value for value in values if value is not None and value.startswith(own)]
    placed = ((decode(value)[1][table.range_by], value[FRAME_BYTES:]) for value in rows)
    return [row for row in placed if row[0] <= last]


def check_units(warehouse: Warehouse, report: Report, partition: int, memory: Memory) -> None:
    """Compare the state of every unit with the last record of `units`; what changed since is left out."""
    table = table_of("units")
    where = Span(0, memory.ordinal).covers(table.range_by, partition)
    found = export_bodies(warehouse, table, where, "item, serial")
    later = _changed_later(warehouse, partition, memory.ordinal)
    expected = [value[FRAME_BYTES:] for key, value in memory.units.items() if key.decode() not in later]
    difference = compare(sorted(expected), sorted(found))
    report.compared("units", len(expected))
    report.found("units", partition, "unit_state", difference.names(table), len(difference))


def _changed_later(warehouse: Warehouse, partition: int, ordinal: int) -> set[str]:
    rows = warehouse.query_rows(
        f"SELECT unit_key FROM unit_state FINAL WHERE {Span(ordinal).covers('ordinal', partition)}"  # noqa: S608
    )
    return {key for (key,) in rows}
