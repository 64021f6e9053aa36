"""The documents that somebody told of: so that the rules can tell a unit which none of them expects."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.expected import document_hash, document_kind

DOCUMENT: Final = np.dtype([("document", "i4"), ("kind", "i1"), ("reserved", "i1", (3,))])


class DocumentTable:
    """Names in the order in which they were told, and their hashes in order for the fold.

    Two names of one hash are one document to the fold: a unit that either expects is expected.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._known: set[str] = set()
        self._sorted: npt.NDArray[np.void] | None = None

    def add(self, name: str) -> bool:
        """Add a document; False where it was known."""
        if name in self._known:
            return False
        self._known.add(name)
        self.names.append(name)
        self._sorted = None
        return True

    def sorted(self) -> npt.NDArray[np.void]:
        """Return DOCUMENT rows ordered by hash."""
        if self._sorted is None:
            rows = {document_hash(name): document_kind(name) for name in self.names}
            self._sorted = np.array([(number, kind, (0, 0, 0)) for number, kind in sorted(rows.items())], DOCUMENT)
        return self._sorted
