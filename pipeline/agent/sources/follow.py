"""Lines of a growing file, each once: over restarts of the agent, rotation and truncation of the file.

A line's place is kept with the line, so what was taken says where to go on. When the file's name belongs to another
file, the old one is read until it has been still for two seconds, then any it was rotated to since, then the new one;
the old one is known by its inode, or compressed by its content, whatever its name has become.
Where the file was cut (logrotate's copytruncate), the rest of its copy is read first. Where it lost its end (the power
went, and its writer does not sync), reading goes on after the last line taken that it still holds. What is nowhere to
be found is lost, and said.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.agent.lines import LONGEST_LINE, Line, Place, Splitter
from pipeline.agent.sources.rotation import (
    HEAD_BYTES,
    TAIL_BYTES,
    Following,
    Opened,
    find_place,
    hash_bytes,
    is_shorter,
    is_where,
    open_next,
    open_plain,
    tail_before,
)
from pipeline.errors import SourceUnusable

_LOOK_SECONDS: Final = 0.2
_STILL_SECONDS: Final = 2.0
_CHUNK: Final = 64 * 1024
_REMEMBERED: Final = 10_000
"""Places of lines taken: more than a file loses when the power goes."""

Say = Callable[[str], None]


class OpenFile:
    """A file being read: how far, and its first bytes, which tell it from others."""

    def __init__(self, opened: Opened, offset: int = 0) -> None:
        self.opened, self.path, self.handle = opened, opened.path, opened.handle
        self._inode = os.fstat(self.handle).st_ino
        self._offset, self._splitter = offset, Splitter(begin=offset)
        self._head = os.pread(self.handle, min(offset, HEAD_BYTES), 0)
        self._recent = tail_before(self.handle, offset)

    def read(self) -> list[Line] | None:
        """Return the lines of the next bytes, None where there are no more now."""
        data = os.pread(self.handle, _CHUNK, self._offset)
        if not data:
            return None
        self._offset += len(data)
        self._head += data[: max(HEAD_BYTES - len(self._head), 0)]
        self._recent = self._recent[-LONGEST_LINE:] + data
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

    def is_named(self, file: Path) -> bool:
        """Tell whether a name is this file's, or nobody's."""
        try:
            return file.stat().st_ino == os.fstat(self.opened.itself).st_ino
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Close it."""
        self.opened.close()

    def _placed(self, lines: list[Line]) -> list[Line]:
        return [line._replace(place=self._place(line.end)) for line in lines]

    def _place(self, offset: int) -> Place:
        head = self._head[:offset]
        end = len(self._recent) - (self._offset - offset)
        tail = self._recent[max(end - TAIL_BYTES, 0) : max(end, 0)]
        return Place(self._inode, offset, len(head), hash_bytes(head), hash_bytes(tail))


class FollowedFile:
    """Follows a file by its name."""

    def __init__(
        self,
        file: Path,
        places: Sequence[Place],
        say: Say,
        *,
        once: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Go on after the last of some places, or with the beginning of the file where there is none.

        Args:
            file: The name to follow; it need not be there yet.
            places: Where the last lines taken ended, in order.
            say: Told what is lost.
            once: End at the end of what is there now.
            clock: Seconds.
        """
        self.name = str(file)
        self._file, self._say, self._once, self._clock = file, say, once, clock
        self._still_since: float | None = None
        self._places = deque(places, _REMEMBERED)
        self._begun = True  # reading begins at a place that no line notes yet
        self._current = self._resumed() if places else None

    @property
    def unfinished(self) -> int:
        """Nothing is lost: a line without its end is read again another time."""
        return 0

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
        """Return lines that are there, none where more may be there at once, None where there is nothing to read.

        A line without text notes where reading begins, should nothing come before the next agent has to know.
        """
        self._current = self._current or self._begin()
        if self._current is None:
            return None
        if self._begun:
            self._begun = False
            return self._noted([Line(b"", place=self._current.place)])
        if self._current.is_cut():
            return self._find_rest(self._current)
        found = self._current.read()
        if found is None:
            return self._end_of(self._current)
        self._still_since = None
        return self._noted(found)

    def close(self) -> None:
        """Close what is open; there is nothing more to ask of it."""
        if self._current is not None:
            self._current.close()
            self._current = None

    def _noted(self, lines: list[Line]) -> list[Line]:
        self._places.extend(line.place for line in lines if line.place)
        return lines

    def _resumed(self) -> OpenFile | None:
        place = self._places[-1]
        found = find_place(self._file, place) or find_place(self._file, place, copied=True)
        if found:
            return OpenFile(found, place.offset)
        if shortened := self._shortened():
            return shortened
        self._say(
            f"{self._file}: the file read before is there no more, nor what it was rotated to; what was added to it"
            f" after byte {place.offset:,} is lost, and perhaps whole files between. Reading goes on with the beginning"
            " of the file there is now."
        )
        return None

    def _shortened(self) -> OpenFile | None:
        """Return the file after the last line taken that it still holds, where its end is what it lost."""
        try:
            opened = open_plain(self._file)
        except OSError:
            return None
        held = next((one for one in reversed(self._places) if one.offset and is_where(opened.handle, one)), None)
        if held is None and not is_shorter(opened.handle, self._places[-1]):
            opened.close()
            return None
        offset = held.offset if held else os.fstat(opened.handle).st_size
        self._say(f"{self._file} has lost its end; reading goes on at byte {offset:,}.")
        return OpenFile(opened, offset)

    def _begin(self) -> OpenFile | None:
        """Open the file that the name belongs to, if there is one."""
        try:
            return OpenFile(open_plain(self._file))
        except FileNotFoundError:
            if self._once:
                self._say(f"There is no file {self._file}: nothing is taken of it.")
            return None
        except OSError as error:
            raise self._unusable(error) from error

    def _find_rest(self, cut: OpenFile) -> list[Line]:
        """Go on in the copy made before the file was cut; without one, where it was cut, or from the beginning."""
        if found := find_place(self._file, cut.place, copied=True):
            self._current, lost = OpenFile(found, cut.place.offset), []
        else:
            self._current, lost = self._shortened(), cut.rest("UNFINISHED")
        if self._current is None:
            self._say(f"{self._file} was cut; what was added to it since the last look, if anything, is lost.")
        self._begun = True
        cut.close()
        return lost

    def _end_of(self, current: OpenFile) -> list[Line] | None:
        if not self._is_left(current):
            return (current.rest() or None) if self._once else None
        following = self._following(current)
        if following is None:
            return []
        if not following.is_sure:
            self._say(
                f"{self._file}: the file read to its end is there no more, nor a rotated copy of it; whole files"
                f" between, if any were removed with it, are lost. Reading goes on with {following.opened.path}."
            )
        self._current = OpenFile(following.opened)
        last = current.rest()
        current.close()
        return last

    def _following(self, current: OpenFile) -> Following | None:
        """Open what comes next, None where that is to be tried again at once."""
        try:
            return open_next(self._file, current.opened)
        except FileNotFoundError:  # the name is nobody's now: the file is not left
            return None
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> SourceUnusable:
        return SourceUnusable(f"{error.filename or self._file} cannot be read: {error.strerror or error}.")

    def _is_left(self, current: OpenFile) -> bool:
        """Tell whether the name belongs to another file, and nobody has written to this one for a while."""
        is_named = current.is_named(self._file)
        if is_named or self._once:
            self._still_since = None
            return not is_named
        if self._still_since is None:
            self._still_since = self._clock()
        return self._clock() - self._still_since >= _STILL_SECONDS
