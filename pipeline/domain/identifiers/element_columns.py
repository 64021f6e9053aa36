"""Element strings by the thousand, in machine code: where each value begins and ends, and whether it is right.

Flow: codes end to end in one buffer in; for each code the rows of its AIs and the places of its values out, or nothing.

It vouches only for what it knows: the usual AIs with digits, characters, check digits and dates that are right.
Anything else is left to the reader of single codes, which stays the reference; a property test holds the two together.
The tables come in as arguments: numba's cache would not notice that they changed.
"""

import re
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled
from pipeline.domain.identifiers.ai_table import AI_DIGITS, AIS, Ai
from pipeline.domain.identifiers.checks import CHECKS
from pipeline.domain.identifiers.element_string import INTRODUCERS
from pipeline.domain.identifiers.remarks import REMARKED
from pipeline.domain.inlined import inlined

Bytes = NDArray[np.uint8]
Small = NDArray[np.int16]
Places = NDArray[np.int32]

MOST_ELEMENTS: Final = 8
_PARTS: Final = 3
_FIELDS: Final = 5  # of a part: class of characters, least, most, is optional, check
_NONE, _CSUM, _DATE, _PREFIX, _ZERO_ONLY, _GTIN = range(6)
_KNOWN_CHECKS: Final = {"csum": _CSUM, "yymmd0": _DATE, "gcppos1": _PREFIX, "gcppos2": _NONE, "zero": _ZERO_ONLY}
_RANK: Final = {"N": 0, "X": 1, "Y": 2}
_GTINS: Final = frozenset({"01", "02", "03"})
"""The AIs with remarks that the loop knows; all others are left to the reader of single codes."""

_OPEN, _CLOSE, _CARET, _SEPARATOR, _BACKSLASH, _ZERO, _TWO, _FOUR, _EIGHT, _NINE = (ord(x) for x in "()^\x1d\\02489")


class Tables(NamedTuple):
    """The table of AIs as arrays; row 0 is no AI."""

    row_of: Small
    """By digits * 10,000 + number."""
    digits_of: Small
    """By the first two digits."""
    parts: Small
    """Row by part by field."""
    predefined: Small
    """Characters of a value of predefined length, else 0."""
    letters: NDArray[np.bool_]
    """Class of characters by byte."""


def _name_of(check: object) -> str:
    return next(name for name, one in CHECKS.items() if one is check)


def _parts_of(ai: Ai) -> list[list[int]] | None:
    """Return what the loop has to know of an AI's value; None where it does not know enough."""
    if ai.ai in REMARKED - _GTINS:
        return None
    rows = []
    for part in ai.components:
        names = [_name_of(check) for check in part.checks]
        if part.kind not in _RANK or any(name not in _KNOWN_CHECKS for name in names):
            return None
        checks = [
            code for name in names if (code := _KNOWN_CHECKS[name]) != _NONE and (part.kind, code) != ("N", _PREFIX)
        ]
        check = _GTIN if ai.ai in _GTINS else max(checks, default=_NONE)
        rows.append([_RANK[part.kind], part.least, part.most, int(part.is_optional), check])
    return rows if len(rows) <= _PARTS else None


def _letters(pattern: str) -> list[bool]:
    return [re.fullmatch(pattern, chr(code)) is not None for code in range(256)]


def tables() -> Tables:
    """Return the AI table for the loop."""
    row_of = np.zeros(50_000, np.int16)
    parts = np.zeros((len(AIS) + 1, _PARTS, _FIELDS), np.int16)
    predefined = np.zeros(len(AIS) + 1, np.int16)
    for row, (name, ai) in enumerate(AIS.items(), 1):
        found = _parts_of(ai)
        if found is not None:
            row_of[len(name) * 10_000 + int(name)] = row
            parts[row, : len(found)] = found
            predefined[row] = ai.most if ai.is_predefined else 0
    digits_of = np.zeros(100, np.int16)
    for start, digits in AI_DIGITS.items():
        digits_of[int(start)] = digits
    letters = np.array([_letters("[0-9]"), _letters(AIS["10"].pattern.pattern), _letters("[#/0-9A-Z-]")])
    return Tables(row_of, digits_of, parts, predefined, letters)


def read_columns(codes: list[str], known: Tables) -> tuple[Small, Places, Places]:
    """Read codes of ASCII.

    Shape: a row per code and a column per element: the AI's row in the table (0: no more; all 0: not vouched for), and
    where its value begins and ends in the code.
    """
    buffer = np.frombuffer("".join(codes).encode() + b"\0", np.uint8)
    ends = np.cumsum(np.array([len(code) for code in codes], np.int64))
    shape = (len(codes), MOST_ELEMENTS)
    rows, begins, stops = np.zeros(shape, np.int16), np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    introducers = np.frombuffer("".join(INTRODUCERS).encode(), np.uint8)
    _read_codes(buffer, ends, introducers, *known, rows, begins, stops)
    return rows, begins, stops


