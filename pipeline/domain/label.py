"""A retired label and the unit under which it goes on: what each of the two remembers of the other.

Flow: whether a scan of the label stands -> whether the unit has to be told of it, or that it was none.
"""

from dataclasses import dataclass, field
from typing import Final

_MOST_TOLD: Final = 64
"""Forwarded scans kept: twice as many as a label remembers, and what it forgets first is forgotten first here."""


@dataclass(slots=True)
class Label:
    """One label of one unit."""

    unit: str
    alias: str
    version: int = 0
    """Sequence of the label's record that last told the unit; 0 where it is kept with the label itself."""
    since: int | None = None
    content: str = ""
    told: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the fact: how often it was forwarded and taken back, odd where it stands; when it was."""

    def settle(self, fact: int, event_time: int, *, holds: bool) -> int:
        """Return which of the chain the unit has to be told next, from 1; 0 where it knows already."""
        toggles, _ = self.told.get(fact, (0, 0))
        if holds == bool(toggles % 2):
            return 0
        self.told[fact] = toggles + 1, event_time
        for other in sorted(self.told, key=lambda one: self.told[one][1])[:-_MOST_TOLD]:
            del self.told[other]
        return toggles + 1
