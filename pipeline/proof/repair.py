"""Rows that ClickHouse lost, inserted again from the topics that still hold them.

Flow: records of every stream's topic, within retention -> the rows that are missing.

Only ordinals up to the mark are touched: what lies above is the sink's to write, so both may run at once.
"""

from collections import defaultdict
from itertools import groupby

from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.container import container
from pipeline.warehouse.inserts import ONE_BLOCK, Span, insert_rows
from pipeline.warehouse.marks import Mark, read_marks
from pipeline.warehouse.retention import TABLES_WITH_MONTHS
from pipeline.warehouse.tables import TABLES
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue

_ROWS_AT_ONCE = 50_000


def repair(settings: Settings, warehouse: Warehouse, partition: int, removed: int = 0) -> int:
    """Insert every row of a partition that is missing; return how many there were, units left out.

    What was removed on record, up to the ordinal `removed`, is not missing.

    Units are all written again, so their number says nothing: the highest sequence holds, and of equal ones the last
    written.
    """
    marks = {stream: mark for (_, stream), mark in read_marks(warehouse, partition).items()}
    if not marks:
        return 0  # the sink has not written anything yet: nothing can be missing
    starts = first_offsets(settings, [Place(stream, partition) for stream in marks])
    held: dict[int, list[bytes]] = defaultdict(list)
    written = 0
    for run in sweep(settings, starts):
        for schema_id, same in groupby((value for value in run.values if value), key=_schema_id):
            held[schema_id] += same
            if len(held[schema_id]) >= _ROWS_AT_ONCE:
                written += _insert(warehouse, schema_id, held.pop(schema_id), marks, removed)
    return written + sum(_insert(warehouse, schema_id, rows, marks, removed) for schema_id, rows in held.items())


def _schema_id(framed: bytes) -> int:
    return int.from_bytes(framed[1:FRAME_BYTES])


def _insert(warehouse: Warehouse, schema_id: int, rows: list[bytes], marks: dict[str, Mark], removed: int) -> int:
    known = catalogue().of_id(schema_id)
    table = next((table for table in TABLES if table.record == known.record), None)
    mark = marks.get(table.stream) if table else None
    if table is None or mark is None:  # positions and reference data are no rows, a stream without a mark has none yet
        return 0
    low = removed if table.name in TABLES_WITH_MONTHS else 0
    column = table.columns(known)[table.range_by][0]
    condition = f"`{column}` > {low} AND `{column}` <= {mark.ordinal}"
    statement = insert_rows(table, known, mark.partition, Span(low, mark.ordinal), condition)
    written = warehouse.insert_avro(statement, container(known, rows), **ONE_BLOCK)
    return 0 if table.replaces else written
