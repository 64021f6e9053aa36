"""The rest of a result while it is sent: fetched and packed in threads, given up when the client hangs up."""

import threading
from collections.abc import Callable, Iterator

from pipeline.local.clickhouse.compression import Packer


class Stream:
    """The chunks of one result, to be closed whether or not they were all fetched."""

    def __init__(self, chunks: Iterator[bytes], packer: Packer, kill: Callable[[], None]) -> None:
        self._chunks, self._packer, self.kill = chunks, packer, kill
        self._is_fetching = threading.Lock()

    def fetch(self) -> bytes | None:
        """Return the next chunk as it is sent, None behind the last; blocks, and raises what the engine raises."""
        with self._is_fetching:
            chunk = next(self._chunks, None)
        return None if chunk is None else self._packer.pack(chunk)

    def close(self) -> None:
        """Stop the statement; a fetch that still runs in another thread ends first, because it is killed."""
        self.kill()
        with self._is_fetching:
            close: Callable[[], None] | None = getattr(self._chunks, "close", None)
            if close is not None:
                close()
