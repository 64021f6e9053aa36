"""Scans as columns: each field checked for its type and its length, without outer blanks, blank is null.

Flow: an object per scan -> one list per field, None where it is missing or wrong; what is wrong goes to the faults.

Lists of Python's own texts, not frames: for a request of one scan a frame's operations cost more than all else.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.capture.codes import CodeReader
from pipeline.capture.http.lines import Lines
from pipeline.capture.http.moments import days_of, moment_of, no_moment
from pipeline.domain.flags import FLAGS
from pipeline.wire.scan_fields import CAPS

Texts = list[str | None]

BLANKS: Final = "".join(
    letter for letter in map(chr, range(0x3001)) if letter.isspace() and not "\x1c" <= letter <= "\x1f"
)
"""What goes from both ends of a text. The separators 28 to 31, blanks to Python, are not among them: 29 is FNC1."""
_SHOWN: Final = 60
_LONGEST_LETTER: Final = 4  # bytes, in UTF-8


class Moments(NamedTuple):
    """A field of moments: int64 milliseconds since 1970, and whether a scan has one."""

    milliseconds: NDArray[np.int64]
    is_there: NDArray[np.bool_]


class Columns:
    """The fields of a request's scans, read one by one."""

    def __init__(self, lines: Lines, codes: CodeReader) -> None:
        self.lines, self.faults, self.codes = lines, lines.faults, codes
        self.scans = len(lines)

    def raw(self, name: str) -> list[Any] | None:
        """Return the values of a field as they were sent, None where no scan has it."""
        return [scan.get(name) for scan in self.lines.objects] if name in self.lines.names else None

    def text(self, name: str, cap: int | None = None) -> Texts | None:
        """Return a text field, None where no scan has it; a cap in bytes is the schema's where none is given."""
        values = self.raw(name)
        if values is None:
            return None
        try:
            texts: Texts = [value.strip(BLANKS) or None for value in values]
        except AttributeError:  # one is no text, or missing
            texts = [self._text(name, index, value) for index, value in enumerate(values)]
        self._check_lengths(name, texts, CAPS[name] if cap is None else cap)
        return texts

    def moments(self, name: str) -> Moments | None:
        """Return a field of moments, None where no scan has it."""
        values = self.raw(name)
        if values is None:
            return None
        found = [moment_of(value) for value in values]
        is_there = np.array([moment is not None for moment in found], np.bool_)
        for index in np.flatnonzero(~is_there).tolist():
            if not _is_blank(values[index]):
                self.faults.add(index, name, "NO_TIME", no_moment(values[index]))
        return Moments(np.array([moment or 0 for moment in found], np.int64), is_there)

    def dates(self, name: str) -> list[int | None] | None:
        """Return a field of dates as days since 1970, None where no scan has it."""
        texts = self.text(name, _LONGEST_LETTER * CAPS["site"])
        if texts is None:
            return None
        days = [None if text is None else days_of(text) for text in texts]
        for index, (text, day) in enumerate(zip(texts, days, strict=True)):
            if text is not None and day is None:
                self.faults.add(index, name, "NO_DATE", f"{text!r} is no date; the form is 2027-05-31")
        return days

    def flags(self, name: str) -> Texts | None:
        """Return a field of flags as scans write them: sorted, one space between; None where no scan has it."""
        values = self.raw(name)
        if values is None:
            return None
        return [None if value is None else self._flags(name, index, value) for index, value in enumerate(values)]

    def is_blank(self, *names: str) -> NDArray[np.bool_]:
        """Return whether a scan has none of these fields, or nothing in them."""
        return np.array([all(_is_blank(scan.get(name)) for name in names) for scan in self.lines.objects], np.bool_)

    def missing(self, name: str, is_there: NDArray[np.bool_], message: str) -> None:
        """Note where a field that every scan needs is missing; one that is there and wrong is noted already."""
        if not is_there.all():
            self.faults.add_where(~is_there & self.is_blank(name), name, "MISSING", message)

    def _text(self, name: str, index: int, value: object) -> str | None:
        if value is None:
            return None
        if type(value) is not str:
            self.faults.add(index, name, "WRONG_TYPE", "is to be a text, in quotes")
            return None
        return value.strip(BLANKS) or None

    def _flags(self, name: str, index: int, value: object) -> str | None:
        if not isinstance(value, list) or any(type(flag) is not str for flag in value):
            self.faults.add(index, name, "WRONG_TYPE", 'is to be an array of flags, as ["recalled"]')
            return None
        unknown = sorted(set(value) - set(FLAGS))
        if unknown:
            message = f"{unknown[0][:_SHOWN]!r} is no flag; there are {', '.join(FLAGS)}"
            self.faults.add(index, name, "UNKNOWN_FLAG", message)
        return " ".join(sorted(set(value))) or None

    def _check_lengths(self, name: str, texts: Texts, cap: int) -> None:
        if max(map(len, filter(None, texts)), default=0) * _LONGEST_LETTER <= cap:
            return
        for index, text in enumerate(texts):
            if text is not None and len(text.encode()) > cap:
                self.faults.add(index, name, "TOO_LONG", f"more than {cap} bytes")
                texts[index] = None


def is_there(texts: Texts | None, scans: int) -> NDArray[np.bool_]:
    """Return where a text is."""
    return np.zeros(scans, np.bool_) if texts is None else np.array([text is not None for text in texts], np.bool_)


def _is_blank(value: object) -> bool:
    return value is None or (type(value) is str and not value.strip(BLANKS))
