"""The statements that run now: their ids are unique, and a server that closes takes no more."""

import threading

from pipeline.local.clickhouse.failures import QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, QueryError


class Running:
    """The ids of running statements."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()
        self._is_closing = False

    def enter(self, query_id: str) -> None:
        """Take note of a statement.

        Raises:
            QueryError: One of that id still runs (216), or the server closes (210).
        """
        with self._lock:
            if self._is_closing:
                raise QueryError(210, "The server is closing: try again when it is back. (NETWORK_ERROR)")
            if query_id in self._ids:
                message = f"Query with id = {query_id} is already running. (QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING)"
                raise QueryError(QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, message)
            self._ids.add(query_id)

    def leave(self, query_id: str) -> None:
        """Forget a statement that has ended."""
        with self._lock:
            self._ids.discard(query_id)

    def close(self) -> None:
        """Refuse new statements from now on."""
        with self._lock:
            self._is_closing = True
