"""How a spool stands, read without touching it, whether an agent uses it or not."""

import bisect
import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pipeline.agent.cursor import State, read_cursor
from pipeline.agent.disk import RealDisk
from pipeline.agent.folder import entries_of, list_segments, read_segment
from pipeline.agent.lock import is_running
from pipeline.agent.refusals import Refusal, open_refusals
from pipeline.agent.report import read_report
from pipeline.agent.segment import Entry
from pipeline.agent.spool import CURSOR, RECEIPTS, REFUSED, SCANS
from pipeline.agent.taken import Taken, read_taken
from pipeline.errors import SpoolUnusable

_TRIES: Final = 5  # an agent may remove a segment between two looks
_DISK: Final = RealDisk()

Result = TypeVar("Result")
Row = dict[str, Any]


def status_of(folder: Path) -> Row:
    """Return how a spool stands: one row.

    Raises: SpoolUnusable where there is none, or it cannot be read.
    """
    try:
        return _status_of(folder)
    except OSError as error:
        raise _unreadable(folder, error) from error


def _status_of(folder: Path) -> Row:
    cursor, noted, runs = _cursor(folder), read_report(folder), is_running(folder)
    sent, judged = int(cursor.get("sent", 0)), int(cursor.get("judged", 0))
    taken = max(_last(folder / SCANS), sent)
    troubles = noted.get("troubles", []) if runs else []
    return {
        "spool": str(folder),
        "state": _state(troubles, runs=runs),
        "why": "; ".join(str(one["why"]) for one in troubles),
        "taken": taken,
        "waiting": taken - sent,
        "oldest_waiting": _event_time(folder / SCANS, sent + 1),
        "acknowledged": sent,
        "acknowledged_at": noted.get("acknowledged_at"),
        "receipts_not_judged": max(_last(folder / RECEIPTS), judged) - judged,
        "refused": len(refused_in(folder)),
        "outcomes": dict(cursor.get("outcomes", {})),
        "clock_ahead_seconds": noted.get("clock_ahead_seconds"),
        "bytes_on_disk": _size(folder),
    }


def refused_in(folder: Path) -> dict[int, Refusal]:
    """Return what was refused and is still open, by number; raises SpoolUnusable."""
    _cursor(folder)
    try:
        return _read(lambda: open_refusals(_DISK, folder / REFUSED)) or {}
    except OSError as error:
        raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: OSError) -> SpoolUnusable:
    return SpoolUnusable(f"The spool {folder} cannot be read: {error.filename or folder}: {error.strerror or error}.")


def _state(troubles: Sequence[Row], *, runs: bool) -> str:
    """Return the worst of an agent's phases."""
    if not runs:
        return "not running"
    phases = {one["phase"] for one in troubles}
    return next((phase for phase in ("full", "stopped", "waiting") if phase in phases), "working")


def _cursor(folder: Path) -> State:
    try:
        return read_cursor(_DISK, folder / CURSOR)
    except OSError as error:
        message = f"There is no spool in {folder}: {error.strerror}. Name the folder that the agent was started with."
        raise SpoolUnusable(message) from error


def _read(read: Callable[[], Result]) -> Result | None:
    """Read what an agent may change meanwhile; None where it is not there."""
    for _ in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            return read()
    return None


def _last(folder: Path) -> int:
    def read() -> int:
        for segment in reversed(list_segments(_DISK, folder)):
            found = entries_of(read_segment(_DISK, segment), segment.first, 0)
            return found[-1].last if found else segment.first - 1
        return 0

    return _read(read) or 0


def _event_time(folder: Path, number: int) -> str | None:
    """Return when the first scan from a number on was seen."""

    def read() -> str | None:
        return next((str(json.loads(taken.body).get("event_time")) for taken in _scans(folder, number)), None)

    return _read(read)


def _scans(folder: Path, number: int) -> Iterator[Taken]:
    segments = list_segments(_DISK, folder)
    begin = bisect.bisect_right([segment.first for segment in segments], number) - 1
    for segment in segments[max(begin, 0) :]:
        for one in entries_of(read_segment(_DISK, segment), segment.first, 0):
            if isinstance(one, Entry) and one.number >= number and (taken := read_taken(one.text)).is_scan:
                yield taken


def _size(folder: Path) -> int:
    size = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size += file.stat().st_size
    return size
