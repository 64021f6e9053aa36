"""Receipts and idempotency keys, on disk before the first scan of a request is sent: SQLite in SCANLEDGER_HOME.

Flow: what is to be noted of a request -> one transaction for all requests that came meanwhile -> each learns its own.

Invariants: a receipt is on disk before any of its scans is on the log; one that is not finished and whose process has
ended, or has given it up, is resumed under the same id by the request's repeat.

Several processes of one machine share the file. On several machines a repeat must come to the machine of the first.
"""

from __future__ import annotations

import base64
import secrets
import sqlite3
import time
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from pipeline.capture.http.journal import Database, Journal
from pipeline.capture.http.owners import Owner
from pipeline.errors import FolderUnusable

KEPT_SECONDS: Final = 30 * 86_400
"""How long a receipt is kept: as long as the topic `scans` keeps its scans."""
IDEMPOTENT_SECONDS: Final = 86_400
_VERSION: Final = 1
_PURGE_SECONDS: Final = 60
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS receipts (
    id TEXT PRIMARY KEY,           -- begins with the time, so that new ones come last
    key_id TEXT NOT NULL,          -- the API key it was made with
    idempotency_key TEXT,          -- NULL: none was given, or its time is over
    payload_sha256 TEXT NOT NULL,  -- of the body, decompressed
    created_ms INTEGER NOT NULL,
    owner TEXT,                    -- the process at work on it; NULL: none
    status INTEGER,                -- of the answer; NULL while Kafka has not acknowledged all
    answer BLOB NOT NULL           -- JSON, deflated
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS by_idempotency_key
    ON receipts (key_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_age ON receipts (created_ms);
"""
_FOUND: Final = "SELECT id, key_id, payload_sha256, created_ms, owner, status, answer FROM receipts WHERE "
_PUT: Final = "INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_EXPIRE: Final = (
    "UPDATE receipts SET idempotency_key = NULL WHERE key_id = ? AND idempotency_key = ? AND created_ms <= ?"
)
_PURGE: Final = "DELETE FROM receipts WHERE id IN (SELECT id FROM receipts WHERE created_ms < ? LIMIT 10000)"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Noted:
    """What is noted of a request before its scans are sent; `status` where no scan is to be sent at all."""

    key_id: str
    idempotency_key: str | None
    payload_sha256: str
    answer: Answer
    status: int | None = None


@dataclass(frozen=True)
class Stored:
    """A receipt as it is kept; `status` None while it is not finished."""

    id: str
    key_id: str
    payload_sha256: str
    created_ms: int
    owner: str | None
    status: int | None
    answer: Answer


@dataclass(frozen=True)
class Begun:
    """The request may go on under this receipt's id."""

    id: str
    created_ms: int


@dataclass(frozen=True)
class Running:
    """A request with the same idempotency key is still at work."""


@dataclass(frozen=True)
class OtherBody:
    """The idempotency key was used with another body."""


Beginning = Begun | Stored | Running | OtherBody
"""What comes of a request's begin; Stored is the finished receipt of its first time."""


class Receipts:
    """The receipts of one home; safe to call from any thread."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        """Open or make the file.

        Raises:
            FolderUnusable: the home cannot be written, or the file is of a newer version or damaged.
        """
        folder, self._clock = home / "capture", clock
        self._purged = 0.0
        self._abandoned: set[str] = set()  # nobody is at work on them, but that could not be written
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._owner = Owner(folder)
            self._journal = Journal(folder / "receipts.sqlite", _TABLE, _VERSION, self._purge)
        except (OSError, sqlite3.Error) as error:
            message = f"Receipts cannot be kept in {folder}: {error}. Name another home with SCANLEDGER_HOME."
            raise FolderUnusable(message) from error

    def begin(self, noted: Noted) -> Future[Beginning]:
        """Note a request; its result is there when it is on disk, ReceiptsUnusable where it cannot be written."""
        return self._journal.change(lambda db: self._begin(db, noted))

    def finish(self, receipt: str, status: int) -> Future[None]:
        """Note that Kafka has acknowledged all of a receipt's scans."""
        return self._leave(receipt, status)

    def give_up(self, receipt: str) -> Future[None]:
        """Note that a receipt is not finished, and that nobody is at work on it."""
        return self._leave(receipt, None)

    def find(self, receipt: str) -> Stored | None:
        """Return a receipt; raises ReceiptsUnusable where the file cannot be read."""
        row = self._journal.read_one(_FOUND + "id = ?", (receipt,))
        return None if row is None else _stored(row)

    def close(self) -> None:
        """Write what was asked for, then let go."""
        self._journal.close()
        self._owner.close()

    def _begin(self, db: Database, noted: Noted) -> Beginning:
        now = int(self._clock() * 1000)
        known = self._known(db, noted, now)
        if known is not None:
            if known.payload_sha256 != noted.payload_sha256:
                return OtherBody()
            if known.status is not None:
                return known
            if known.owner is not None and known.id not in self._abandoned and self._owner.is_alive(known.owner):
                return Running()
            self._abandoned.discard(known.id)
        receipt, created = (known.id, known.created_ms) if known else (_new_id(now), now)
        named = (receipt, noted.key_id, noted.idempotency_key, noted.payload_sha256, created)
        owner = self._owner.name if noted.status is None else None
        db.execute(_PUT, (*named, owner, noted.status, zlib.compress(orjson.dumps(noted.answer), level=1)))
        return Begun(receipt, created)

    def _known(self, db: Database, noted: Noted, now: int) -> Stored | None:
        """Return what is known of a request's idempotency key, unless its time is over."""
        if noted.idempotency_key is None:
            return None
        named = (noted.key_id, noted.idempotency_key)
        db.execute(_EXPIRE, (*named, now - IDEMPOTENT_SECONDS * 1000))
        row = db.execute(_FOUND + "key_id = ? AND idempotency_key = ?", named).fetchone()
        return None if row is None else _stored(row)

    def _leave(self, receipt: str, status: int | None) -> Future[None]:
        def leave(db: Database) -> None:
            db.execute("UPDATE receipts SET status = ?, owner = NULL WHERE id = ?", (status, receipt))

        return self._journal.change(leave, lambda: self._abandoned.add(receipt))

    def _purge(self, db: Database) -> None:
        now = self._clock()
        if now - self._purged >= _PURGE_SECONDS:
            self._purged = now
            db.execute(_PURGE, (int((now - KEPT_SECONDS) * 1000),))


def _new_id(now_ms: int) -> str:
    """Return 26 letters and digits: the time, then 80 random bits; in the order of time as text too."""
    raw = now_ms.to_bytes(6, "big") + secrets.token_bytes(10)
    return base64.b32hexencode(raw).decode().rstrip("=").lower()


def _stored(row: tuple[Any, ...]) -> Stored:
    receipt, key_id, sha256, created, owner, status, answer = row
    return Stored(receipt, key_id, sha256, created, owner, status, orjson.loads(zlib.decompress(answer)))
