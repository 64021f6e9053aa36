"""The word that somebody may have meant, of those that are known."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Final

_MOST: Final = 100  # unknown words of one request: each is compared with every known one


class Nearest:
    """The known words nearest to the unknown ones of a request; behind the first 100 unknown ones there is none."""

    def __init__(self, known: Collection[str], likeness: float) -> None:
        """Compare with these words; `likeness` is from 0, anything, to 1, the same."""
        self._known, self._likeness = known, likeness
        self._found: dict[str, str | None] = {}

    def of(self, word: str) -> str | None:
        """Return the known word that is nearest, None where none is near or too many were asked for."""
        if word not in self._found:
            if len(self._found) == _MOST:
                return None
            near = difflib.get_close_matches(word, self._known, n=1, cutoff=self._likeness)
            self._found[word] = near[0] if near else None
        return self._found[word]
