"""One process per spool: a lock that goes when its holder ends, however it ends."""

import fcntl
import os
from pathlib import Path

from pipeline.errors import SpoolInUse, SpoolUnusable

_NAME = "lock"


class SpoolLock:
    """Holds a spool's lock until it is closed."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises: SpoolInUse where another process has it; SpoolUnusable where the folder cannot be written.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            message = f"The spool {folder} cannot be written: {error.strerror}. Name another with --spool."
            raise SpoolUnusable(message) from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            message = f"Another agent uses the spool {folder}: end it, or name another folder with --spool."
            raise SpoolInUse(message) from None

    def close(self) -> None:
        """Let it go."""
        os.close(self._handle)


def is_running(folder: Path) -> bool:
    """Tell whether an agent uses a spool."""
    try:
        handle = os.open(folder / _NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
