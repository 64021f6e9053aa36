"""Capture over HTTP: one connection kept open, one request at a time.

The key goes into the header of a request and nowhere else. Redirections are not followed: they would carry it along.
"""

import contextlib
import errno
import gzip
import http.client
import socket
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from pipeline.agent.answers import Answer
from pipeline.errors import CaptureUnreachable, SettingsWrong

_TIMEOUT_SECONDS: Final = 30.0
_MOST_BYTES: Final = 32 * 1024 * 1024
_LEVEL: Final = 6
_WAS_CLOSED: Final = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Capture:
    """The HTTP interface of a capture."""

    def __init__(self, url: str, key: Callable[[], str], timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        """Note where it is; nothing is opened yet.

        Args:
            url: `http://host:port` or `https://host`, perhaps with a path before `/v1`.
            key: Gives the API key.
            timeout_seconds: For connecting, and for each silence of the other side.

        Raises: SettingsWrong where the URL makes no sense.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            message = "SCANLEDGER_URL, or --url, is to be as https://ledger.example or http://127.0.0.1:8000."
            raise SettingsWrong(message)
        if parts.username is not None:
            message = (
                "The URL of capture carries no name or password: the API key belongs into SCANLEDGER_KEY or a file."
            )
            raise SettingsWrong(message)
        self.name = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._is_safe, self._host, self._port = parts.scheme == "https", parts.hostname, port
        self._path, self._key, self._timeout = parts.path.rstrip("/"), key, timeout_seconds
        self._connection: http.client.HTTPConnection | None = None
        self._is_ending = False

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read the key."""
        return self._is_safe or self._host in ("localhost", "127.0.0.1", "::1")

    def post_scans(self, body: bytes, idempotency_key: str, sent_ms: int) -> Answer:
        """Send NDJSON; the same key with the same body gives the first receipt again.

        Raises: CaptureUnreachable; SettingsWrong where the API key cannot be had.
        """
        headers = {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Idempotency-Key": idempotency_key,
        }
        return self._ask("POST", f"/v1/scans?sent_at={sent_ms}", gzip.compress(body, _LEVEL, mtime=0), headers)

    def receipt(self, receipt: str, after: int = -1) -> Answer:
        """Ask what became of a request; `after` is the `next` of the page before. Raises as `post_scans`."""
        return self._ask("GET", f"/v1/receipts/{quote(receipt, safe='')}?after={after}", None, {})

    def hang_up(self) -> None:
        """Let no request begin any more; one under way, in another thread, fails at once."""
        self._is_ending = True
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection; no request is under way."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """Ask once, and once more where a connection kept open turned out to have been closed meanwhile."""
        headers = {"Authorization": f"Bearer {self._key()}", "Accept": "application/json", **headers}
        while True:
            was_open = self._connection is not None
            try:
                return self._ask_once(method, self._path + path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if not (was_open and isinstance(error, _WAS_CLOSED)) or self._is_ending:
                    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
                    message = f"{self.name} does not answer: {said}"
                    raise CaptureUnreachable(message) from error

    def _ask_once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self._connection = self._connection or self._opened()
        connection.request(method, path, body, headers)
        with connection.getresponse() as response:
            content = response.read(_MOST_BYTES)
            if response.length:
                raise http.client.IncompleteRead(content, response.length)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def _opened(self) -> http.client.HTTPConnection:
        if self._is_ending:
            raise ConnectionAbortedError(errno.ECONNABORTED, "this agent is ending")
        if self._is_safe:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