@compiled
def _read_codes(  # noqa: PLR0913, PLR0917  arrays one by one: a tuple of them costs a count of references each
    buffer: Bytes,
    ends: NDArray[np.int64],
    introducers: Bytes,
    row_of: Small,
    digits_of: Small,
    parts: Small,
    predefined: Small,
    letters: NDArray[np.bool_],
    rows: Small,
    begins: Places,
    stops: Places,
) -> None:
    start = 0
    for code in range(len(ends)):
        end = ends[code]
        at = _after_introducer(buffer, start, end, introducers)
        is_bracketed = at < 0 and start < end and buffer[start] == _OPEN
        at = start if is_bracketed else at
        element = 0
        while 0 <= at < end:
            begin, row = _ai_at(buffer, at, end, is_bracketed, row_of, digits_of)
            stop = _value_end(buffer, begin, end, is_bracketed, predefined[row])
            if row == 0 or element == MOST_ELEMENTS or not _is_value(buffer, begin, stop, parts[row], letters):
                rows[code, :] = 0
                break
            rows[code, element], begins[code, element], stops[code, element] = row, begin - start, stop - start
            element += 1
            at = stop + 1 if not is_bracketed and stop < end and _is_fnc1(buffer[stop]) else stop
        start = end


@inlined
def _is_fnc1(byte: int) -> bool:
    return byte in (_CARET, _SEPARATOR)


@inlined
def _after_introducer(buffer: Bytes, start: int, end: int, introducers: Bytes) -> int:
    """Return where a raw element string begins behind FNC1 or a symbology identifier; negative where there is none."""
    if start < end and _is_fnc1(buffer[start]):
        return start + 1
    if end - start > 3:  # noqa: PLR2004  a symbology identifier has three characters
        for at in range(0, len(introducers), 3):
            if (
                buffer[start] == introducers[at]
                and buffer[start + 1] == introducers[at + 1]
                and buffer[start + 2] == introducers[at + 2]
            ):
                return start + 3
    return -1


@inlined
def _ai_at(buffer: Bytes, at: int, end: int, is_bracketed: bool, row_of: Small, digits_of: Small) -> tuple[int, int]:
    """Return where the value begins, and the AI's row."""
    if is_bracketed:
        at += 1
    number, digits, wanted = 0, 0, 0
    while at < end and _ZERO <= buffer[at] <= _NINE and digits < 4 and (is_bracketed or digits < max(wanted, 2)):  # noqa: PLR2004
        number = number * 10 + int(buffer[at]) - _ZERO
        digits += 1
        at += 1
        if digits == 2:  # noqa: PLR2004
            wanted = digits_of[number]
    if digits != wanted:
        return at, 0
    if is_bracketed:
        if at >= end or buffer[at] != _CLOSE:
            return at, 0
        at += 1
    return at, int(row_of[digits * 10_000 + number])


@inlined
def _value_end(buffer: Bytes, begin: int, end: int, is_bracketed: bool, predefined: int) -> int:
    if is_bracketed:
        while begin < end and buffer[begin] != _OPEN:
            begin += 1
        return begin
    if predefined > 0:
        return min(end, begin + predefined)
    while begin < end and not _is_fnc1(buffer[begin]):
        begin += 1
    return begin


@inlined
def _is_value(buffer: Bytes, begin: int, end: int, parts: Small, letters: NDArray[np.bool_]) -> bool:
    """Whether a value is made of its parts and all is right with them."""
    at = begin
    for part in range(len(parts)):
        least, most, is_optional = parts[part, 1], parts[part, 2], parts[part, 3]
        if most == 0 or (is_optional and at == end):
            break
        stop = min(end, at + most)
        if stop - at < least:
            return False
        for place in range(at, stop):
            if not letters[parts[part, 0], buffer[place]]:
                return False
        if not _is_checked(buffer, at, stop, parts[part, 4]):
            return False
        at = stop
    return at == end > begin


@inlined
def _is_checked(buffer: Bytes, begin: int, end: int, check: int) -> bool:
    if check == _CSUM:
        return _has_check_digit(buffer, begin, end)
    if check == _GTIN:
        return _has_check_digit(buffer, begin, end) and not _is_remarkable(buffer, begin)
    if check == _DATE:
        return _is_date(buffer, begin)
    if check == _PREFIX:
        return end - begin >= 4 and _are_digits(buffer, begin, begin + 4)  # noqa: PLR2004
    return check == _NONE or buffer[begin] == _ZERO


@inlined
def _has_check_digit(buffer: Bytes, begin: int, end: int) -> bool:
    weighted = 0
    for at in range(begin, end):
        weighted += (int(buffer[at]) - _ZERO) * (1 if (end - at) % 2 else 3)
    return weighted % 10 == 0


@inlined
def _is_remarkable(buffer: Bytes, begin: int) -> bool:
    """Whether a GTIN may be one that `remarks` has something to say about."""
    first, second, third = buffer[begin + 1], buffer[begin + 2], buffer[begin + 3]
    if first == _ZERO:
        return second in (_TWO, _FOUR) or (second == _ZERO and third == _ZERO)
    return first == _TWO or (first == _NINE and second in (_EIGHT, _NINE))


@inlined
def _are_digits(buffer: Bytes, begin: int, end: int) -> bool:
    for at in range(begin, end):  # noqa: SIM110  compiled: all() over a generator is not
        if not _ZERO <= buffer[at] <= _NINE:
            return False
    return True


@inlined
def _is_date(buffer: Bytes, begin: int) -> bool:
    """Whether YYMMDD is a date; day 00 is the whole month."""
    year = (int(buffer[begin]) - _ZERO) * 10 + int(buffer[begin + 1]) - _ZERO
    month = (int(buffer[begin + 2]) - _ZERO) * 10 + int(buffer[begin + 3]) - _ZERO
    day = (int(buffer[begin + 4]) - _ZERO) * 10 + int(buffer[begin + 5]) - _ZERO
    if month == 0 or month > 12:  # noqa: PLR2004
        return False
    days = 30 if month in (4, 6, 9, 11) else 31
    if month == 2:  # noqa: PLR2004
        days = 29 if year % 4 == 0 else 28
    return day <= days
