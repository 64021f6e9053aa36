"""Side tables: a database of its own with the ledger's tables, for what a replay makes; dropped unless it is kept.

Flow: outputs of a ledger -> rows of the same tables, written as the sink writes them.
"""
# ruff: noqa: S608

import time
from collections.abc import Mapping
from typing import Final

from pipeline.errors import SettingsWrong, WarehouseRefused
from pipeline.ledger.outputs import Outputs
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.container import container
from pipeline.warehouse.inserts import ONE_BLOCK, Span, insert_rows
from pipeline.warehouse.profiles import Profile, render
from pipeline.warehouse.tables import TABLES, table_of
from pipeline.wire.framing import frame
from pipeline.wire.schemas import catalogue

_ROWS_AT_ONCE: Final = 50_000
_SIGN: Final = "replay_of"
"""Table by which a database is known to be a replay's own."""
_NOT_EMPTY: Final = 219  # a table is still being written
_DROPS, _WAIT_SECONDS = 60, 0.5


def check_name(live: Warehouse, name: str, *, of: str, replace: bool) -> None:
    """See whether a replay may make a database of this name.

    Args:
        live: a client of the ledger's own database.
        name: of the database to be.
        of: name of the ledger's own.
        replace: whether a former replay's may be dropped.

    Raises:
        SettingsWrong: the name is no plain one, or taken.
    """
    if not name.isidentifier() or not name.isascii():
        message = f"--into takes a plain name, as replayed; it is {name!r}."
        raise SettingsWrong(message)
    tables = live.query_rows("SELECT name FROM system.tables WHERE database = {name:String}", {"name": name})
    ((exists,),) = live.query_rows("SELECT count() FROM system.databases WHERE name = {name:String}", {"name": name})
    if exists and ((_SIGN,) not in tables or name == of):
        message = f"The database {name} exists and no replay made it: choose another name."
        raise SettingsWrong(message)
    if exists and not replace:
        message = f"The database {name} holds a former replay: --replace drops it, or choose another name."
        raise SettingsWrong(message)


def create_side(live: Warehouse, name: str, *, of: str, profile: Profile) -> None:
    """Create the database of a replay, in place of a former one, with the sign that it is one."""
    drop_side(live, name, profile)
    for statement in (
        f"CREATE DATABASE {name}",
        f"CREATE TABLE {name}.{_SIGN} (ledger String, at DateTime64(3, 'UTC') DEFAULT now64(3))"
        " ENGINE = MergeTree ORDER BY at COMMENT 'made by scanledger replay; may be dropped'",
        f"INSERT INTO {name}.{_SIGN} (ledger) SELECT '{of}'",
    ):
        for text in render(statement, profile):
            live.command(text)


def drop_side(live: Warehouse, name: str, profile: Profile) -> None:
    """Drop the database of a replay, if it is there; an insert that was interrupted may take a moment to end."""
    for text in render(f"DROP DATABASE IF EXISTS {name} SYNC", profile):
        for left in range(_DROPS, -1, -1):
            try:
                live.command(text)
            except WarehouseRefused as refused:
                if not left or refused.code != _NOT_EMPTY:
                    raise
                time.sleep(_WAIT_SECONDS)
            else:
                break


class SideTables:
    """Writes what one partition's ledger makes."""

    def __init__(self, side: Warehouse, partition: int, last: int) -> None:
        self._side, self._partition = side, partition
        self._nothing = Span(last)
        """Rows beyond the last ordinal: none is there, so none is left out."""
        self._frames = {table.stream: frame(catalogue().id(table.record)) for table in TABLES}
        self._rows: dict[str, list[bytes]] = {table.stream: [] for table in TABLES}
        self.written = 0

    def add(self, outputs: Outputs) -> None:
        """Take a batch's rows in, and write what has become many; units are written at the end."""
        for stream, records in outputs.records.items():
            if stream in self._rows and stream != "units":
                self.add_rows(stream, records.values)

    def add_rows(self, stream: str, values: list[bytes]) -> None:
        """Take framed records of a stream in; what is none of its rows is left out."""
        own, rows = self._frames[stream], self._rows[stream]
        rows += [value for value in values if value.startswith(own)]
        if len(rows) >= _ROWS_AT_ONCE:
            self._write(stream)

    def finish(self) -> None:
        """Write the rest."""
        for stream in self._rows:
            self._write(stream)

    def carry(self, live: str, expired: Mapping[str, int]) -> int:
        """Copy the dead letters that no fold can make again, and return how many there are.

        Args:
            live: name of the ledger's own database.
            expired: by topic the offset below which its records have expired; gaps never were records.
        """
        span = Span(0, self._nothing.after).covers("ordinal", self._partition)
        gone = " OR ".join(f"(topic = '{topic}' AND offset < {offset})" for topic, offset in expired.items())
        there = f"FROM {live}.dead_letters WHERE {span} AND (error = 'GAP' OR {gone})"
        self._side.command(f"INSERT INTO dead_letters SELECT * {there}")
        ((count,),) = self._side.query_rows(f"SELECT count() {there}")
        return int(count)

    def _write(self, stream: str) -> None:
        rows, self._rows[stream] = self._rows[stream], []
        table = table_of(stream)
        known = catalogue().version(table.record)
        statement = insert_rows(table, known, self._partition, self._nothing, "1")
        for at in range(0, len(rows), _ROWS_AT_ONCE):
            body = container(known, rows[at : at + _ROWS_AT_ONCE])
            self.written += self._side.insert_avro(statement, body, **ONE_BLOCK)
