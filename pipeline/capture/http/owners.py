"""Which capture processes of a home are alive: each holds a lock that goes when it ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from typing import Final

_ENDING: Final = ".owner"


class Owner:
    """This process among those that share a home."""

    def __init__(self, folder: Path) -> None:
        """Take a name of its own, and sweep away what ended ones left; raises OSError where it cannot be written."""
        self._folder, self.name = folder, secrets.token_hex(8)
        for file in folder.glob(f"*{_ENDING}"):
            if not self.is_alive(file.stem):
                file.unlink(missing_ok=True)
        self._lock = os.open(self._file(self.name), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def is_alive(self, name: str) -> bool:
        """Tell whether the process of this name, or this one, still runs."""
        try:
            found = os.open(self._file(name), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(found)

    def close(self) -> None:
        """Be no longer alive."""
        self._file(self.name).unlink(missing_ok=True)
        os.close(self._lock)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{_ENDING}"
