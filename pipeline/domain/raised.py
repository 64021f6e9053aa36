"""The alert that findings of one kind raise on one subject: the same rules as for the alerts of a unit.

Flow: a statement of a finding, a person's act -> the alert as it stands, and what happened to it, if anything did.

A finding that holds is a piece of evidence: the first opens the alert, others and repetitions are counted, and with the
last that holds no more it is retracted. A person's close holds: only evidence that is new starts the next opening.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.domain.alerts import status_after
from pipeline.domain.finding import Finding
from pipeline.domain.reference import APPLIED, STALE
from pipeline.domain.verdict import (
    ALERT_ACKNOWLEDGED,
    ALERT_NONE,
    ALERT_OPEN,
    ALERT_RETRACTED,
    EVENT_OPENED,
    EVENT_REOPENED,
    EVENT_RETRACTED,
)

KEPT_LIVE, KEPT_ENDED = 32, 8
"""Findings that are remembered of an alert while it is open, and when it has ended."""
AHEAD: Final = frozenset({"EXPIRY_AHEAD"})
"""Kinds whose windows end in times to come: what ends first is no older than the rest, but what is due first."""
KEPT_AHEAD: Final = 1_000
"""Findings that hold and are remembered of an alert of those."""
KEPT_WITHDRAWN: Final = 32
"""Findings of those that are remembered besides because they hold no more: what was stated last of them is known."""
NOTHING_FORGOTTEN: Final = -1
LIVE: Final = (ALERT_OPEN, ALERT_ACKNOWLEDGED)


class Outcome(NamedTuple):
    """What came of a statement or act."""

    result: str
    reason: str
    event: int | None = None
    """What happened to the alert, one of verdict.ALERT_EVENTS by its number."""


@dataclass(slots=True)
class Piece:
    """A finding as it is remembered; `count` statements of it count in an opening."""

    id: str
    until: int
    version: int = -1
    holds: bool = False
    opening: int = 0
    count: int = 0


@dataclass(slots=True)
class Raised:
    """An alert, however often it was opened."""

    subject: str
    kind: str
    opening: int = 0
    status: int = ALERT_NONE
    count: int = 0
    sequence: int = 0
    """Rises with every change."""
    forgotten_until: int = NOTHING_FORGOTTEN
    """Findings up to that time may have been remembered once: what is not remembered of these is not judged."""
    pieces: list[Piece] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether evidence counts."""
        return self.status in LIVE

    def take(self, finding: Finding, ordinal: int) -> Outcome:
        """Take a statement; `ordinal` is that of its record, and its version where it states none."""
        version = ordinal if finding.version is None else finding.version
        piece = next((one for one in self.pieces if one.id == finding.id), None)
        if piece is None and self._is_forgotten(finding):
            return Outcome(STALE, "older than what is remembered")
        if finding.holds and not (piece and piece.holds) and self._is_beyond(finding):
            return Outcome(STALE, "beyond what is remembered")
        if piece is None:
            piece = Piece(finding.id, finding.window.until)
            self.pieces.append(piece)
        if version <= piece.version:
            return Outcome(STALE, "version")
        piece.version = version
        outcome = self._hold(piece) if finding.holds else self._withdraw(piece)
        self._tidy()
        self.sequence += 1
        return outcome

    def act(self, event: int, opening: int) -> Outcome:
        """Take a person's act on one opening."""
        if opening != self.opening or opening == 0:
            return Outcome(STALE, "opening")
        status = status_after(event, self.status)
        if status is None or (event == EVENT_REOPENED and self.count == 0):
            return Outcome(STALE, "status" if status is None else "evidence")
        self.status = status
        self._tidy()
        self.sequence += 1
        return Outcome(APPLIED, "", event)

    def _is_forgotten(self, finding: Finding) -> bool:
        """Whether a finding that is not remembered may have been; of what lies ahead nothing is for being older."""
        return self.kind not in AHEAD and finding.window.until <= self.forgotten_until

    def _is_beyond(self, finding: Finding) -> bool:
        """Whether a finding of what lies ahead, due after the many that hold, would be forgotten at once."""
        if self.kind not in AHEAD:
            return False
        held = [(one.until, one.id) for one in self.pieces if one.holds]
        return len(held) >= KEPT_AHEAD and (finding.window.until, finding.id) > max(held)

    def _hold(self, piece: Piece) -> Outcome:
        is_known, piece.holds = piece.holds, True
        if is_known and not (self.is_live and piece.opening == self.opening):
            return Outcome(STALE, "closed")
        event = None if self.is_live else EVENT_OPENED
        if event is not None:
            self.opening, self.status, self.count = self.opening + 1, ALERT_OPEN, 0
        if not is_known:
            piece.opening, piece.count = self.opening, 0
        piece.count += 1
        self.count += 1
        return Outcome(APPLIED, self._told(), event)

    def _withdraw(self, piece: Piece) -> Outcome:
        was_counted = piece.holds and piece.opening == self.opening and self.status != ALERT_RETRACTED
        piece.holds = False
        if not was_counted:
            return Outcome(APPLIED, self._told())
        self.count -= piece.count
        if self.count or not self.is_live:
            return Outcome(APPLIED, self._told())
        self.status = ALERT_RETRACTED
        return Outcome(APPLIED, self._told(), EVENT_RETRACTED)

    def _told(self) -> str:
        """Return what an act of `acts` says of the alert; ClickHouse reads the count from it."""
        return f"opening {self.opening}, count {self.count}"

    def _tidy(self) -> None:
        """Forget the oldest findings beyond what is kept: the evidence that they were stays counted.

        Of findings that lie ahead those go that were the first to hold no more, and those due last; one that comes
        again is a new one.
        """
        if self.kind in AHEAD:
            held = sorted((one for one in self.pieces if one.holds), key=lambda one: (one.until, one.id))
            gone = sorted((one for one in self.pieces if not one.holds), key=lambda one: (-one.version, one.id))
            self.pieces = held[:KEPT_AHEAD] + gone[:KEPT_WITHDRAWN]
            return
        self.pieces.sort(key=lambda piece: (piece.until, piece.id))
        beyond = len(self.pieces) - (KEPT_LIVE if self.is_live else KEPT_ENDED)
        if beyond > 0:
            self.forgotten_until = max(self.forgotten_until, self.pieces[beyond - 1].until)
            del self.pieces[:beyond]
