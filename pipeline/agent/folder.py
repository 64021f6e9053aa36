"""The segments of a log as they lie in its folder, each named by the number of its first entry."""

from pathlib import Path
from typing import Final, NamedTuple

from pipeline.agent.disk import Disk
from pipeline.agent.segment import Damage, Entry, SegmentHead, read_entries, read_head

ENDING: Final = ".seg"
DAMAGED_ENDING: Final = ".damaged"
_DIGITS: Final = 20


class Segment(NamedTuple):
    """A file of entries; what is wrong in it shows when it is read."""

    first: int
    file: Path


class Content(NamedTuple):
    """A whole segment: its head (None where it has no right one), its bytes from the first entry on."""

    head: SegmentHead | None
    data: bytes


def segment_file(folder: Path, first: int) -> Path:
    """Return where a segment is."""
    return folder / f"{first:0{_DIGITS}d}{ENDING}"


def list_segments(disk: Disk, folder: Path) -> list[Segment]:
    """Return a log's segments in order; a name that is not ours is not one."""
    stems = [name.removesuffix(ENDING) for name in disk.names(folder) if name.endswith(ENDING)]
    return [
        Segment(int(stem), folder / f"{stem}{ENDING}") for stem in stems if len(stem) == _DIGITS and stem.isdecimal()
    ]


def read_segment(disk: Disk, segment: Segment) -> Content:
    """Read a whole segment."""
    handle = disk.open(segment.file)
    try:
        data = disk.read(handle, 0, disk.size(handle))
    finally:
        disk.close(handle)
    head = read_head(data)
    return Content(None, data) if head is None or head.first != segment.first else Content(head, data[head.end :])


def read_all(disk: Disk, folder: Path) -> list[Entry | Damage]:
    """Return what is in a log that another process may be writing, without touching it; a torn tail is left out."""
    segments = list_segments(disk, folder)
    found: list[Entry | Damage] = []
    for at, segment in enumerate(segments):
        content = read_segment(disk, segment)
        last = segments[at + 1].first - 1 if at + 1 < len(segments) else 0
        found += entries_of(content, segment.first, last)
    return found


def entries_of(content: Content, first: int, last: int) -> list[Entry | Damage]:
    """Return a segment's entries up to `last`, what is missing of them as damage; 0: up to where it is torn."""
    if content.head is None:
        return [Damage(first, last)] if last >= first else []
    parsed = read_entries(content.data, content.head.salt, first, safe=last)
    found = [one for one in parsed.found if not last or one.number <= last]
    return [*found, Damage(parsed.next_number, last)] if parsed.next_number <= last else found
