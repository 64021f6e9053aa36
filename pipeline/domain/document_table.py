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
        self._known: dict[str, bool | None] = {}
        self._sorted: npt.NDArray[np.void] | None = None

    def add(self, name: str, *, names_containers: bool | None = None) -> bool:
        """Add a document, or what it names: containers alone, where all that was told of it does; None says nothing.

        Returns:
            False where that was known.
        """
        before = self._known.get(name)
        now = before if names_containers is None or before is False else names_containers
        if name in self._known and now is before:
            return False
        if name not in self._known:
            self.names.append(name)
        self._known[name] = now
        self._sorted = None
        return True

    def names_containers(self, name: str) -> bool | None:
        """Return whether a document names containers alone; None where it names nothing yet."""
        return self._known[name]

    def sorted(self) -> npt.NDArray[np.void]:
        """Return DOCUMENT rows ordered by hash."""
        if self._sorted is None:
            rows = {document_hash(name): (document_kind(name), known is True) for name, known in self._known.items()}
            self._sorted = np.array([(number, *row, (0, 0)) for number, row in sorted(rows.items())], DOCUMENT)
        return self._sorted
