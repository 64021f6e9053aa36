"""Lines of standard input: a pipe, a terminal, a file."""

import os
import select
import threading
from collections.abc import Iterator
from typing import Final

from pipeline.agent.lines import Line, Splitter

_LOOK_SECONDS: Final = 0.2
_CHUNK: Final = 64 * 1024


class Stream:
    """Reads a descriptor to its end; what came in one read is taken together."""

    def __init__(self, handle: int, name: str = "standard input") -> None:
        self._handle, self.name = handle, name
        self._splitter = Splitter()

    def lines(self, stop: threading.Event) -> Iterator[list[Line]]:
        """Yield what comes; at the stream's end also a last line without its end."""
        while not stop.is_set():
            if not select.select([self._handle], [], [], _LOOK_SECONDS)[0]:
                continue
            data = os.read(self._handle, _CHUNK)
            if found := self._splitter.feed(data) if data else self._splitter.rest():
                yield found
            if not data:
                return

    @property
    def unfinished(self) -> int:
        """How many bytes were read of a line that has not ended."""
        return self._splitter.unfinished
