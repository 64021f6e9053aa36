"""A small file of SCANLEDGER_HOME that several processes read and change: keys, users, sessions.

    file = HomeFile(home / "keys.json", "keys", parse, render)
    file.read()                              # as it is now: read again only where another process changed it
    with file.changing() as keys: keys["a"] = …

It is locked while it is changed and replaced whole, so a reader sees what was there before or after; only its owner
may read it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from pipeline.errors import FileUnreadable, FolderUnusable

T = TypeVar("T")


class HomeFile(Generic[T]):
    """One file; `parse` makes of its JSON what `render` turns back, of an empty object what stands in no file."""

    def __init__(self, file: Path, what: str, parse: Callable[[Any], T], render: Callable[[T], Any]) -> None:
        self._file, self._lock_file, self._what = file, file.with_suffix(".lock"), what
        self._parse, self._render = parse, render
        self._kept: tuple[tuple[int, int, int], T] | None = None

    def read(self) -> T:
        """Return what the file holds; it is shared, so nobody changes it.

        Raises: FileUnreadable where it is damaged.
        """
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return self._parse({})
        seen, kept = (stat.st_mtime_ns, stat.st_ino, stat.st_size), self._kept
        if kept is None or kept[0] != seen:
            kept = self._kept = seen, self._parsed()
        return kept[1]

    @contextmanager
    def changing(self) -> Iterator[T]:
        """Give a copy to change; it is written when the block ends well.

        Raises: FileUnreadable; FolderUnusable where the home cannot be written.
        """
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._lock_file.open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                changed = self._parsed() if self._file.exists() else self._parse({})
                yield changed
                self._write(changed)
        except OSError as error:
            message = (
                f"The {self._what} cannot be kept in {self._file}: {error.strerror}. Name another with SCANLEDGER_HOME."
            )
            raise FolderUnusable(message) from error

    def _parsed(self) -> T:
        try:
            return self._parse(json.loads(self._file.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = (
                f"{self._file} is no list of {self._what} ({error}): "
                f"put it back from a copy, or remove it and make {self._what} anew."
            )
            raise FileUnreadable(message) from error

    def _write(self, content: T) -> None:
        text = json.dumps(self._render(content), indent=2)
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._file)
