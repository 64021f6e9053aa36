"""The outbox: what is to be told, to whom it was told, and how far `alerts` was read, in one SQLite file.

    outbox = Outbox(folder)
    with outbox.transaction():           # on disk (WAL, synchronous=FULL) when the block ends, or not at all
        outbox.advance(partition, offset + 1)

One process tells what is in it (`lock`); others may look, and change what has failed.
"""

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.errors import OutboxInUse, OutboxUnusable

_VERSION: Final = 1
_BUSY_SECONDS: Final = 20.0
_FILE, _LOCK = "outbox.sqlite", "lock"
_SCHEMA: Final = """
CREATE TABLE log (identity TEXT NOT NULL) STRICT;
CREATE TABLE positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL, begun_ms INTEGER NOT NULL) STRICT;
CREATE TABLE alerts (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, site TEXT NOT NULL, changed_ms INTEGER NOT NULL, times TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, alert TEXT NOT NULL, opening INTEGER NOT NULL,
    event TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, subject TEXT NOT NULL, site TEXT NOT NULL,
    route TEXT NOT NULL, recipient TEXT NOT NULL, body TEXT NOT NULL, received_ms INTEGER NOT NULL,
    first_ms INTEGER NOT NULL, state TEXT NOT NULL, due_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    changes INTEGER NOT NULL DEFAULT 0, changed_ms INTEGER NOT NULL, code INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX of_recipient ON deliveries (recipient, state, due_ms);
CREATE INDEX of_alert ON deliveries (alert, route, recipient, seq);
CREATE INDEX of_burst ON deliveries (route, recipient, event, kind, site, state, first_ms);
CREATE INDEX of_state ON deliveries (state, first_ms);
CREATE TABLE timers (
    alert TEXT NOT NULL, route TEXT NOT NULL, due_ms INTEGER NOT NULL, PRIMARY KEY (alert, route)
) STRICT;
CREATE INDEX due_timers ON timers (due_ms);
CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, row TEXT NOT NULL) STRICT;
"""


class Position(NamedTuple):
    """How far a partition of `alerts` was read, and from when on its alerts are told."""

    next: int
    begun_ms: int


class Known(NamedTuple):
    """An alert as it was last seen: `times` says how often each event of it was, `record` its newest record.

    Of one that ended long ago the record is empty.
    """

    status: str
    site: str
    times: Mapping[str, int]
    record: Mapping[str, Any]


