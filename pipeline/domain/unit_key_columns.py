"""The grammar of unit keys for whole columns, in machine code.

Flow: items and serials as slices of one buffer in, a flag for each that is no unit key out.

The same rules as `pipeline.domain.unit_key`, which stays the reference: a property test holds the two together. Text
beyond ASCII is rare and its normal form is not a matter of single bytes, so it is asked of the reference itself.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.inlined import inlined
from pipeline.domain.unit_key import (
    GLN_DIGITS,
    GS1_DIGITS,
    GTIN_DIGITS,
    IMEI_DIGITS,
    ITIP_DIGITS,
    MAX_BYTES,
    PARTS_MOST,
    PARTS_OF_ITEM,
    VIN_LENGTH,
    BadUnitKey,
    UnitKey,
)

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Lengths = NDArray[np.int32]

_GOOD: Final = 0
_BAD: Final = 1
_ASK: Final = 2

_NAME_BYTES: Final = 8
_KNOWN: Final = tuple(PARTS_OF_ITEM)
_NAMES: Final = np.array([list(name.encode().ljust(_NAME_BYTES, b"\0")) for name in _KNOWN], np.uint8)
_PARTS: Final = np.array([PARTS_OF_ITEM[name] for name in _KNOWN], np.int64)
_ITIP, _SGLN, _IMEI, _VIN = (_KNOWN.index(name) for name in ("itip", "sgln", "imei", "vin"))
_CHECKED: Final = {
    "gtin": GTIN_DIGITS, "upui": GTIN_DIGITS, "itip": GTIN_DIGITS, "grai": GLN_DIGITS, "gdti": GLN_DIGITS,
    "sgcn": GLN_DIGITS, "sgln": GLN_DIGITS, "sscc": GS1_DIGITS, "gsrn": GS1_DIGITS, "gsrnp": GS1_DIGITS,
}  # fmt: skip
_CHECKED_DIGITS: Final = np.array([_CHECKED.get(name, 0) for name in _KNOWN], np.int64)
"""How many digits, the last of them a check digit, the first part begins with."""
_OTHER: Final = -1

_SLASH, _PERCENT, _COLON, _BLANK, _DELETE = (ord(letter) for letter in "/%: \x7f")
_ZERO, _NINE, _A, _F, _SMALL_A, _SMALL_Z = (ord(letter) for letter in "09AFaz")
_I, _O, _Q = (ord(letter) for letter in "IOQ")
_ESCAPE_BYTES: Final = len("%2F")
_LARGE_Z: Final = ord("Z")
_ASCII: Final = 0x80


def check_identifiers(
    buffer: Bytes,
    item_at: Places,
    item_length: Lengths,
    serial_at: Places,
    serial_length: Lengths,
    bad: NDArray[np.bool_],
) -> None:
    """Write for each row whether its item and serial are anything but a unit key.

    Shape: a row per scan; a length of -1 is bad; `bad` is written in full.
    """
    found = np.empty(len(bad), np.uint8)
    _check_rows(buffer, item_at, item_length, serial_at, serial_length, found)
    np.equal(found, _BAD, out=bad)
    for row in np.flatnonzero(found == _ASK):
        item = buffer[item_at[row] : item_at[row] + item_length[row]].tobytes()
        serial = buffer[serial_at[row] : serial_at[row] + serial_length[row]].tobytes()
        bad[row] = not _is_unit_key(item, serial)


def _is_unit_key(item: bytes, serial: bytes) -> bool:
    try:
        UnitKey.checked(item.decode(), serial.decode())
    except (BadUnitKey, UnicodeDecodeError):
        return False
    return True


@inlined
def _check_rows(
    buffer: Bytes, item_at: Places, item_length: Lengths, serial_at: Places, serial_length: Lengths, found: Bytes
) -> None:
    for row in range(len(found)):
        item, serial = item_at[row], serial_at[row]
        item_end, serial_end = item + item_length[row], serial + serial_length[row]
        if item_end < item or serial_end < serial or max(item_end - item, serial_end - serial) > MAX_BYTES:
            found[row] = _BAD
        elif item_end == item:
            found[row] = _check_class(buffer, serial, serial_end, False)
        else:
            found[row] = _worse(_check_class(buffer, item, item_end, True), _check_part(buffer, serial, serial_end))


@inlined
def _worse(one: int, other: int) -> int:
    """Bad beats doubtful, and doubtful beats good."""
    if one == _BAD or other == _BAD:  # noqa: PLR1714
        return _BAD
    return max(one, other)


@inlined
def _check_class(buffer: Bytes, start: int, end: int, is_item: bool) -> int:
    """Judge `scheme:part[/part]`: an item, or a serial that stands without one."""
    begin = _after_scheme(buffer, start, end)
    if begin < 0:
        return _BAD
    scheme = _scheme(buffer, start, begin - 1)
    code, parts, at = _GOOD, 0, begin
    while at <= end:
        stop = at
        while stop < end and buffer[stop] != _SLASH:
            stop += 1
        code = _worse(code, _check_part(buffer, at, stop))
        if parts == 0 and not _is_number(buffer, at, stop, scheme):
            code = _BAD
        parts += 1
        at = stop + 1
    return code if _is_count(scheme, parts, is_item) else _BAD


@inlined
def _after_scheme(buffer: Bytes, start: int, end: int) -> int:
    """Return where the part after `scheme:` begins; negative where there is no scheme."""
    for at in range(start, end):
        byte = buffer[at]
        if byte == _COLON:
            return at + 1 if at > start else -1
        is_digit = at > start and _ZERO <= byte <= _NINE
        if not is_digit and not _SMALL_A <= byte <= _SMALL_Z:
            return -1
    return -1


@inlined
def _scheme(buffer: Bytes, start: int, end: int) -> int:
    """Return the row of a scheme among the known ones, or _OTHER."""
    if end - start >= _NAME_BYTES:
        return _OTHER
    for row in range(len(_NAMES)):
        same = 0
        while same < end - start and _NAMES[row, same] == buffer[start + same]:
            same += 1
        if same == end - start and _NAMES[row, same] == 0:
            return row
    return _OTHER


@inlined
def _is_count(scheme: int, parts: int, is_item: bool) -> bool:
    """Whether a scheme may have that many parts in its item, or one part without an item."""
    if not is_item:
        return parts == 1 and (scheme == _OTHER or _PARTS[scheme] == 0)
    return parts <= PARTS_MOST if scheme == _OTHER else bool(_PARTS[scheme] == parts)


@inlined
def _check_part(buffer: Bytes, start: int, end: int) -> int:
    """Judge one part: not empty, no outer blanks, encoded where it must be and only there."""
    if start >= end:
        return _BAD
    at, first, last = start, -1, -1
    code = _GOOD
    while at < end:
        byte, size = _letter(buffer, at, end)
        if byte < 0:
            return _BAD
        if byte >= _ASCII:
            code = _ASK
        first = byte if at == start else first
        last = byte
        at += size
    return _BAD if _is_blank(first) or _is_blank(last) else code


@inlined
def _letter(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return the byte that one letter stands for, -1 where it may not stand there, and its size."""
    byte = int(buffer[at])
    if byte == _PERCENT:
        if end - at < _ESCAPE_BYTES:
            return -1, 1
        high, low = _hex(int(buffer[at + 1])), _hex(int(buffer[at + 2]))
        if high < 0 or low < 0:
            return -1, 1
        byte = high * 16 + low
        is_reserved = _is_control(byte) or byte in (_SLASH, _PERCENT) or byte >= _ASCII
        return byte if is_reserved else -1, _ESCAPE_BYTES
    return -1 if _is_control(byte) or byte == _SLASH else byte, 1


