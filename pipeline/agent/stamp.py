"""A line becomes a scan when it is read: what it says, what is fixed for this site, its own time and a name for ever.

Flow: a line -> a scan as JSON with event_time, capture_time and scan_id, or the line with what is wrong with it.

The scan_id is fixed here, before the scan is kept, so that the ledger knows it again however often it is sent.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pipeline.agent.lines import Line
from pipeline.agent.taken import Fault, Taken

_MESSAGES: Final = {
    "TOO_LONG": "the line has more than 60 KiB; only its beginning is kept",
    "UNFINISHED": "the line broke off before its end",
    "READER_OVERRUN": "the reader typed faster than it was read, and some of it is missing: scan it again",
    "NOT_TEXT": "the line is not UTF-8: set the reader to it, or to ASCII",
    "NOT_JSON": "a line that begins with { is to be one JSON object: ",
}
_LARGEST_NUMBER: Final = 40  # digits; what is longer is no number of anybody's

Fields = dict[str, Any]


class NotScan(Exception):
    """A line that is no scan; `reason` is one of those told."""

    def __init__(self, reason: str, more: str = "") -> None:
        super().__init__(_MESSAGES[reason] + more)
        self.reason = reason


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> str:
    """Return a time as RFC 3339 in UTC."""
    when = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Stamp:
    """Makes scans of lines."""

    def __init__(
        self,
        fixed: Mapping[str, Any],
        clock: Callable[[], int] = now_ms,
        name: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        """Take what is fixed for every line; a line that says it itself wins.

        Args:
            fixed: Fields of a scan; `attributes` is an object, to which a line's own are added.
            clock: Milliseconds since 1970.
            name: Gives a scan_id that nobody else has.
        """
        self._fixed, self._clock, self._name = dict(fixed), clock, name

    def __call__(self, line: Line, file: str = "") -> Taken:
        """Return what to keep of a line."""
        if not line.text and not line.fault:
            return Taken(b"", file, line.place)
        read_at = moment(self._clock())
        try:
            scan = self._stamped(_read(line), read_at)
        except NotScan as wrong:
            return Taken(line.text, file, line.place, Fault(wrong.reason, str(wrong), read_at))
        return Taken(scan, file, line.place)

    def _stamped(self, said: Fields, read_at: str) -> bytes:
        attributes = self._fixed.get("attributes")
        scan = {**self._fixed, **said}
        if attributes and isinstance(said.get("attributes"), dict):
            scan["attributes"] = {**attributes, **said["attributes"]}
        for name, value in (("scan_id", self._name()), ("event_time", read_at), ("capture_time", read_at)):
            if scan.get(name) in (None, ""):
                scan[name] = value
        return json.dumps(scan, separators=(",", ":")).encode()


def _read(line: Line) -> Fields:
    if line.fault:
        raise NotScan(line.fault)
    try:
        text = line.text.decode()
    except UnicodeDecodeError:
        reason = "NOT_TEXT"
        raise NotScan(reason) from None
    return _read_object(text) if text.startswith("{") else {"code": text}


def _read_object(text: str) -> Fields:
    try:
        scan: Fields = json.loads(text, parse_constant=_refuse, parse_int=_whole)
        json.dumps(scan, allow_nan=False)
    except (ValueError, RecursionError) as error:
        reason = "NOT_JSON"
        raise NotScan(reason, str(error)) from None
    return scan


def _refuse(constant: str) -> None:
    message = f"{constant} is no JSON"
    raise ValueError(message)


def _whole(digits: str) -> int:
    if len(digits) > _LARGEST_NUMBER:
        message = "a number of so many digits"
        raise ValueError(message)
    return int(digits)
