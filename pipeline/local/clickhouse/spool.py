"""Bodies laid into a file for the engine to read; the file goes with the process, however that ends."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def spooled(body: bytes) -> Iterator[Path]:
    """Keep a body in a file as long as the block runs, in memory where the system has files without a name."""
    if sys.platform == "linux":
        with open(os.memfd_create("insert"), "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(body)
            file.flush()
            yield Path(f"/proc/self/fd/{file.fileno()}")
    else:
        with tempfile.NamedTemporaryFile(prefix="scanledger-") as named:
            named.write(body)
            named.flush()
            yield Path(named.name)
