"""What the console needs of the layers beside and above it, given to it where the process is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from analytics.recall.asked import Asked

Row = dict[str, Any]


class Acts(Protocol):
    """Acts of people, sent through `internal`; each returns when the ledger has accounted for it."""

    def on_alerts(self, act: str, ids: Sequence[str], author: str, more: dict[str, str]) -> list[Row]:
        """Act on alerts; return a row each: id, result (APPLIED, STALE, REFUSED), reason, partition, ordinal.

        Raises: ScanledgerError.
        """


class ApiKey(Protocol):
    """A key of the HTTP way in, as `pipeline.capture.http.keys` keeps it."""

    @property
    def id(self) -> str:
        """Its name in lists."""

    @property
    def name(self) -> str:
        """What it is for."""

    @property
    def role(self) -> str:
        """Site, analyst or admin."""

    @property
    def sites(self) -> tuple[str, ...] | None:
        """Whose scans it may send; None: of all."""

    @property
    def created_ms(self) -> int:
        """When it was made."""

    @property
    def revoked_ms(self) -> int | None:
        """When it was revoked, if it was."""


class ApiKeys(Protocol):
    """The keys of the HTTP way in."""

    def all(self) -> Sequence[ApiKey]:
        """Return every key."""

    def make(self, name: str, role: str, sites: Sequence[str], *, all_sites: bool) -> tuple[ApiKey, str]:
        """Make a key; return it and its text. Raises: ValueError, saying what would be right."""

    def revoke(self, key_id: str) -> ApiKey | None:
        """Revoke a key; None where there is none."""


class Log(Protocol):
    """The log, as far as the console asks it."""

    def ends(self) -> dict[int, int]:
        """Return the next offset of each partition of `scans`. Raises: BrokerUnreachable, TopicsWrong."""


class ProofState(NamedTuple):
    """How far the proof is: `began_ms` 0 where it was never begun, `fault` why it could not be finished.

    Shape: `said` what it remarked so far; `checks` rows with check, proves, compared, problems, examples.
    """

    running: bool = False
    author: str = ""
    began_ms: int = 0
    ended_ms: int = 0
    said: tuple[str, ...] = ()
    ok: bool = False
    checks: tuple[Row, ...] = ()
    fault: str = ""


class Proofs(Protocol):
    """The proof that every scan is accounted for once, run aside; one at a time."""

    def state(self) -> ProofState:
        """Return how far it is."""

    def begin(self, author: str) -> None:
        """Begin it; nothing where it runs."""


class Redrives(Protocol):
    """Scans sent instead of dead letters; each returns when the ledger has decided the scan and noted who sent it."""

    def original(self, letter: Row, fields: Row, author: str) -> Row:
        """Send the scan that its bytes are; return its verdict.

        Raises: ValueError where one of another unit was sent; ScanledgerError.
        """

    def corrected(self, letter: Row, form: Mapping[str, str], author: str) -> Row:
        """Send the scan that somebody says it is. Raises: ValueError, saying what would be right; ScanledgerError."""


class Recalls(Protocol):
    """Recalls started and closed; each returns when it can be read back."""

    def start(self, asked: Asked, reason: str, author: str, recall: str) -> str:
        """Start one under an id; return that. Raises: BadPredicate where it concerns nothing; ScanledgerError."""

    def close(self, recall: str, reason: str, author: str) -> None:
        """Close one that is open. Raises: BadPredicate where it is closed by now; ScanledgerError."""

    def epcis(self, recall: str) -> bytes:
        """Return its units as an EPCIS 2.0 document. Raises: ScanledgerError."""
