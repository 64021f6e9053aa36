"""Sessions: a connection is kept for those that make state (SET, USE, temporary tables), the others need none."""

import threading
import time
from dataclasses import dataclass

from chdb.state.sqlitelike import Connection

from pipeline.local.clickhouse.failures import SESSION_IS_LOCKED, SESSION_NOT_FOUND, QueryError
from pipeline.local.clickhouse.parameters import Session


@dataclass(slots=True)
class _Kept:
    expires_at: float
    is_busy: bool = True
    connection: Connection | None = None


class Sessions:
    """Open sessions by user and id; one statement at a time runs in each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}

    def enter(self, user: str, session: Session) -> Connection | None:
        """Lock a session, opening it where it is new, and return the connection it keeps, if it does.

        Raises:
            QueryError: Another statement runs in it (373), or it must exist and does not (372).
        """
        with self._lock:
            self._drop_expired()
            kept = self._kept.get((user, session.id))
            if kept is None and session.must_exist:
                raise QueryError(SESSION_NOT_FOUND, f"Session {session.id} not found. (SESSION_NOT_FOUND)")
            if kept is not None and kept.is_busy:
                message = f"Session {session.id} is locked by a concurrent client. (SESSION_IS_LOCKED)"
                raise QueryError(SESSION_IS_LOCKED, message)
            if kept is None:
                kept = self._kept[user, session.id] = _Kept(0.0)
            kept.is_busy = True
            return kept.connection

    def leave(self, user: str, session: Session, connection: Connection | None) -> None:
        """Unlock a session, keeping a connection for its next statement where it has made state."""
        with self._lock:
            kept = self._kept[user, session.id]
            kept.connection = connection
            kept.is_busy = False
            kept.expires_at = time.monotonic() + session.seconds

    def close(self) -> None:
        """Close every kept connection."""
        with self._lock:
            for kept in self._kept.values():
                if kept.connection is not None:
                    kept.connection.close()
            self._kept.clear()

    def _drop_expired(self) -> None:
        now = time.monotonic()
        for key, kept in list(self._kept.items()):
            if not kept.is_busy and kept.expires_at < now:
                if kept.connection is not None:
                    kept.connection.close()
                del self._kept[key]
