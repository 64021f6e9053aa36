"""The documents that somebody told of: so that the rules can tell a unit which none of them expects."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.expected import document_hash, document_kind

DOCUMENT: Final = np.dtype(
    [
        ("document", "i4"),
        ("kind", "i1"),
        ("names_containers", "i1"),  # then it does not name what is in them
        ("reserved", "i1", (2,)),
    ]
)


class DocumentTable:
    """Names in the order in which they were told, and their hashes in order for the fold.

    Two names of one hash are one document to the fold: a unit that either expects is expected.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._known: dict[str, bool] = {}
        self._sorted: npt.NDArray[np.void] | None = None

    def add(self, name: str, *, names_containers: bool = False) -> bool:
        """Add a document, or that it names containers; False where that was known."""
        if name in self._known and self._known[name] >= names_containers:
            return False
        if name not in self._known:
            self.names.append(name)
        self._known[name] = names_containers
        self._sorted = None
        return True

    def sorted(self) -> npt.NDArray[np.void]:
        """Return DOCUMENT rows ordered by hash."""
        if self._sorted is None:
            rows = {document_hash(name): (document_kind(name), known) for name, known in self._known.items()}
            self._sorted = np.array([(number, *row, (0, 0)) for number, row in sorted(rows.items())], DOCUMENT)
        return self._sorted
