"""What people ask of an agent that may be running: files in a folder of the spool, done by the agent when it sees them.

    requests/ID.json = {"do": "retry" or "forget", "numbers": [number, …] or null for all, "reason": "" for any}

One that is done twice because of a crash does no harm: a scan sent again has its scan_id, and the ledger knows it.
"""

import json
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from pipeline.agent.answers import NOT_SO
from pipeline.agent.report import Report
from pipeline.agent.spool import Spool
from pipeline.errors import SpoolUnusable

FOLDER: Final = "requests"
_LOOK_SECONDS: Final = 1.0

Deed = Literal["retry", "forget"]


def write_request(spool: Path, do: Deed, numbers: Sequence[int] | None, reason: str = "") -> None:
    """Leave a request, whole or not at all.

    Raises: SpoolUnusable.
    """
    fresh = spool / FOLDER / f"{secrets.token_hex(8)}.new"
    try:
        fresh.parent.mkdir(mode=0o700, exist_ok=True)
        fresh.write_text(json.dumps({"do": do, "numbers": numbers, "reason": reason}))
        fresh.replace(fresh.with_suffix(".json"))
    except OSError as error:
        message = f"A request cannot be left in {fresh.parent}: {error.strerror}."
        raise SpoolUnusable(message) from error


class Requests:
    """Does what is asked of one agent."""

    def __init__(self, spool: Spool, report: Report, clock: Callable[[], float] = time.monotonic) -> None:
        self._spool, self._report, self._clock = spool, report, clock
        self._not_before = 0.0

    def step(self) -> float:
        """Do what was asked for, if it is time to look; return the seconds until then, 0 where there was something.

        Raises: SpoolUnusable.
        """
        left = self._not_before - self._clock()
        if left > 0:
            return left
        self._not_before = self._clock() + _LOOK_SECONDS
        files = sorted((self._spool.folder / FOLDER).glob("*.json"))
        for file in files:
            self._do(file)
            file.unlink(missing_ok=True)
        return 0.0 if files else _LOOK_SECONDS

    def _do(self, file: Path) -> None:
        try:
            asked = json.loads(file.read_text())
            do, numbers, reason = asked["do"], asked["numbers"], str(asked["reason"])
            wanted = None if numbers is None else [int(number) for number in numbers]
        except (OSError, *NOT_SO, RecursionError):
            self._report.say(f"{file} is no request, and was removed.")
            return
        if do == "retry":
            self._report.say(f"{self._spool.send_again(wanted, reason):,} refused scans are sent again.")
        else:
            self._report.say(f"{self._spool.forget(wanted, reason):,} refused lines are let go.")
