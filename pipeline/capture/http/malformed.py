"""What is wrong with single scans of a request: values, listed in its receipt, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Reason = Literal[
    "NOT_JSON", "NOT_AN_OBJECT", "UNKNOWN_FIELD", "MISSING", "WRONG_TYPE", "TOO_LONG", "UNKNOWN_STEP", "NO_TIME",
    "NO_DATE", "BAD_CODE", "NO_UNIT", "CONTRADICTION", "OTHER_SITE", "UNKNOWN_FLAG",
]  # fmt: skip
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Malformed:
    """One fault of one scan; `index` is its place in the request from 0, `field` None where it is the whole scan."""

    index: int
    field: str | None
    reason: Reason
    message: str
    likely: dict[str, str] | None = None
    """The expected unit that a misread code may be."""

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it; `likely` only where there is one."""
        told = {"index": self.index, "field": self.field, "reason": self.reason, "message": self.message}
        return told if self.likely is None else told | {"likely": self.likely}


class Faults:
    """Collects the faults of a request's scans. A scan of which nothing could be read has no further ones."""

    def __init__(self, scans: int) -> None:
        self.bad: NDArray[np.bool_] = np.zeros(scans, np.bool_)
        self._unread: set[int] = set()
        self._found: list[Malformed] = []

    def unreadable(self, index: int, reason: Reason, message: str) -> None:
        """Note that a scan is none at all."""
        self.add(index, None, reason, message)
        self._unread.add(index)

    def add(self, index: int, field: str | None, reason: Reason, message: str) -> None:
        """Note one fault."""
        if index not in self._unread:
            self.bad[index] = True
            self._found.append(Malformed(index, field, reason, message))

    def add_where(self, where: NDArray[np.bool_], field: str, reason: Reason, message: str) -> None:
        """Note the same fault of every scan where it is so."""
        for index in np.flatnonzero(where).tolist():
            self.add(index, field, reason, message)

    def listed(self) -> list[Malformed]:
        """Return all faults in the order of the scans."""
        return sorted(self._found, key=lambda fault: fault.index)
