"""The few things a spool asks of a disk, so that a test can take the power away between any two of them.

What is safe when the power goes: the bytes of a file once `sync` of it returned, and a name that was made, moved or
removed once `sync_folder` of its folder returned. Nothing else, and in no order: a later write may survive an earlier.
A `sync` that failed may have dropped what it should have kept, and a second one would not say so: whoever is told of a
failure trusts nothing written since the last one that returned.
"""
# ruff: noqa: D102  the contract is on the protocol

import fcntl
import os
import sys
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Files by descriptors; every method raises OSError where the disk cannot."""

    def make_folder(self, folder: Path) -> None:
        """Make a folder, and those above it, where they are missing; safe when this returns."""

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted."""

    def create(self, file: Path) -> int:
        """Open a new file; FileExistsError where the name is taken."""

    def open(self, file: Path) -> int:
        """Open a file that is there."""

    def close(self, handle: int) -> None:
        """Close a file; says nothing of what is safe."""

    def size(self, handle: int) -> int:
        """Return how many bytes a file has."""

    def read(self, handle: int, offset: int, size: int) -> bytes:
        """Return up to so many bytes; fewer only at the file's end."""

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all of it, or raise with any part of it written."""

    def truncate(self, handle: int, size: int) -> None:
        """Cut a file to a length."""

    def sync(self, handle: int) -> None:
        """Return when all bytes written to a file are safe."""

    def sync_folder(self, folder: Path) -> None:
        """Return when all names made and removed in a folder are safe."""

    def replace(self, source: Path, target: Path) -> None:
        """Give a file another's name."""

    def remove(self, file: Path) -> None:
        """Remove a file."""


class RealDisk:
    """The machine's own."""

    def make_folder(self, folder: Path) -> None:
        missing = [folder, *folder.parents]
        missing = missing[: next(n for n, one in enumerate(missing) if one.is_dir())]
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)
            self.sync_folder(one.parent)

    def names(self, folder: Path) -> list[str]:
        return sorted(os.listdir(folder))

    def create(self, file: Path) -> int:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def open(self, file: Path) -> int:
        return os.open(file, os.O_RDWR | os.O_CLOEXEC)

    def close(self, handle: int) -> None:
        os.close(handle)

    def size(self, handle: int) -> int:
        return os.fstat(handle).st_size

    def read(self, handle: int, offset: int, size: int) -> bytes:
        parts = []
        while size and (part := os.pread(handle, size, offset)):
            parts.append(part)
            offset, size = offset + len(part), size - len(part)
        return b"".join(parts)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        left = memoryview(data)
        while left:
            written = os.pwrite(handle, left, offset)
            left, offset = left[written:], offset + written

    def truncate(self, handle: int, size: int) -> None:
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        if sys.platform == "darwin":
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # there fsync leaves the bytes in the drive's own cache
        else:
            os.fsync(handle)

    def sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, file: Path) -> None:
        file.unlink()