class Outbox:
    """One connection to the outbox; not for several threads."""

    def __init__(self, folder: Path) -> None:
        """Open it, or make it.

        Raises:
            OutboxUnusable: its folder cannot be written, it is damaged, or newer code made it.
        """
        self._folder = folder
        try:
            # The folder keeps others out. The file is opened by SQLite alone: to close it once besides would drop the
            # locks of every connection of this process, and the next verb that ends would remove the log in use.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.connection = sqlite3.connect(folder / _FILE, timeout=_BUSY_SECONDS, isolation_level=None)
            self.connection.row_factory = sqlite3.Row
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise _unusable(folder, error) from error

    def lock(self) -> int:
        """Take it for this process, until the number returned is closed or the process ends.

        Raises:
            OutboxInUse: another process has it.
        """
        handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            message = f"Another notify tells what is in {self._folder}: end it first; one is enough for a ledger."
            raise OutboxInUse(message) from None
        return handle

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Have all that the block changes on disk when it ends, or nothing of it.

        Raises:
            OutboxUnusable: the disk is full, or the file is damaged.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _unusable(self._folder, error) from error

    def belong_to(self, identity: str) -> None:
        """Check that it was made for this log, or note so; within a transaction.

        Raises:
            OutboxUnusable: it was made for another one, whose alerts may have the same ids.
        """
        row = self.connection.execute("SELECT identity FROM log").fetchone()
        if row is None:
            self.connection.execute("INSERT INTO log VALUES (?)", (identity,))
        elif row["identity"] != identity:
            message = (
                f"The outbox in {self._folder} is of another Kafka, or its alerts topic was made anew: move the folder "
                "away, or set SCANLEDGER_HOME to another one. What it still had to tell is then told to nobody."
            )
            raise OutboxUnusable(message)

    def position(self, partition: int) -> Position | None:
        """Return how far a partition was read; None where never."""
        found = self.connection.execute("SELECT next, begun_ms FROM positions WHERE partition = ?", (partition,))
        row = found.fetchone()
        return Position(*row) if row else None

    def begin(self, partition: int, begun_ms: int) -> None:
        """Note that a partition is read for the first time: alerts that came before this are known, and not told."""
        self.connection.execute("INSERT OR IGNORE INTO positions VALUES (?, 0, ?)", (partition, begun_ms))

    def advance(self, partition: int, next_offset: int) -> None:
        """Note how far a partition was read."""
        self.connection.execute("UPDATE positions SET next = ? WHERE partition = ?", (next_offset, partition))

    def known(self, alert: str) -> Known | None:
        """Return what is known of an alert."""
        row = self.connection.execute("SELECT * FROM alerts WHERE id = ?", (alert,)).fetchone()
        return Known(row["status"], row["site"], json.loads(row["times"]), json.loads(row["record"])) if row else None

    def keep(self, alert: str, known: Known, now_ms: int) -> None:
        """Remember an alert."""
        told = (alert, known.status, known.site, now_ms, json.dumps(known.times), json.dumps(known.record))
        self.connection.execute("INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?, ?, ?)", told)

    def set_timer(self, alert: str, route: str, due_ms: int) -> None:
        """Have an alert escalate by a route at a time, unless somebody calms it before."""
        self.connection.execute("INSERT OR REPLACE INTO timers VALUES (?, ?, ?)", (alert, route, due_ms))

    def stop_timers(self, alert: str) -> None:
        """Have an alert not escalate."""
        self.connection.execute("DELETE FROM timers WHERE alert = ?", (alert,))

    def take_timers(self, now_ms: int) -> list[tuple[str, str]]:
        """Return alert and route of every timer that is due, which are then no more."""
        rows = self.connection.execute("DELETE FROM timers WHERE due_ms <= ? RETURNING alert, route", (now_ms,))
        return [(row["alert"], row["route"]) for row in rows.fetchall()]

    def changes(self, most: int) -> list[tuple[int, str]]:
        """Return what has become of deliveries and is not in ClickHouse yet, in order: number and row."""
        rows = self.connection.execute("SELECT seq, row FROM changes ORDER BY seq LIMIT ?", (most,))
        return [(row["seq"], row["row"]) for row in rows.fetchall()]

    def forget_changes(self, up_to: int) -> None:
        """Drop what is in ClickHouse."""
        self.connection.execute("DELETE FROM changes WHERE seq <= ?", (up_to,))

    def bound_changes(self, most: int) -> int:
        """Drop the oldest changes beyond so many; returns how many that were."""
        sql = "DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ?"
        return self.connection.execute(sql, (most,)).rowcount

    def forget_ended(self, before_ms: int) -> None:
        """Drop the records and deliveries of alerts that ended before a time.

        Their sites stay, and how often each event of them was: reopened later, they are told by ids never used before.
        """
        is_ended = "status IN ('CLOSED', 'RETRACTED') AND changed_ms < ? AND record <> '{}'"
        ended = f"SELECT id FROM alerts WHERE {is_ended}"  # noqa: S608  ours
        self.connection.execute(f"DELETE FROM deliveries WHERE alert IN ({ended})", (before_ms,))  # noqa: S608
        self.connection.execute(f"UPDATE alerts SET record = '{{}}' WHERE {is_ended}", (before_ms,))  # noqa: S608

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def _prepare(self) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        with self.transaction():
            ((version,),) = self.connection.execute("PRAGMA user_version").fetchall()
            if version > _VERSION:
                message = f"The outbox in {self._folder} was made by newer code: use that, or another SCANLEDGER_HOME."
                raise OutboxUnusable(message)
            if version == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA user_version = {_VERSION}")


def _unusable(folder: Path, error: Exception) -> OutboxUnusable:
    message = f"The outbox in {folder} cannot be written or read: {error}. Is the disk full, or not ours?"
    return OutboxUnusable(message)
