"""An append-only log of numbered entries: what `append` returned for is on disk, whatever happens next.

Flow: texts -> the last segment, written and synced -> entries in order, until they are trimmed.

- One process has a log open, and one thread at a time appends; another may read and trim meanwhile.
- An append that failed leaves nothing: its bytes are cut off, and the next one begins a segment of its own, because
  after a failed sync nobody can say what the old file holds. The same texts may be appended again.
- A segment's head is synced, and its name in the folder, before an entry is written to it. So a file without a right
  head holds nothing that was taken, unless entries can be seen in it: that is damage.
- The last segment is never removed, so that numbers go on from it and its note is at hand. One that has no entry, as
  an append to it failed, gives its name to the next only when that one's head is on disk; until then it stays the last.
"""

import bisect
import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pipeline.agent.disk import Disk
from pipeline.agent.folder import (
    DAMAGED_ENDING,
    Content,
    Segment,
    entries_of,
    list_segments,
    read_segment,
    segment_file,
)
from pipeline.agent.segment import (
    MARK,
    Damage,
    Entry,
    SegmentHead,
    build_entry,
    build_head,
    read_entries,
    read_head,
)

SEGMENT_BYTES: Final = 4 * 1024 * 1024
_FRESH: Final = "segment.new"
"""A segment's name until its head is on disk."""
_PLACES: Final = 16


