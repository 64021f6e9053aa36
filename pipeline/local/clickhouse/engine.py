"""The data folder opened with chDB: one process owns it, and every statement gets a connection of its own.

A connection costs 0.1 ms and keeps its settings for life: a fresh one for each statement is how nothing leaks.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from chdb.state.sqlitelike import Connection, connect  # not from `chdb`: two distributions write its __init__.py

from pipeline.errors import FolderInUse, FolderUnusable
from pipeline.local.clickhouse.failures import failed
from pipeline.local.clickhouse.quoting import quoted
from pipeline.local.clickhouse.views import VIEWS

# What a server has by default and chDB has not: a bare word is no query, and no peeking into the process.
_AS_A_SERVER: Final = "SET implicit_select = 0, allow_introspection_functions = 0"


class Engine:
    """chDB on one folder, open from construction to `close`."""

    def __init__(self, path: Path) -> None:
        """Open the folder, making it where it is missing.

        Raises:
            FolderUnusable: It cannot be made or written.
            FolderInUse: Another process has it open.
        """
        self._path = str(path.resolve())
        _claim(Path(self._path))
        try:
            self._anchor: Connection = connect(self._path)
        except RuntimeError as error:
            message = f"ClickHouse cannot open its folder {path}: {failed(error).message}"
            raise FolderUnusable(message) from error
        facts = self.rows("SELECT version(), timezone(), hostName()")[0]
        self.version, self.timezone, self.host = facts
        self.content_types = dict(self.rows("SELECT name, content_type FROM system.formats WHERE is_output"))
        for statement in VIEWS:
            self._anchor.query(statement)

    def connect(self) -> Connection:
        """Return a fresh connection with a server's defaults; the caller closes it."""
        connection: Connection = connect(self._path)
        connection.query(_AS_A_SERVER)
        return connection

    def rows(self, statement: str) -> list[list[str]]:
        """Return the rows of a small question of the server's own, values as text."""
        connection = self.connect()
        try:
            text: str = connection.query(statement, "TSVRaw").data()
        finally:
            connection.close()
        return [line.split("\t") for line in text.splitlines()]

    def kill(self, query_id: str) -> None:
        """Ask whatever runs under a client's id to stop; nothing happens where nothing runs."""
        self.rows(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(query_id)} ASYNC")

    def close(self) -> None:
        """Flush and close the folder."""
        self._anchor.close()


def _claim(path: Path) -> None:
    """Say clearly what chDB would only call BAD_ARGUMENTS."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = f"ClickHouse cannot write its folder {path} ({error.strerror}): make it writable or choose another."
        raise FolderUnusable(message) from error
    status = path / "status"
    if status.exists() and (owner := _owner(status)) is not None:
        message = f"ClickHouse's folder {path} is open in another process ({owner}): stop that, or choose another."
        raise FolderInUse(message)


def _owner(status: Path) -> str | None:
    descriptor = os.open(status, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lines = status.read_text(errors="replace").splitlines()
        return next((line for line in lines if line.startswith("PID")), "unknown")
    finally:
        os.close(descriptor)
    return None
