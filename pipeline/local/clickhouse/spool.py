"""Bodies laid into a file for the engine to read, in memory where that has room."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - each file has a name of its own, made by tempfile


@contextmanager
def spooled(body: bytes) -> Iterator[Path]:
    """Keep a body in a file as long as the block runs."""
    with tempfile.NamedTemporaryFile(prefix="scanledger-", dir=_folder(len(body))) as file:
        file.write(body)
        file.flush()
        yield Path(file.name)


def _folder(size: int) -> Path | None:
    if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > 2 * size:
        return _IN_MEMORY
    return None
