"""The API key: from a file that may change while the agent runs, or a text; never part of what is said or logged."""

import re
from pathlib import Path
from typing import Final

from pipeline.errors import SettingsWrong

_KEY: Final = re.compile(r"[!-~]+")


class ApiKey:
    """Gives the key each time it is needed."""

    def __init__(self, text: str, file: Path | None = None) -> None:
        self._text, self._file = text, file

    def __call__(self) -> str:
        """Return the key.

        Raises: SettingsWrong where there is none, or none that a header can carry.
        """
        key = self._text if self._file is None else self._read(self._file)
        if not key:
            message = (
                "No API key: set SCANLEDGER_KEY, or name a file with --key-file. `scanledger keys create` makes one."
            )
            raise SettingsWrong(message)
        if not _KEY.fullmatch(key):
            message = "The API key has blanks or signs that no key has: it is one word, as `keys create` showed it."
            raise SettingsWrong(message)
        return key

    @staticmethod
    def _read(file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            message = f"The API key cannot be read from {file}: {getattr(error, 'strerror', 'it is no text')}."
            raise SettingsWrong(message) from error

    def __repr__(self) -> str:
        return "ApiKey(…)"
