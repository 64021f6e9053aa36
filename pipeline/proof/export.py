"""Rows of ClickHouse as the records they came from, byte for byte.

Flow: a table's rows in, Avro bodies as the worker wrote them out; so whole rows are compared at once.

ClickHouse writes the columns of a row one behind the other, exactly as a record with nested records does, and with the
shortest sync interval a block holds one row.
"""

import io
from typing import Any

import fastavro

from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.tables import Table
from pipeline.wire.body import Schema
from pipeline.wire.schemas import SchemaVersion, catalogue

_ONE_ROW_A_BLOCK: dict[str, Any] = {"output_format_avro_sync_interval": 32, "output_format_avro_codec": "null"}


def export_bodies(warehouse: Warehouse, table: Table, where: str, order: str, under: str = "") -> list[bytes]:
    """Return the bodies of a table's rows.

    Args:
        warehouse: where the rows are.
        table: which.
        where: condition, of our own making.
        order: columns to order by.
        under: only the fields whose path begins so, for example `scan.` of a verdict.
    """
    columns = columns_of(table, under)
    final = " FINAL" if table.replaces else ""
    sql = f"SELECT {', '.join(columns)} FROM {table.name}{final} WHERE {where} ORDER BY {order}"  # noqa: S608
    whole = export_rows(warehouse, sql)
    blocks: Any = fastavro.block_reader(io.BytesIO(whole)) if whole else ()
    return [block.bytes_.getvalue() for block in blocks if block.num_records]  # no rows are one empty block


def columns_of(table: Table, under: str = "") -> list[str]:
    """Return the expressions of a table's columns that are written as a record of its newest schema is.

    Args:
        table: which.
        under: only the fields whose path begins so.
    """
    known = catalogue().version(table.record)
    return [_written(name, path, type_, known) for name, (path, type_) in table.columns(known).items()
            if path.startswith(under)]  # fmt: skip


def export_rows(warehouse: Warehouse, sql: str) -> bytes:
    """Return a question's result as an Avro file with one row a block, empty where ClickHouse writes nothing at all."""
    return warehouse.raw_query(sql, "Avro", None, **_ONE_ROW_A_BLOCK)


def _written(column: str, path: str, type_: str, known: SchemaVersion) -> str:
    """Return the expression that is written as the record's field was; times are, all others are told their type."""
    if "DateTime64" in type_:
        return f"`{column}`"
    symbols = _symbols(known.schema, path)
    if symbols:
        values = ", ".join(f"'{symbol}' = {at}" for at, symbol in enumerate(symbols))
        type_ = f"Enum8({values})"
    return f"CAST(`{column}` AS {type_}) AS `{column}_`"


def _symbols(record: Schema, path: str) -> list[str]:
    name, _, rest = path.partition(".")
    type_: Any = next(field["type"] for field in record["fields"] if field["name"] == name)
    if rest:
        return _symbols(type_, rest)
    return list(type_["symbols"]) if isinstance(type_, dict) and type_["type"] == "enum" else []
