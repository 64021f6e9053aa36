"""What the worker wrote, against what ClickHouse holds: the streams within their retention, and the units.

Flow: records of the topics, rows of the tables -> problems.
"""

from dataclasses import dataclass, field

from pipeline.broker.group import Place, Run
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.ledger.outputs import OWN_KEYS, POSITION_KEY, RANGE_KEYS
from pipeline.ledger.position import decode_position
from pipeline.proof.compare import compare
from pipeline.proof.export import export_bodies
from pipeline.proof.report import Report
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.tables import table_of
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.schemas import catalogue, decode

COMPARED_STREAMS = ("revisions", "alerts", "acts", "dead_letters")


@dataclass
class Memory:
    """What the worker wrote of one partition."""

    units: dict[bytes, bytes] = field(default_factory=dict)
    """The last record of each unit, framed, by unit key."""
    ranges: dict[bytes, bytes] = field(default_factory=dict)
    """Likewise who is in whom, the moves that are kept for those that become known later, the alerts of findings."""
    ordinal: int = 0
    scans_next: int = 0
    internal_next: int = 0
    rows: dict[str, list[bytes]] = field(default_factory=lambda: {stream: [] for stream in COMPARED_STREAMS})
    """Framed records of the rarer streams, within retention."""
    expired: set[str] = field(default_factory=set)
    """Streams that once held more."""


def read_memory(settings: Settings, partition: int) -> Memory:
    """Read what the worker wrote, apart from the verdicts, to its end."""
    starts = first_offsets(settings, [Place(stream, partition) for stream in ("units", *COMPARED_STREAMS)])
    memory = Memory(expired={place.topic for place, first in starts.items() if first > 0})
    pending: dict[bytes, bytes | None] = {}
    frames = {stream: frames_of(table_of(stream).record) for stream in COMPARED_STREAMS}
    for run in sweep(settings, starts):
        if run.place.topic == "units":
            _take_units(memory, pending, run)
        else:
            own = frames[run.place.topic]
            memory.rows[run.place.topic] += [value for value in run.values if value and value.startswith(own)]
    return memory


def frames_of(record: str) -> tuple[bytes, ...]:
    """Return what values of a record begin with, in all its versions."""
    return tuple(frame(frame_id) for frame_id, _ in catalogue().frame_ids(record))


def body_of(record: str, value: bytes) -> bytes:
    """Return a body as the newest version of its record has it, as rows are exported."""
    return catalogue().translate(record, value)[FRAME_BYTES:]


def _take_units(memory: Memory, pending: dict[bytes, bytes | None], run: Run) -> None:
    """Take in the units of each transaction that a position has closed; a null value takes a unit away."""
    for key, value in zip(run.keys(), run.values, strict=True):
        if key is not None and (not key.startswith(OWN_KEYS) or key.startswith(RANGE_KEYS)):
            pending[key] = value
        elif key == POSITION_KEY and value is not None:
            for name, state in pending.items():
                held = memory.ranges if name.startswith(RANGE_KEYS) else memory.units
                if state is None:
                    held.pop(name, None)
                else:
                    held[name] = state
            pending.clear()
            position = decode_position(value)
            memory.ordinal = position.ordinal
            memory.scans_next, memory.internal_next = position.scans_next, position.internal_next


def check_streams(warehouse: Warehouse, report: Report, partition: int, memory: Memory, removed: int = 0) -> None:
    """Compare the rarer streams with their tables, from the first ordinal that the topic still holds.

    Revisions from the first that was not removed on record.
    """
    for stream in COMPARED_STREAMS:
        table = table_of(stream)
        rows = memory.rows[stream]
        placed = [(decode(value)[1][table.range_by], body_of(table.record, value)) for value in rows]
        first = 0
        if stream in memory.expired:  # the first that is left may have been cut in two
            first = min((at for at, _ in placed), default=memory.ordinal)
        if stream == "revisions":
            first = max(first, removed)
        expected = [body for at, body in placed if first < at <= memory.ordinal]
        where = Span(first, memory.ordinal).covers(table.range_by, partition)
        found = export_bodies(warehouse, table, where, table.range_by)
        difference = compare(sorted(expected), sorted(found))
        report.compared("streams", len(expected))
        report.found("streams", partition, stream, difference.names(table), len(difference))


def check_units(warehouse: Warehouse, report: Report, partition: int, memory: Memory) -> None:
    """Compare the state of every unit with the last record of `units`; what changed since is left out."""
    table = table_of("units")
    where = Span(0, memory.ordinal).covers(table.range_by, partition)
    found = export_bodies(warehouse, table, where, "item, serial")
    later = _changed_later(warehouse, partition, memory.ordinal)
    expected = [body_of("unit", value) for key, value in memory.units.items() if key.decode() not in later]
    difference = compare(sorted(expected), sorted(found))
    report.compared("units", len(expected))
    report.found("units", partition, "unit_state", difference.names(table), len(difference))


def _changed_later(warehouse: Warehouse, partition: int, ordinal: int) -> set[str]:
    rows = warehouse.query_rows(
        f"SELECT unit_key FROM unit_state FINAL WHERE {Span(ordinal).covers('ordinal', partition)}"  # noqa: S608
    )
    return {key for (key,) in rows}
