"""Lines of a growing file, each once: over restarts of the agent, rotation and truncation of the file.

A line's place is kept with the line, so what was taken says where to go on. When the file's name belongs to another
file, the old one is read until it has been still for two seconds, then any it was rotated to since, then the new one.
Where the file was cut (logrotate's copytruncate), the rest of its copy is read first. What is nowhere to be found is
lost, and said.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pipeline.agent.lines import Line, Place, Splitter
from pipeline.agent.sources.rotation import HEAD_BYTES, find_place, hash_head, is_where, open_plain, younger_than
from pipeline.errors import SourceUnusable

_LOOK_SECONDS: Final = 0.2
_STILL_SECONDS: Final = 2.0
_CHUNK: Final = 64 * 1024

Say = Callable[[str], None]


class OpenFile:
    """A file being read: how far, and its first bytes, which tell it from others."""

    def __init__(self, path: Path, handle: int, offset: int = 0) -> None:
        self.path, self.handle = path, handle
        self.inode = os.fstat(handle).st_ino
        self._offset, self._splitter = offset, Splitter(begin=offset)
        self._head = os.pread(handle, min(offset, HEAD_BYTES), 0)

    def read(self) -> list[Line] | None:
        """Return the lines of the next bytes, None where there are no more now."""
        data = os.pread(self.handle, _CHUNK, self._offset)
        if not data:
            return None
        self._offset += len(data)
        self._head += data[: max(HEAD_BYTES - len(self._head), 0)]
        return self._placed(self._splitter.feed(data))

    def rest(self, fault: str = "") -> list[Line]:
        """Return the last line, whose end will not come."""
        return self._placed(self._splitter.rest(fault))

    @property
    def place(self) -> Place:
        """Where the last whole line ended."""
        return self._place(self._splitter.line_begin)

    def is_cut(self) -> bool:
        """Tell whether what was read of it is there no more."""
        return not is_where(self.handle, self._place(self._offset))

    def close(self) -> None:
        """Close it."""
        os.close(self.handle)

    def _placed(self, lines: list[Line]) -> list[Line]:
        return [line._replace(place=self._place(line.end)) for line in lines]

    def _place(self, offset: int) -> Place:
        head = self._head[:offset]
        return Place(self.inode, offset, len(head), hash_head(head))


class FollowedFile:
    """Follows a file by its name."""

    unfinished = 0
    """A line without its end is read again another time."""

    def __init__(
        self,
        file: Path,
        place: Place | None,
        say: Say,
        *,
        once: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Go on after a place, or with the beginning of the file where there is none.

        Args:
            file: The name to follow; it need not be there yet.
            place: Where the last line taken ended.
            say: Told what is lost.
            once: End at the end of what is there now.
            clock: Seconds.
        """
        self.name = str(file)
        self._file, self._say, self._once, self._clock = file, say, once, clock
        self._still_since: float | None = None
        self._current = self._resumed(place) if place else None

    def lines(self, stop: threading.Event) -> Iterator[list[Line]]:
        """Yield what comes."""
        while not stop.is_set():
            found = self.poll()
            if found:
                yield found
            elif found is None and self._once:
                return
            elif found is None:
                stop.wait(_LOOK_SECONDS)

    def poll(self) -> list[Line] | None:
        """Return lines that are there, none where more may be there at once, None where there is nothing to read."""
        if self._current is None:
            return self._first()
        if self._current.is_cut():
            return self._find_rest(self._current)
        found = self._current.read()
        if found is None:
            return self._end_of(self._current)
        self._still_since = None
        return found

    def _resumed(self, place: Place) -> OpenFile | None:
        found = find_place(self._file, place) or find_place(self._file, place, copied=True)
        if found is None:
            self._say(
                f"{self._file}: the file read before is there no more, nor what it was rotated to; what was added to"
                f" it after byte {place.offset:,} is lost, and perhaps whole files between. Reading goes on with the"
                " beginning of the file there is now."
            )
            return None
        path, handle = found
        return OpenFile(path, handle, place.offset)

    def _first(self) -> list[Line] | None:
        """Begin with the file; a line without text notes which one it is, should it be rotated before it has any."""
        if not self._begin(self._file):
            return None
        assert self._current is not None
        return [Line(b"", place=self._current.place)]

    def _begin(self, path: Path) -> bool:
        try:
            self._current = OpenFile(path, open_plain(path))
        except FileNotFoundError:
            return False
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror or error}."
            raise SourceUnusable(message) from error
        return True

    def _find_rest(self, cut: OpenFile) -> list[Line]:
        """Go on in the copy that was made before the file was cut; where there is none, begin it again."""
        found = find_place(self._file, cut.place, copied=True)
        lost = [] if found else cut.rest("UNFINISHED")
        if found:
            self._current = OpenFile(*found, cut.place.offset)
        else:
            self._say(f"{self._file} was cut; what was added to it since the last look, if anything, is lost.")
            self._current = None
        cut.close()
        return lost

    def _end_of(self, current: OpenFile) -> list[Line] | None:
        if not self._is_left(current):
            return (current.rest() or None) if self._once else None
        following = next(iter(younger_than(self._file, current.path, current.handle)), self._file)
        if not self._begin(following):
            return None
        last = current.rest()
        current.close()
        return last

    def _is_left(self, current: OpenFile) -> bool:
        """Tell whether the name belongs to another file, and nobody has written to this one for a while."""
        try:
            is_named = self._file.stat().st_ino == current.inode
        except FileNotFoundError:
            is_named = True
        if is_named or self._once:
            self._still_since = None
            return not is_named
        if self._still_since is None:
            self._still_since = self._clock()
        return self._clock() - self._still_since >= _STILL_SECONDS
