"""A site's buffer in a folder: lines taken, receipts not yet judged, what was refused, and how far each has come.

    scans/      the lines taken, in order (log.py); removed when sent and judged
    receipts/   what capture acknowledged: a receipt's id and the lines it is for
    refused/    what was refused (refusals.py)
    cursor      sent: up to this line all is acknowledged; judged: up to this receipt the verdicts are known;
                attempt: the last line of the batch being sent; outcomes: how many of each; id: of this spool
    requests/   what people ask of a running agent (requests.py)
    state.json  what the agent is doing, for `agent status`; nothing depends on it
    lock        held by the one process whose spool it is

Order of writing, so that a crash between any two steps loses nothing and doubles nothing:
- a line is synced before it is said to be taken;
- `attempt` is kept before a batch is sent: after a crash the same batch is sent again under the same idempotency key,
  byte for byte, and capture answers with the first receipt;
- refusals, then the receipt, then `sent` are kept after the answer. What is done twice after a crash is known as done:
  a refusal by its line, a receipt by its id, a scan by its scan_id;
- a segment is removed after the cursor has passed it.
"""

import contextlib
import errno
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.agent.cursor import Cursor
from pipeline.agent.disk import Disk
from pipeline.agent.lines import Place
from pipeline.agent.log import SEGMENT_BYTES, Log
from pipeline.agent.refusals import Refusal, Refusals
from pipeline.agent.segment import Damage, Entry
from pipeline.agent.taken import Taken, read_taken, write_taken
from pipeline.errors import SpoolUnusable

SCANS: Final = "scans"
RECEIPTS: Final = "receipts"
REFUSED: Final = "refused"
CURSOR: Final = "cursor"
_STEP: Final = 500
_OTHERS: Final = "others"
_MOST_NAMES, _LONGEST_NAME = 60, 40
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Found = list[Entry | Damage]


class Acknowledged(NamedTuple):
    """A receipt: the lines from `first` to `last` it is for, and when it came, in milliseconds since 1970."""

    receipt: str
    first: int
    last: int
    at_ms: int


