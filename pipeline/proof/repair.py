"""Rows that ClickHouse lost, inserted again from the topics that still hold them.

Flow: records of every stream's topic, within retention -> the rows that are missing.

Only ordinals up to the mark are touched: what lies above is the sink's to write, so both may run at once.
"""

from collections.abc import Iterator
from itertools import groupby, islice

from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.container import container
from pipeline.warehouse.inserts import ONE_BLOCK, Span, insert_rows
from pipeline.warehouse.marks import Mark, read_marks
from pipeline.warehouse.tables import TABLES, Table
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import SchemaVersion, catalogue

_ROWS_AT_ONCE = 50_000


def repair(settings: Settings, warehouse: Warehouse, partition: int) -> int:
    """Insert every row of a partition that is missing; return how many there were.

    Units are all written again: the highest sequence holds, and of equal ones the last written.
    """
    marks = read_marks(warehouse, partition)
    return sum(_repair_table(settings, warehouse, table, marks.get((partition, table.stream))) for table in TABLES)


def _repair_table(settings: Settings, warehouse: Warehouse, table: Table, mark: Mark | None) -> int:
    if mark is None:
        return 0
    written, span = 0, Span(0, mark.ordinal)
    for known, rows in _chunks(settings, table, mark.partition):
        condition = f"`{table.columns(known)[table.range_by][0]}` <= {mark.ordinal}"
        statement = insert_rows(table, known, mark.partition, span, condition)
        written += warehouse.insert_avro(statement, container(known, rows), **ONE_BLOCK)
    return 0 if table.replaces else written


def _chunks(settings: Settings, table: Table, partition: int) -> Iterator[tuple[SchemaVersion, list[bytes]]]:
    place = Place(table.stream, partition)
    runs = sweep(settings, first_offsets(settings, [place]))
    framed = (value for run in runs for value in run.values if value is not None)
    for schema_id, run in groupby(framed, key=lambda value: int.from_bytes(value[1:FRAME_BYTES])):
        known = catalogue().of_id(schema_id)
        while rows := list(islice(run, _ROWS_AT_ONCE)):
            if known.record == table.record:
                yield known, rows