class Log:
    """A log in a folder."""

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        *,
        known: int = 0,
        note: Callable[[], bytes] = bytes,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Open a log, made where it is missing; its torn tail is cut, and what is left is synced.

        Args:
            disk: Where it lies.
            folder: Its own.
            known: The greatest number known to have been given out, should the log itself have lost it.
            note: Gives what a new segment's head is to remember.
            segment_bytes: A segment is ended when it has as many.

        Raises: OSError.
        """
        self._disk, self._folder, self._note, self._segment_bytes = disk, folder, note, segment_bytes
        self._appending, self._state = threading.Lock(), threading.Lock()
        self._handle: int | None = None
        self._salt, self._end = b"", 0  # of the last segment
        self._next, self._follows = 1, 0  # the next number given out; the one that the last segment goes on with
        self._places: dict[tuple[int, int], int] = {}  # by segment and number, where the next entry to be read begins
        self._heads: dict[int, SegmentHead | None] = {}
        self._damaged: set[int] = set()
        disk.make_folder(folder)
        self._segments = list_segments(disk, folder)
        self._recover(known)
        self._next = max(self._next, known + 1)
        disk.sync_folder(folder)

    @property
    def last(self) -> int:
        """The number of the last entry on disk, 0 where there never was one."""
        return self._next - 1

    def newest(self) -> tuple[bytes, list[Entry | Damage]]:
        """Return the note of the last segment that has one, and its entries."""
        for segment in reversed(self._segments):
            content = read_segment(self._disk, segment)
            if content.head is not None:
                return content.head.note, entries_of(content, segment.first, 0)
        return b"", []

    def append(self, texts: Sequence[bytes]) -> int:
        """Write entries and return, once all are on disk, the number of the last.

        Raises: OSError with nothing taken.
        """
        with self._appending:
            if self._handle is None or self._end >= self._segment_bytes or self._next > self._follows:
                self._begin_segment()
            assert self._handle is not None
            numbers = range(self._next, self._next + len(texts))
            data = b"".join(
                build_entry(self._salt, number, text, safe=self.last)
                for number, text in zip(numbers, texts, strict=True)
            )
            try:
                self._disk.write(self._handle, data, self._end)
                self._disk.sync(self._handle)
            except OSError:
                self._give_up_segment()
                raise
            with self._state:
                self._end += len(data)
                self._next = self._follows = numbers.stop
            return self.last

    def read(self, after: int, most: int) -> list[Entry | Damage]:
        """Return the entries after a number, in order; fewer than `most` at a segment's end, none only at the log's.

        Raises: OSError.
        """
        with self._state:
            segments, end, last = list(self._segments), self._end, self.last
        if after >= last:
            return []
        at = bisect.bisect_right([segment.first for segment in segments], after + 1) - 1
        if at < 0:
            return [Damage(after + 1, segments[0].first - 1 if segments else last)]
        is_newest = at == len(segments) - 1
        upto = last if is_newest else segments[at + 1].first - 1
        found = self._read_from(segments[at], after + 1, upto, end if is_newest else None, most)
        if any(isinstance(one, Damage) for one in found):
            self._damaged.add(segments[at].first)
        return found

    def trim(self, before: int) -> None:
        """Remove the segments all of whose entries come before a number; damaged ones are put aside for a person.

        Raises: OSError.
        """
        with self._state:
            keep = bisect.bisect_right([segment.first for segment in self._segments[1:]], before)
            gone, self._segments = self._segments[:keep], self._segments[keep:]
        for segment in gone:
            self._heads.pop(segment.first, None)
            with contextlib.suppress(FileNotFoundError):
                if segment.first in self._damaged:
                    self._disk.replace(segment.file, segment.file.with_suffix(DAMAGED_ENDING))
                else:
                    self._disk.remove(segment.file)

    def close(self) -> None:
        """Close the file."""
        handle, self._handle = self._handle, None
        if handle is not None:
            self._disk.close(handle)

    def _recover(self, known: int) -> None:
        while self._segments:
            segment = self._segments[-1]
            content = read_segment(self._disk, segment)
            if content.head is not None:
                self._go_on(segment, content, known)
                return
            if entries := content.data.count(MARK):
                self._next = segment.first + entries
                return
            self._disk.remove(segment.file)
            self._segments.pop()

    def _go_on(self, segment: Segment, content: Content, known: int) -> None:
        assert content.head is not None
        parsed = read_entries(content.data, content.head.salt, segment.first, safe=known)
        self._handle = self._disk.open(segment.file)
        self._salt, self._end = content.head.salt, content.head.end + parsed.end
        self._next = self._follows = parsed.next_number
        if parsed.end < len(content.data):
            self._disk.truncate(self._handle, self._end)
        self._disk.sync(self._handle)

    def _begin_segment(self) -> None:
        segment, fresh = Segment(self._next, segment_file(self._folder, self._next)), self._folder / _FRESH
        with contextlib.suppress(FileNotFoundError):
            self._disk.remove(fresh)
        head = build_head(self._next, self._note())
        handle = self._disk.create(fresh)
        try:
            self._disk.write(handle, head, 0)
            self._disk.sync(handle)
            self._disk.replace(fresh, segment.file)
            self._disk.sync_folder(self._folder)
        except OSError:
            self._disk.close(handle)
            with contextlib.suppress(OSError):
                self._disk.remove(fresh)
            raise
        self.close()
        begun = read_head(head)
        assert begun is not None
        with self._state:
            if segment not in self._segments[-1:]:
                self._segments.append(segment)
            self._handle, self._salt, self._end, self._follows = handle, begun.salt, begun.end, self._next

    def _give_up_segment(self) -> None:
        assert self._handle is not None
        with contextlib.suppress(OSError):
            self._disk.truncate(self._handle, self._end)
        self.close()

    def _read_from(self, segment: Segment, number: int, upto: int, end: int | None, most: int) -> list[Entry | Damage]:
        """Read from the place noted for a number, else from the segment's first entry on."""
        head = self._head(segment)
        if head is None:
            return [Damage(number, upto)]
        noted = self._places.pop((segment.first, number), None)
        at, place = (segment.first, head.end) if noted is None else (number, noted)
        handle = self._disk.open(segment.file)
        try:
            data = self._disk.read(handle, place, (self._disk.size(handle) if end is None else end) - place)
        finally:
            self._disk.close(handle)
        most += number - at
        parsed = read_entries(data, head.salt, at, safe=upto, most=most)
        if parsed.next_number <= upto and len(parsed.found) < most:
            parsed.found.append(Damage(parsed.next_number, upto))
        else:
            self._note_place(segment.first, parsed.next_number, place + parsed.end)
        return [clipped for one in parsed.found if (clipped := _clip(one, number, upto))]

    def _head(self, segment: Segment) -> SegmentHead | None:
        if segment.first not in self._heads:
            self._heads[segment.first] = read_segment(self._disk, segment).head
        return self._heads[segment.first]

    def _note_place(self, first: int, number: int, place: int) -> None:
        if len(self._places) >= _PLACES:  # of reads that nobody went on with
            self._places.clear()
        self._places[first, number] = place


def _clip(one: Entry | Damage, number: int, upto: int) -> Entry | Damage | None:
    """Return what lies between two numbers of an entry or of damage."""
    if isinstance(one, Entry):
        return one if number <= one.number <= upto else None
    begin, end = max(one.number, number), min(one.last, upto)
    return Damage(begin, end) if begin <= end else None
