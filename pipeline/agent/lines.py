"""Lines out of a stream of bytes, and the promise of whatever gives them."""

import re
import threading
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

LONGEST_LINE: Final = 60 * 1024
"""A scan has at most 64 KiB on the log."""
_SHOWN: Final = 1000


class Place(NamedTuple):
    """Where in a followed file a line ends: which file, by its number and its first bytes, how far in, after what."""

    inode: int
    offset: int
    head_bytes: int
    head: str
    tail: str


class Line(NamedTuple):
    """What was read up to an end of line, without it; `fault` says why it cannot be trusted to be what was meant."""

    text: bytes
    end: int = 0
    place: Place | None = None
    fault: str = ""


class Source(Protocol):
    """Where lines come from."""

    name: str
    """What people call it."""

    @property
    def unfinished(self) -> int:
        """How many bytes were read of a line that has not ended, and would be lost."""

    def lines(self, stop: threading.Event) -> Iterator[list[Line]]:
        """Yield the lines that came together, until there can be no more, or soon after `stop` is set.

        Raises: SourceUnusable where it cannot be read and waiting will not help.
        """


class Splitter:
    """Cuts a stream into lines; empty ones are none."""

    def __init__(self, ends: bytes = b"\n", begin: int = 0) -> None:
        """Cut at any of these bytes; `begin` is the place in the stream of the first byte fed."""
        self._ends, self._at = ends, begin
        self.line_begin = begin
        """Where in the stream the line being read began."""
        self._piece = re.compile(b"[^%b]*[%b]|[^%b]+" % ((re.escape(ends),) * 3))
        self._buffer = bytearray()
        self._is_too_long = False
        self._fault = ""

    @property
    def unfinished(self) -> int:
        """How many bytes wait for the end of their line."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that these bytes end."""
        found = []
        for piece in self._piece.findall(data):
            self._at += len(piece)
            self._keep(piece)
            if piece[-1] in self._ends and (line := self._finish()):
                found.append(line)
        return found

    def spoil(self, fault: str) -> None:
        """Mark the line being read as one that lacks something."""
        self._fault = fault

    def rest(self, fault: str = "") -> list[Line]:
        """Return the line that will not be ended, if there is one."""
        if self._buffer:
            self._fault = self._fault or fault
        line = self._finish()
        return [line] if line else []

    def _keep(self, piece: bytes) -> None:
        if not self._is_too_long:
            self._buffer += piece
        if len(self._buffer) > LONGEST_LINE:
            self._is_too_long = True
            del self._buffer[_SHOWN:]

    def _finish(self) -> Line | None:
        text = bytes(self._buffer).strip(b" \t\r\n")  # not the separators 28 to 31, which a code may begin with
        fault = "TOO_LONG" if self._is_too_long else self._fault
        self._buffer.clear()
        self.line_begin = self._at
        self._is_too_long, self._fault = False, ""
        return Line(text, self._at, fault=fault) if text or fault else None