@inlined
def _hex(byte: int) -> int:
    if _ZERO <= byte <= _NINE:
        return byte - _ZERO
    return byte - _A + 10 if _A <= byte <= _F else -1


@inlined
def _is_control(byte: int) -> bool:
    return byte < _BLANK or byte == _DELETE


@inlined
def _is_blank(byte: int) -> bool:
    """Whether Python's strip takes it away."""
    return byte == _BLANK or 0x09 <= byte <= 0x0D or 0x1C <= byte <= 0x1F  # noqa: PLR2004


@inlined
def _is_number(buffer: Bytes, start: int, end: int, scheme: int) -> bool:
    """Whether the first part is what its scheme numbers by."""
    if scheme == _OTHER:
        return True
    checked, length = _CHECKED_DIGITS[scheme], end - start
    says_none = scheme == _SGLN and length == checked + 1 and buffer[end - 1] == _ZERO  # the extension 0
    if length < checked or says_none or not _has_check_digit(buffer, start, start + checked):
        return False
    if scheme == _ITIP:
        return length == ITIP_DIGITS and _are_digits(buffer, start, end)
    if scheme == _IMEI:
        return end - start == IMEI_DIGITS and _are_digits(buffer, start, end)
    if scheme == _VIN:
        return end - start == VIN_LENGTH and _is_vin(buffer, start, end)
    return bool(checked == 0 or scheme == _SGLN or length == checked)


@inlined
def _are_digits(buffer: Bytes, start: int, end: int) -> bool:
    for at in range(start, end):  # noqa: SIM110  compiled: all() over a generator is not
        if not _ZERO <= buffer[at] <= _NINE:
            return False
    return True


@inlined
def _has_check_digit(buffer: Bytes, start: int, end: int) -> bool:
    if not _are_digits(buffer, start, end):
        return False
    weighted = 0
    for at in range(start, end):
        weighted += (int(buffer[at]) - _ZERO) * (1 if (end - at) % 2 else 3)
    return weighted % 10 == 0


@inlined
def _is_vin(buffer: Bytes, start: int, end: int) -> bool:
    for at in range(start, end):
        byte = buffer[at]
        is_letter = _A <= byte <= _LARGE_Z and byte not in (_I, _O, _Q)
        if not is_letter and not _ZERO <= byte <= _NINE:
            return False
    return True
