"""Which files a log was rotated to, told apart by what a rotation leaves as it was: the inode, or the first bytes.

FILE is followed; FILE.1, FILE.2.gz, FILE-20261126 and the like in its folder are what it was rotated to.
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
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, Final

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


def open_plain(path: Path) -> int:
    """Open a file to be read, one that is compressed as what it was.

    Raises: OSError, also where it is not compressed as its name says.
    """
    unpack = _UNPACK.get(path.suffix)
    if unpack is None:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with path.open("rb") as packed, unpack(packed) as content, tempfile.TemporaryFile() as plain:
            shutil.copyfileobj(content, plain)
            plain.flush()
            return os.dup(plain.fileno())
    except (EOFError, lzma.LZMAError) as error:
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


def find_place(file: Path, place: Place, *, copied: bool = False) -> tuple[Path, int] | None:
    """Return the file that holds what comes after a place, the followed one or a rotated one, and its descriptor."""
    for path in [file, *reversed(rotated_files(file))]:
        with contextlib.suppress(OSError):
            handle = open_plain(path)
            if is_where(handle, place, copied=copied):
                return path, handle
            os.close(handle)
    return None


def younger_than(file: Path, path: Path, handle: int) -> list[Path]:
    """Return what a file was rotated to after another, which was opened as `path`; the oldest first.

    Where that one is there no more, what was written to after it counts.
    """
    rotated, stat = rotated_files(file), os.fstat(handle)
    for at, other in enumerate(rotated):
        with contextlib.suppress(FileNotFoundError):
            if other == path or other.stat().st_ino == stat.st_ino:
                return rotated[at + 1 :]
    return [other for other in rotated if other.stat().st_mtime_ns > stat.st_mtime_ns]


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
