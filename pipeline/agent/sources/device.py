"""Lines of a device that may be unplugged and come back."""

import os
import select
import threading
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from pipeline.agent.lines import Line
from pipeline.errors import SourceUnusable

_LOOK_SECONDS: Final = 0.2
_AGAIN_SECONDS: Final = 1.0
_CHUNK: Final = 4096

Say = Callable[[str], None]


class Reading(Protocol):
    """Turns what a device gives into lines."""

    @property
    def unfinished(self) -> int:
        """How many bytes wait for the end of their line."""

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that these bytes end."""

    def rest(self, fault: str = "") -> list[Line]:
        """Return the line that will not be ended, if there is one."""


class Device:
    """Reads a device by its descriptor; one that is gone is waited for, and the line it broke off is said to be."""

    def __init__(self, name: str, opened: Callable[[], int], reading: Reading, say: Say) -> None:
        """Open it.

        Raises: SourceUnusable.
        """
        self.name = name
        self._open, self._reading, self._say = opened, reading, say
        self._handle: int | None = opened()

    @property
    def unfinished(self) -> int:
        """How many bytes were read of a line that has not ended."""
        return self._reading.unfinished

    def lines(self, stop: threading.Event) -> Iterator[list[Line]]:
        """Yield what comes."""
        while not stop.is_set():
            if self._handle is None:
                self._open_again(stop)
            elif select.select([self._handle], [], [], _LOOK_SECONDS)[0] and (found := self._read(self._handle)):
                yield found
        if self._handle is not None:
            os.close(self._handle)

    def _read(self, handle: int) -> list[Line]:
        try:
            data = os.read(handle, _CHUNK)
        except OSError:
            data = b""
        if data:
            return self._reading.feed(data)
        self._say(f"{self.name} is gone; waiting for it.")
        os.close(handle)
        self._handle = None
        return self._reading.rest("UNFINISHED")

    def _open_again(self, stop: threading.Event) -> None:
        if stop.wait(_AGAIN_SECONDS):
            return
        try:
            self._handle = self._open()
        except SourceUnusable:
            return
        self._say(f"{self.name} is back.")
