"""Which files a log was rotated to, told apart by what a rotation leaves as it was: the inode, or the first bytes.

FILE is followed; FILE.1, FILE.2.gz, FILE-20261126 and the like in its folder are what it was rotated to. A name says
nothing of which file it is: the next rotation gives it to another.
"""

import bz2
import contextlib
import gzip
import hashlib
import itertools
import lzma
import os
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from pipeline.agent.lines import Place

HEAD_BYTES: Final = 256
TAIL_BYTES: Final = 64
_LEAST_HEAD: Final = 16
"""Fewer bytes than these two files have in common by chance."""
_ROTATED: Final = re.compile(r"[.-]([0-9][0-9T:._-]*?)(?:\.(?:gz|bz2|xz))?")
_COUNTED: Final = re.compile(r"[0-9]{1,4}")
_UNPACK: Final[dict[str, Callable[[BinaryIO], BufferedIOBase]]] = {
    ".gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}

_Numbered = list[tuple[Path, int]]
"""Files with their inodes."""


class Opened(NamedTuple):
    """A file opened to be read: its bytes, those that were compressed as what they were, and the file itself."""

    path: Path
    handle: int
    itself: int
    """Another descriptor where it is compressed; open as long as the first, so that its inode is no other file's."""

    def close(self) -> None:
        """Close both."""
        for one in {self.handle, self.itself}:
            os.close(one)


class Following(NamedTuple):
    """What comes after a file; where that one is nowhere, others may have been removed with it that came between."""

    opened: Opened
    is_sure: bool


def hash_bytes(content: bytes) -> str:
    """Return what stands for a file's first bytes, or for those before a place."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def is_where(handle: int, place: Place, *, copied: bool = False) -> bool:
    """Tell whether an open file is the one of a place, or a copy of it, and still holds the bytes up to there."""
    has_place = _has_head(handle, place) and hash_bytes(tail_before(handle, place.offset)) == place.tail
    return has_place and (place.head_bytes >= _LEAST_HEAD if copied else os.fstat(handle).st_ino == place.inode)


def is_shorter(handle: int, place: Place) -> bool:
    """Tell whether an open file begins as the one of a place and ends before it."""
    return place.head_bytes >= _LEAST_HEAD and _has_head(handle, place) and os.fstat(handle).st_size < place.offset


def tail_before(handle: int, offset: int) -> bytes:
    """Return the last bytes before a place in an open file."""
    size = min(offset, TAIL_BYTES)
    return os.pread(handle, size, offset - size)


def _has_head(handle: int, place: Place) -> bool:
    return hash_bytes(os.pread(handle, place.head_bytes, 0)) == place.head


def open_plain(path: Path) -> Opened:
    """Open a file to be read, one that is compressed as what it was.

    Raises: OSError, also where it is not compressed as its name says.
    """
    itself = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    unpack = _UNPACK.get(path.suffix)
    if unpack is None:
        return Opened(path, itself, itself)
    try:
        with open(itself, "rb", closefd=False) as packed, unpack(packed) as content, tempfile.TemporaryFile() as plain:
            shutil.copyfileobj(content, plain)
            plain.flush()
            return Opened(path, os.dup(plain.fileno()), itself)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        os.close(itself)
        message = f"{path}: {error}"
        raise OSError(message) from error


def rotated_files(file: Path) -> list[Path]:
    """Return what a file was rotated to, the oldest first.

    Dates rise. Counts fall, FILE.1 being the youngest, unless the times of the files say that they rise.
    """
    dated, counted = [], []
    for path, suffix in _rotated(file):
        if _COUNTED.fullmatch(suffix):
            counted.append((int(suffix), path))
        else:
            dated.append((suffix, path))
    counts = [path for _, path in sorted(counted)]
    return [path for _, path in sorted(dated)] + (counts if _rises(counts) else counts[::-1])


def find_place(file: Path, place: Place, *, copied: bool = False) -> Opened | None:
    """Open the file that holds what comes after a place, the followed one or a rotated one."""
    for path in [file, *reversed(rotated_files(file))]:
        with contextlib.suppress(OSError):
            opened = open_plain(path)
            if is_where(opened.handle, place, copied=copied):
                return opened
            opened.close()
    return None


def open_next(file: Path, read: Opened) -> Following | None:
    """Open what comes after a file that was read to its end: what was rotated next after it, else the followed file.

    None where files were rotated meanwhile: what was opened may not be what comes next. Where the one read is nowhere,
    what was written to after it counts.

    Raises: OSError.
    """
    rotated = _numbered(file)
    at = _find(rotated, read)
    younger = _written_after(rotated, read) if at is None else [path for path, _ in rotated[at + 1 :]]
    try:
        opened = open_plain(younger[0] if younger else file)
    except FileNotFoundError:
        if younger:
            return None
        raise
    if _numbered(file) != rotated:
        opened.close()
        return None
    return Following(opened, at is not None or os.fstat(read.itself).st_nlink > 0)


def _find(rotated: _Numbered, read: Opened) -> int | None:
    """Return which rotated file is the one that was read: by its inode, else the copy whose time is nearest.

    Compressed it is another file, of the same time.
    """
    inodes = [inode for _, inode in rotated]
    stat = os.fstat(read.itself)
    if stat.st_ino in inodes:
        return inodes.index(stat.st_ino)
    distances = [abs(_time_of(path) - stat.st_mtime_ns) for path, _ in rotated]
    nearest = sorted(range(len(rotated)), key=distances.__getitem__)
    return next((at for at in nearest if _is_copy(rotated[at][0], read, is_as_old=not distances[at])), None)


def _is_copy(path: Path, of: Opened, *, is_as_old: bool) -> bool:
    """Tell whether a file holds just what another does; of the same time, a few bytes are enough to say so."""
    with contextlib.suppress(OSError), contextlib.closing(open_plain(path)) as one:
        sizes = {os.fstat(handle).st_size for handle in (one.handle, of.handle)}
        heads = {os.pread(handle, HEAD_BYTES, 0) for handle in (one.handle, of.handle)}
        tails = {tail_before(handle, min(sizes)) for handle in (one.handle, of.handle)}
        return len(sizes) == len(heads) == len(tails) == 1 and (is_as_old or min(sizes) >= _LEAST_HEAD)
    return False


def _written_after(rotated: _Numbered, read: Opened) -> list[Path]:
    return [path for path, _ in rotated if _time_of(path) > os.fstat(read.itself).st_mtime_ns]


def _numbered(file: Path) -> _Numbered:
    """Return what a file was rotated to, the oldest first, with inodes."""
    found = []
    for path in rotated_files(file):
        with contextlib.suppress(FileNotFoundError):
            found += [] if _is_being_packed(path) else [(path, path.stat().st_ino)]
    return found


def _is_being_packed(path: Path) -> bool:
    """Tell whether a file is compressed from one that is still there, and perhaps not yet whole."""
    return path.suffix in _UNPACK and 0 < _time_of(path.with_suffix("")) <= _time_of(path)


def _time_of(path: Path) -> int:
    """Return when a file was written to last, 0 where it is there no more."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime_ns
    return 0


def _rotated(file: Path) -> Iterator[tuple[Path, str]]:
    with contextlib.suppress(FileNotFoundError):
        for other in file.parent.iterdir():
            match = _ROTATED.fullmatch(other.name.removeprefix(file.name))
            if match and other.name.startswith(file.name):
                yield other, match[1]


def _rises(paths: list[Path]) -> bool:
    """Tell whether each of several files was written to later than the one before it; compressed ones do not say."""
    with contextlib.suppress(FileNotFoundError):
        times = [path.stat().st_mtime_ns for path in paths if path.suffix not in _UNPACK]
        return len(times) > 1 and all(one < next_one for one, next_one in itertools.pairwise(times))
    return False
