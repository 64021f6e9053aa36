"""A small database on disk: changes from any thread, those that came meanwhile in one transaction, synced before told.

Flow: a change -> a future that is done when it is on disk, or that raises ReceiptsUnusable.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from pipeline.errors import ReceiptsUnusable

Database = sqlite3.Connection
Result = TypeVar("Result")

_LOCKED_SECONDS: Final = 5.0  # another process of the home may be writing
_WRITTEN_SECONDS: Final = 3 * _LOCKED_SECONDS  # the group at work and the next may each wait so long
_FAULTS: Final = (sqlite3.Error, OSError, ValueError, zlib.error)
"""What a change may meet: beside SQLite's own, too many open files and rows that are damaged. None ends the thread."""


class Journal:
    """One SQLite file in WAL mode; other processes may have it open too."""

    def __init__(self, file: Path, tables: str, version: int, upkeep: Callable[[Database], None]) -> None:
        """Open or make the file.

        Args:
            file: where it is.
            tables: SQL that makes what is missing.
            version: of the tables; a file of a newer one is refused.
            upkeep: called within each transaction, before its changes.

        Raises:
            sqlite3.Error: it cannot be opened, is damaged or newer.
        """
        self._file, self._upkeep = file, upkeep
        self._reader, self._reading = self._open(), threading.Lock()
        (found,) = self._reader.execute("PRAGMA user_version").fetchone()
        if found > version:
            message = f"{file.name} is of version {found}, this program knows {version}"
            raise sqlite3.DatabaseError(message)
        self._reader.executescript(tables)
        self._reader.execute(f"PRAGMA user_version = {version}")
        self._asked: queue.SimpleQueue[_Asked[Any] | None] = queue.SimpleQueue()  # None: the end
        self._newest: Future[Any] | None = None  # of the change asked for last
        self._asking = threading.Lock()
        self._writer = threading.Thread(target=self._write, name=file.stem, daemon=True)
        self._writer.start()

    def change(self, change: Callable[[Database], Result], failed: Callable[[], None] | None = None) -> Future[Result]:
        """Make a change; `failed` is called, in the thread that writes, where it could not be written."""
        asked = _Asked(change, failed or _nothing)
        with self._asking:
            self._asked.put(asked)
            self._newest = asked.future
        return asked.future

    def read_one(self, sql: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Return the first row of a question, as it is after every change that this process has asked for before.

        So who was answered 202 does not read that the request was cut off. Changes that failed are not there.

        Raises:
            ReceiptsUnusable: the file cannot be read, or what was asked for is not written in time.
        """
        if self._newest is not None and wait([self._newest], _WRITTEN_SECONDS).not_done:
            raise _unusable(TimeoutError("what comes before is not written yet"))
        with self._reading:
            try:
                return cast("tuple[Any, ...] | None", self._reader.execute(sql, parameters).fetchone())
            except sqlite3.Error as error:
                raise _unusable(error) from error

    def close(self) -> None:
        """Write what was asked for, then let go."""
        self._asked.put(None)
        self._writer.join()
        self._reader.close()

    def _open(self) -> Database:
        db = sqlite3.connect(self._file, timeout=_LOCKED_SECONDS, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db

    def _write(self) -> None:
        db, is_open = self._open(), True
        while is_open:
            asked = [self._asked.get()]
            while not self._asked.empty():
                asked.append(self._asked.get())
            is_open = None not in asked
            _make_together(db, [_Asked(self._upkeep, _nothing), *filter(None, asked)])
        db.close()


class _Asked(Generic[Result]):
    """One change asked for, and who waits for it."""

    def __init__(self, change: Callable[[Database], Result], failed: Callable[[], None]) -> None:
        self.future: Future[Result] = Future()
        self.future.set_running_or_notify_cancel()  # who waits may be cancelled, the change cannot be taken back
        self._change, self._failed = change, failed
        self._result: Result | None = None

    def make(self, db: Database) -> None:
        self._result = self._change(db)

    def succeed(self) -> None:
        self.future.set_result(cast("Result", self._result))

    def fail(self, error: Exception) -> None:
        self._failed()
        self.future.set_exception(_unusable(error))


def _nothing() -> None:
    """Do nothing: there is nothing to put right."""


def _make_together(db: Database, asked: list[_Asked[Any]]) -> None:
    try:
        db.execute("BEGIN IMMEDIATE")
        for one in asked:
            one.make(db)
        db.execute("COMMIT")
    except _FAULTS as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        for one in asked:
            one.fail(error)
    else:
        for one in asked:
            one.succeed()


def _unusable(error: Exception) -> ReceiptsUnusable:
    return ReceiptsUnusable(f"Receipts cannot be written or read: {error}. Is the disk of SCANLEDGER_HOME full?")