class Spool:
    """An agent's spool. One thread takes lines, another sends; what both use is the log's, which allows it."""

    def __init__(self, disk: Disk, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open a spool, made where it is missing.

        Raises: SpoolUnusable.
        """
        self.folder, self._disk = folder, disk
        with self._usable():
            disk.make_folder(folder)
            self._cursor = Cursor(disk, folder / CURSOR)
            if "id" not in self._cursor.state:
                self._cursor.keep(id=secrets.token_hex(8), sent=0, judged=0, attempt=0, outcomes={})
            self._places: dict[str, Place] = {}
            scans = folder / SCANS
            self._scans = Log(disk, scans, known=self.sent, note=self._note_places, segment_bytes=segment_bytes)
            self._receipts = Log(disk, folder / RECEIPTS, known=self._judged)
            self.refusals = Refusals(disk, folder / REFUSED)
            self._recent = self._recall_places()
            self._places = {file: places[-1] for file, places in self._recent.items()}

    @property
    def id(self) -> str:
        """A name that no other spool has."""
        return str(self._cursor.state["id"])

    @property
    def sent(self) -> int:
        """The last line that capture has acknowledged."""
        return int(self._cursor.state["sent"])

    @property
    def attempt(self) -> int:
        """The last line of the batch that may have been sent; 0 or `sent` where there is none."""
        return int(self._cursor.state["attempt"])

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many lines came to each end: an outcome of the ledger, or the reason why they did not come so far."""
        return dict(self._cursor.state["outcomes"])

    @property
    def waiting(self) -> int:
        """How many lines are not acknowledged."""
        return self._scans.last - self.sent

    @property
    def progress(self) -> tuple[int, int]:
        """What rises as lines are acknowledged and judged."""
        return self.sent, self._judged

    def take(self, lines: Sequence[Taken]) -> int:
        """Keep lines and return the number of the last; they are on disk when this returns.

        Raises: SpoolUnusable with none of them taken.
        """
        with self._usable():
            last = self._scans.append([write_taken(line) for line in lines])
        if places := {line.file: line.place for line in lines if line.place is not None}:
            self._places = self._places | places
        return last

    def places(self, file: str) -> list[Place]:
        """Return where the last lines of a followed file ended that were taken before this spool was opened."""
        return self._recent.get(file, [])

    def unsent(self, most: int) -> Found:
        """Return the next lines to be sent, of a batch that may have been sent just those. Raises SpoolUnusable."""
        with self._usable():
            if self.attempt > self.sent:
                return self._lines(self.sent, self.attempt)
            return self._lines(self.sent, min(self.sent + most, self._scans.last))

    def lines_of(self, acknowledged: Acknowledged) -> Found:
        """Return the lines of a receipt. Raises SpoolUnusable."""
        with self._usable():
            return self._lines(acknowledged.first - 1, acknowledged.last)

    def keep_attempt(self, last: int) -> None:
        """Note that the lines up to this one are about to be sent as one batch; 0: none are. Raises SpoolUnusable."""
        if last != self.attempt:
            with self._usable():
                self._cursor.keep(attempt=last)

    def pass_by(self, last: int, refused: Sequence[Refusal], acknowledged: Acknowledged | None = None) -> None:
        """Note that the lines up to this one are dealt with: refused here, or acknowledged. Raises SpoolUnusable."""
        with self._usable():
            self.refusals.add(refused)
            if acknowledged is not None:
                self._receipts.append([json.dumps(acknowledged).encode()])
            ends = self._with(Counter(one.reason for one in refused))
            self._cursor.keep(sent=last, attempt=last, outcomes=ends)
            self._trim()

    def unjudged(self) -> Acknowledged | None:
        """Return the oldest receipt whose verdicts are not known. Raises SpoolUnusable."""
        with self._usable():
            for one in self._receipts.read(self._judged, 1):
                if isinstance(one, Entry):
                    return Acknowledged(*json.loads(one.text))
                self._cursor.keep(judged=one.last)
        return None

    def judge(self, refused: Sequence[Refusal], outcomes: Mapping[str, int] | None) -> None:
        """Keep refusals by verdict; where the receipt's outcomes are given, it is judged. Raises SpoolUnusable."""
        with self._usable():
            self.refusals.add(refused)
            if outcomes is not None:
                self._cursor.keep(judged=self._judged + 1, outcomes=self._with(outcomes))
                self._trim()

    def send_again(self, numbers: Iterable[int] | None, reason: str) -> int:
        """Put refused scans, those named or all, at the end of the lines; return how many. Raises SpoolUnusable."""
        again = [(number, one) for number, one in self.refusals.find(numbers, reason) if one.is_scan]
        with self._usable():
            for at in range(0, len(again), _STEP):
                self.take([Taken(one.text.encode()) for _, one in again[at : at + _STEP]])
            self.refusals.close_some([number for number, _ in again], "retried")
            self._trim()
        return len(again)

    def forget(self, numbers: Iterable[int] | None, reason: str) -> int:
        """Let go of what was refused, those named or all; return how many. Raises SpoolUnusable."""
        with self._usable():
            gone = [number for number, _ in self.refusals.find(numbers, reason)]
            self.refusals.close_some(gone, "forgotten")
            self._trim()
        return len(gone)

    def close(self) -> None:
        """Close the files."""
        for one in (self._scans, self._receipts, self.refusals, self._cursor):
            one.close()

    def _with(self, more: Mapping[str, int]) -> dict[str, int]:
        """Return the outcomes with some more; the cursor has room for so many names, and the others count as one."""
        ends = dict(self.outcomes)
        for name, count in more.items():
            is_known = name in ends or (len(ends) < _MOST_NAMES and len(name.encode()) <= _LONGEST_NAME)
            known = name if is_known else _OTHERS
            ends[known] = ends.get(known, 0) + count
        return ends

    @property
    def _judged(self) -> int:
        return int(self._cursor.state["judged"])

    def _lines(self, after: int, last: int) -> Found:
        found: Found = []
        while after < last and (step := self._scans.read(after, last - after)):
            found += step
            after = step[-1].last
        return found

    def _trim(self) -> None:
        oldest = self.unjudged()
        settled = min(oldest.first if oldest else self.sent + 1, self.sent + 1)
        with contextlib.suppress(OSError):  # what cannot be removed now is removed later
            self._scans.trim(settled)
            self._receipts.trim(self._judged + 1)
            self.refusals.trim(settled)

    def _note_places(self) -> bytes:
        return json.dumps(self._places).encode()

    def _recall_places(self) -> dict[str, list[Place]]:
        note, entries = self._scans.newest()
        noted: dict[str, list[Any]] = json.loads(note or b"{}")
        places = {file: [Place(*place)] for file, place in noted.items()}
        for taken in (read_taken(one.text) for one in entries if isinstance(one, Entry)):
            if taken.place is not None:
                places.setdefault(taken.file, []).append(taken.place)
        return places

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "Make room on its disk" if error.errno in _NO_ROOM else "See to its disk, or name another folder"
            message = (
                f"The spool {self.folder} cannot be used: {error.strerror or error}. {hint}; nothing on it is lost."
            )
            raise SpoolUnusable(message) from error
