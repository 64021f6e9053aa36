"""The six streams, each with its table, in the order in which tables are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.wire.schemas import SchemaVersion


@dataclass(frozen=True)
class Table:
    """Where a stream's rows go and how a row is recognised."""

    stream: str
    """Key of the topic in schemas/topics.toml."""
    record: str
    name: str
    range_by: str
    """Column with the ordinal of the record that caused the row: streams are ordered by it."""
    identity: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Columns that are not called like the last part of their Avro path."""
    replaces: bool = False
    """Newer rows replace older ones of the same identity, so a row written twice does no harm."""

    def columns(self, known: SchemaVersion) -> dict[str, tuple[str, str]]:
        """Return the table's columns, each with its Avro path and the type to read it as."""
        return {self.renamed.get(path, path.rpartition(".")[2]): (path, type_) for path, type_ in _leaves(known.schema)}


_OF_UNITS = {"key": "unit_key", "expiry": "expiry_days"}

TABLES = (
    Table(
        stream="verdicts",
        record="verdict",
        name="unit_events",
        range_by="ordinal",
        identity=("ordinal",),
        renamed={"scan.lot": "scan_lot", "scan.expiry": "expiry_days"},
    ),
    Table("revisions", "revision", "unit_revisions", "caused_by", ("caused_by", "n")),
    Table("acts", "act", "acts", "ordinal", ("ordinal",)),
    Table("alerts", "alert", "alerts", "ordinal", ("ordinal", "n")),
    Table("dead_letters", "dead_letter", "dead_letters", "ordinal", ("ordinal", "n")),
    Table("units", "unit", "unit_state", "ordinal", ("item", "serial"), _OF_UNITS, replaces=True),
)


@cache
def table_of(stream: str) -> Table:
    """Return the table of a stream."""
    return next(table for table in TABLES if table.stream == stream)


_PRIMITIVES = {"string": "String", "bytes": "String", "int": "Int32", "long": "Int64"}


def _leaves(record: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for one in record["fields"]:
        path, type_ = prefix + one["name"], one["type"]
        if isinstance(type_, dict) and type_["type"] == "record":
            found += _leaves(type_, path + ".")
        else:
            found.append((path, _read_as(type_)))
    return found


def _read_as(type_: Any) -> str:  # noqa: ANN401  a schema is a name, a list or an object
    """Return the ClickHouse type of an Avro type; a date stays a number, because not every number is a date there."""
    if isinstance(type_, list):
        return f"Nullable({_read_as(next(part for part in type_ if part != 'null'))})"
    if isinstance(type_, str):
        return _PRIMITIVES[type_]
    if type_.get("logicalType") == "timestamp-millis":
        return "DateTime64(3)"
    if type_["type"] == "enum":
        return "LowCardinality(String)"
    if type_["type"] == "array":
        parts = ", ".join(f"{part['name']} {_read_as(part['type'])}" for part in type_["items"]["fields"])
        return f"Array(Tuple({parts}))"
    return _PRIMITIVES[type_["type"]]
