"""Capture jobs as they are kept: SQLite in SCANLEDGER_HOME, on disk before anything of a document is sent.

A job that is under way when its process ends is not resumed: nobody was told that it had succeeded, and its document
sent again completes it. It is then shown as failed.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from pipeline.capture.epcis.declared import Declared
from pipeline.capture.epcis.prepare import Behaviour
from pipeline.capture.http.answers import moment
from pipeline.capture.http.journal import Database, Journal
from pipeline.capture.http.owners import Owner
from pipeline.errors import FolderUnusable

KEPT_SECONDS: Final = 30 * 86_400
_VERSION: Final = 1
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS captures (
    id TEXT PRIMARY KEY,        -- begins with the time, so that new ones come last
    key_id TEXT NOT NULL,       -- the API key it was made with
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER,        -- NULL while it is under way
    behaviour TEXT NOT NULL,    -- rollback, proceed
    owner TEXT NOT NULL,        -- the process at work on it
    result BLOB NOT NULL        -- JSON, deflated
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_age ON captures (created_ms);
"""
_FIND: Final = "SELECT id, key_id, created_ms, finished_ms, behaviour, owner, result FROM captures WHERE id = ?"
_PUT: Final = "INSERT INTO captures VALUES (?, ?, ?, NULL, ?, ?, ?)"
_FINISH: Final = "UPDATE captures SET finished_ms = ?, result = ? WHERE id = ?"
_PURGE: Final = "DELETE FROM captures WHERE id IN (SELECT id FROM captures WHERE created_ms < ? LIMIT 10000)"
_INTERRUPTED: Final = "The process at work on it ended. Send the document again: nothing takes effect twice."

Error = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What came of a job: nothing yet, while it is under way."""

    errors: list[Error] = field(default_factory=list)
    events: int = 0
    scans: int = 0
    no_unit: int = 0
    not_read: list[dict[str, Any]] = field(default_factory=list)
    """Identifiers that are to name single things and cannot be read."""
    declared: Declared = field(default_factory=Declared)
    """The declarations that events are wrong."""

    def told(self) -> dict[str, Any]:
        """Return it as it is kept."""
        counts = {"events": self.events, "scans": self.scans, "no_unit": self.no_unit}
        return {"errors": self.errors, "counts": counts, "notRead": self.not_read, "declared": self.declared.told()}


@dataclass(frozen=True)
class Job:
    """One capture job."""

    id: str
    key_id: str
    told: dict[str, Any]
    declared: Declared
    """What is told of the declarations in it depends on what is kept when the job is asked for."""


class Captures:
    """The jobs of one home; safe to call from any thread."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        """Open or make the file.

        Raises:
            FolderUnusable: the home cannot be written, or the file is of a newer version or damaged.
        """
        folder, self._clock = home / "capture", clock
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._owner = Owner(folder)
            self._journal = Journal(folder / "epcis.sqlite", _TABLE, _VERSION, self._purge)
        except (OSError, sqlite3.Error) as error:
            message = f"Capture jobs cannot be kept in {folder}: {error}. Name another home with SCANLEDGER_HOME."
            raise FolderUnusable(message) from error

    def begin(self, key_id: str, behaviour: Behaviour) -> Future[str]:
        """Note a job; its result is the job's id, when it is on disk."""
        now = self._now()
        job = f"{now:012x}{secrets.token_hex(8)}"
        put = (job, key_id, now, behaviour, self._owner.name, _packed(Result()))

        def change(db: Database) -> str:
            db.execute(_PUT, put)
            return job

        return self._journal.change(change)

    def finish(self, job: str, result: Result) -> Future[None]:
        """Note what came of a job."""
        now = self._now()

        def change(db: Database) -> None:
            db.execute(_FINISH, (now, _packed(result), job))

        return self._journal.change(change)

    def find(self, job: str) -> Job | None:
        """Return a job as it stands; raises ReceiptsUnusable where the file cannot be read."""
        row = self._journal.read_one(_FIND, (job,))
        return None if row is None else self._job(row)

    def close(self) -> None:
        """Write what was asked for, then let go."""
        self._journal.close()
        self._owner.close()

    def _job(self, row: tuple[Any, ...]) -> Job:
        name, key_id, created, finished, behaviour, owner, packed = row
        told = orjson.loads(zlib.decompress(packed))
        is_running = finished is None and self._owner.is_alive(owner)
        if finished is None and not is_running:
            told["errors"] = [error_of(503, "INTERRUPTED", _INTERRUPTED)]
        job = {
            "captureID": name,
            "createdAt": moment(created),
            "finishedAt": None if finished is None else moment(finished),
            "running": is_running,
            "success": not told["errors"],
            "captureErrorBehaviour": behaviour,
        }
        declared = Declared(**told.pop("declared", {}))
        return Job(name, key_id, {**job, "notDeclared": [], **told}, declared)

    def _purge(self, db: Database) -> None:
        db.execute(_PURGE, (self._now() - KEPT_SECONDS * 1000,))

    def _now(self) -> int:
        return int(self._clock() * 1000)


def error_of(status: int, word: str, detail: str, path: str | None = None) -> Error:
    """Return an error as RFC 9457 has it, with the path to the fault where there is one."""
    kind = "epcisException:ValidationException" if path is not None else "epcisException:ImplementationException"
    told = {"type": kind, "title": word, "status": status, "detail": detail}
    return told if path is None else {**told, "path": path}


def _packed(result: Result) -> bytes:
    return zlib.compress(orjson.dumps(result.told()))
