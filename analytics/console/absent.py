"""What a console answers that was started without a log: nothing is proved, nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.console.outside import ProofState, Row
from analytics.recall.asked import Asked
from pipeline.errors import SettingsWrong


class NoProofs:
    """A console that runs none."""

    def state(self) -> ProofState:
        """Return that none was run."""
        return ProofState()

    def begin(self, author: str) -> None:
        """Refuse."""
        message = f"This console runs no proof for {author}: run scanledger verify."
        raise SettingsWrong(message)


class NoRedrives:
    """A console that sends nothing."""

    def original(self, letter: Row, fields: Row, author: str) -> Row:
        """Refuse."""
        message = f"This console sends nothing for {author}: it was started without a log."
        raise SettingsWrong(message)

    def corrected(self, letter: Row, form: Mapping[str, str], author: str) -> Row:
        """Refuse."""
        return self.original(letter, dict(form), author)


class NoRecalls:
    """A console that starts and closes none."""

    def start(self, asked: Asked, reason: str, author: str, recall: str) -> str:
        """Refuse."""
        named = f"{recall}: {asked.text()}, {reason}"
        message = f"This console recalls nothing for {author} ({named}): it was started without a log."
        raise SettingsWrong(message)

    def close(self, recall: str, reason: str, author: str) -> None:
        """Refuse."""
        message = f"This console closes no recall for {author} ({recall}, {reason}): it was started without a log."
        raise SettingsWrong(message)

    def epcis(self, recall: str) -> bytes:
        """Refuse."""
        message = f"This console writes no EPCIS documents ({recall}): use scanledger recall show --epcis."
        raise SettingsWrong(message)
