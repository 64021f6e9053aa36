"""What was refused, kept until a person has sent it again or let it go: a log of its own beside the lines.

    entry = {"refused": {…}}                               # numbered: its number is what a person names
    entry = {"closed": [number, …], "how": "retried"}      # or "forgotten"

A line is refused once: told of it a second time, after a crash or at the next look at its receipt, the book keeps the
first, even where a person has closed it since. So what was closed stays known until nobody can tell of its line again.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from pipeline.agent.disk import Disk
from pipeline.agent.folder import read_all
from pipeline.agent.log import Log
from pipeline.agent.segment import Damage, Entry

Stage = Literal["line", "capture", "verdict", "spool"]
"""Where it was refused: read as a line, by capture, by the ledger, or lost by the spool's disk."""

_STEP: Final = 500


@dataclass(frozen=True)
class Refusal:
    """One line refused; `line` is its number in the spool, `text` the scan as JSON, or what was read."""

    line: int
    stage: Stage
    reason: str
    message: str
    text: str
    refused_at: str
    field: str = ""
    receipt: str = ""

    @property
    def is_scan(self) -> bool:
        """Whether it can be sent again."""
        return self.stage in ("capture", "verdict")


class Refusals:
    """The book of an agent; one thread uses it."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        """Open the book; raises OSError."""
        self._log = Log(disk, folder)
        self._open: dict[int, int] = {}
        """By number, the line refused."""
        self._closed: dict[int, int] = {}
        """The same of those no longer open whose line may be told of again."""
        self._lines: set[int] = set()
        """Of both."""
        for number, entry in _entries(self._read_all()):
            if isinstance(entry, Refusal):
                self._open[number] = entry.line
                self._lines.add(entry.line)
            else:
                self._close(entry)

    def __len__(self) -> int:
        return len(self._open)

    def add(self, refusals: Sequence[Refusal]) -> None:
        """Keep refusals; on disk when this returns. Raises OSError."""
        fresh = [one for one in refusals if one.line not in self._lines]
        if not fresh:
            return
        last = self._log.append([json.dumps({"refused": asdict(one)}).encode() for one in fresh])
        for number, one in enumerate(fresh, last - len(fresh) + 1):
            self._open[number] = one.line
            self._lines.add(one.line)

    def find(self, numbers: Iterable[int] | None, reason: str) -> list[tuple[int, Refusal]]:
        """Return those open that a person names: by number, by reason, or all."""
        wanted = set(self._open) if numbers is None else set(numbers) & set(self._open)
        found = ((number, one) for number, one in _entries(self._read_all()) if number in wanted)
        return [(number, one) for number, one in found if isinstance(one, Refusal) and reason in ("", one.reason)]

    def close_some(self, numbers: Sequence[int], how: str) -> None:
        """Note that refusals are no longer open. Raises OSError."""
        for at in range(0, len(numbers), _STEP):
            self._log.append([json.dumps({"closed": list(numbers[at : at + _STEP]), "how": how}).encode()])
        self._close(numbers)

    def trim(self, before: int) -> None:
        """Let go of what was closed of the lines before this one, which nobody tells of again. Raises OSError."""
        settled = [number for number, line in self._closed.items() if line < before]
        if settled:
            self._lines.difference_update(self._closed.pop(number) for number in settled)
            self._log.trim(min(itertools.chain(self._open, self._closed), default=self._log.last))

    def close(self) -> None:
        """Close the file."""
        self._log.close()

    def _close(self, numbers: Iterable[int]) -> None:
        for number in self._open.keys() & set(numbers):
            self._closed[number] = self._open.pop(number)

    def _read_all(self) -> Iterator[Entry | Damage]:
        after = 0
        while found := self._log.read(after, _STEP):
            yield from found
            after = found[-1].last


def open_refusals(disk: Disk, folder: Path) -> dict[int, Refusal]:
    """Return what is open in a book that an agent may be writing, by number."""
    found: dict[int, Refusal] = {}
    for number, entry in _entries(read_all(disk, folder)):
        if isinstance(entry, Refusal):
            found[number] = entry
        else:
            for closed in entry:
                found.pop(closed, None)
    return found


def _entries(found: Iterable[Entry | Damage]) -> Iterator[tuple[int, Refusal | list[int]]]:
    for one in found:
        if isinstance(one, Entry):
            told = json.loads(one.text)
            yield one.number, Refusal(**told["refused"]) if "refused" in told else told["closed"]
