"""What a console answers that was started without a log: nothing is proved, nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.console.outside import ProofState, Row
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
