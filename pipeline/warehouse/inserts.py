"""The SQL of the sink and of repair: guarded inserts, the count of a range, epochs and marks.

Every insert is guarded by `my epoch is still the greatest`: a sink that was taken over, and does not know it yet,
writes nothing. What is there already is left out, so an insert may be repeated whatever became of the first one.
Names and numbers here are our own, none comes from a record.
"""
# ruff: noqa: S608

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.warehouse.marks import Mark
from pipeline.warehouse.tables import Table
from pipeline.wire.schemas import SchemaVersion

ONE_BLOCK: dict[str, Any] = {
    "max_insert_threads": 1,
    "max_block_size": 1 << 20,
    "max_insert_block_size": 1 << 20,
    "min_insert_block_size_rows": 1 << 30,  # join what was read before it is written: a block is there or not
    "min_insert_block_size_bytes": 1 << 40,
    "insert_deduplicate": 0,  # a token loses acknowledged rows after SIGKILL; rows are told apart by their identity
    "async_insert": 0,
    "input_format_avro_allow_missing_fields": 1,  # of older versions of a schema
}


@dataclass(frozen=True)
class Epoch:
    """The right to write a partition, until somebody starts a greater one."""

    partition: int
    number: int
    owner: str

    @property
    def guard(self) -> str:
        """Return the condition that this is still the greatest epoch of its partition."""
        return (
            f"(SELECT max((epoch, owner)) FROM sink_epochs WHERE partition = {self.partition})"
            f" = ({self.number}, '{self.owner}')"
        )


@dataclass(frozen=True)
class Span:
    """Ordinals of one partition, without the first, with the last; no last: whatever comes."""

    after: int
    to: int | None = None

    def covers(self, column: str, partition: int) -> str:
        """Return the condition that a row lies in this span."""
        upper = "" if self.to is None else f" AND {column} <= {self.to}"
        return f"partition = {partition} AND {column} > {self.after}{upper}"


def insert_rows(table: Table, known: SchemaVersion, partition: int, span: Span, condition: str) -> str:
    """Return the insert of one container file into one table, without the rows that are there in this span.

    Args:
        table: where the rows go.
        known: the schema they were written with.
        partition: theirs.
        span: what is looked at for rows that are there.
        condition: under which a row is written at all; its fields are named by their Avro paths.
    """
    columns = table.columns(known)
    structure = ", ".join(f"`{path}` {type_}" for path, type_ in columns.values())
    conditions = [condition]
    if not table.replaces:
        mine = ", ".join(f"`{columns[name][0]}`" for name in table.identity)
        theirs = ", ".join(table.identity)
        there = span.covers(table.range_by, partition)
        conditions.append(f"({mine}) NOT IN (SELECT {theirs} FROM {table.name} WHERE {there})")
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)})"
        f" SELECT {', '.join(f'`{path}`' for path, _ in columns.values())} FROM input('{structure}')"
        f" WHERE {' AND '.join(conditions)} FORMAT Avro"
    )


def count_rows(table: Table, epoch: Epoch, span: Span) -> str:
    """Return the count of a span: rows, different rows, and whether the epoch still holds.

    A unit's row of the span may have been replaced by one of a later span, so there the upper limit is left out.
    """
    reach = Span(span.after) if table.replaces else span
    rows = "uniqExact" if table.replaces else "count"
    identity = ", ".join(table.identity)
    return (
        f"SELECT {rows}({identity if table.replaces else ''}), uniqExact({identity}), {epoch.guard}"
        f" FROM {table.name} WHERE {reach.covers(table.range_by, epoch.partition)}"
    )


def insert_marks(marks: Sequence[Mark], epoch: Epoch) -> str:
    """Return the insert of several streams' marks of one partition."""
    rows = ", ".join(
        f"({one.partition}, '{one.stream}', {one.ordinal}, {one.scans_next}, {one.internal_next}, {one.stream_next})"
        for one in marks
    )
    structure = "p UInt32, s String, o UInt64, sn UInt64, n UInt64, t UInt64"
    return (
        "INSERT INTO sink_marks"
        " (partition, stream, ordinal, scans_next, internal_next, stream_next, epoch, written_at)"
        f" SELECT p, s, o, sn, n, t, {epoch.number}, now64(3) FROM values('{structure}', {rows}) WHERE {epoch.guard}"
    )


def insert_epoch(epoch: Epoch) -> str:
    """Return the insert that starts an epoch."""
    return (
        "INSERT INTO sink_epochs (partition, epoch, owner, started_at)"
        f" SELECT {epoch.partition}, {epoch.number}, '{epoch.owner}', now64(3)"
    )


def greatest_epoch(partition: int) -> str:
    """Return the question for the greatest epoch of a partition and its owner."""
    return f"SELECT max((epoch, owner)).1, max((epoch, owner)).2 FROM sink_epochs WHERE partition = {partition}"


def holds(epoch: Epoch) -> str:
    """Return the question whether an epoch is still the greatest."""
    return f"SELECT {epoch.guard}"
