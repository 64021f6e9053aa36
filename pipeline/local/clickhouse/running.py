"""The statements that run now: their ids are unique, and a close waits for the inserts and stops the rest."""

import threading

from pipeline.local.clickhouse.failures import QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, QueryError


class Running:
    """The ids of running statements, each with whether it may be stopped when the server closes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_read: dict[str, bool] = {}
        self._is_closing = False

    def enter(self, query_id: str, *, is_read: bool) -> None:
        """Take note of a statement.

        Raises:
            QueryError: One of that id still runs (216), or the server closes (210).
        """
        with self._lock:
            if self._is_closing:
                raise QueryError(210, "The server is closing: try again when it is back. (NETWORK_ERROR)")
            if query_id in self._is_read:
                message = f"Query with id = {query_id} is already running. (QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING)"
                raise QueryError(QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, message)
            self._is_read[query_id] = is_read

    def leave(self, query_id: str) -> None:
        """Forget a statement that has ended."""
        with self._lock:
            self._is_read.pop(query_id, None)

    def close(self) -> list[str]:
        """Refuse new statements from now on and return the ids of the reads still running."""
        with self._lock:
            self._is_closing = True
            return [query_id for query_id, is_read in self._is_read.items() if is_read]
