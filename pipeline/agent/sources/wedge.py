"""A keyboard-wedge reader, taken for the agent alone: while it is read, it types into nothing else."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.agent.lines import Line, Splitter
from pipeline.agent.sources.device import Device
from pipeline.agent.sources.keys import Keys
from pipeline.errors import SourceUnusable

_GRAB: Final = 0x40044590  # EVIOCGRAB, _IOW('E', 0x90, int)


def wedge(device: Path, say: Callable[[str], None], take: Callable[[int], None] | None = None) -> Device:
    """Return the lines that a reader types, each ended by Enter.

    Raises: SourceUnusable.
    """
    return Device(f"The reader {device}", lambda: _opened(device, take or _grab), TypedLines(), say)


class TypedLines:
    """The lines of a reader's events."""

    def __init__(self) -> None:
        self._keys, self._splitter = Keys(), Splitter(b"\r\n")

    @property
    def unfinished(self) -> int:
        """How many bytes wait for the end of their line."""
        return self._splitter.unfinished

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that these events end; one in which events are missing says so."""
        found = []
        for piece in self._keys.feed(data):
            if piece is None:
                self._splitter.spoil("READER_OVERRUN")
            else:
                found += self._splitter.feed(piece)
        return found

    def rest(self, fault: str = "") -> list[Line]:
        """Return the line that will not be ended; what is typed next has nothing to do with it."""
        self._keys = Keys()
        return self._splitter.rest(fault)


def _grab(handle: int) -> None:
    fcntl.ioctl(handle, _GRAB, 1)


def _opened(device: Path, take: Callable[[int], None]) -> int:
    try:
        handle = os.open(device, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        message = (
            f"The reader {device} cannot be opened: {error.strerror}. /proc/bus/input/devices lists what is plugged in;"
            " reading one takes the rights of the group input."
        )
        raise SourceUnusable(message) from error
    try:
        take(handle)
    except OSError as error:
        os.close(handle)
        message = f"The reader {device} cannot be taken: {error.strerror}. It is none, or another process has it."
        raise SourceUnusable(message) from error
    return handle
