"""IMEIs and vehicle identification numbers: not GS1, and each with a check digit of its own.

Source: 3GPP TS 23.003, section 6; ISO 3779, ISO 3780, 49 CFR 565.
"""

import re
from typing import Final, NamedTuple

from pipeline.domain.identifiers.check_digits import luhn_digit, vin_check_character
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.unit_key import IMEI_DIGITS, VIN_LENGTH

_WITH_CHECK_DIGIT: Final = IMEI_DIGITS + 1
_WITH_VERSION: Final = IMEI_DIGITS + 2
_VIN_PLACE: Final = 9
_BINDING: Final = re.compile(r"[1-5L]|7[F-Z0]")
"""How VINs begin where the check digit is law: North America and China."""
_NOT_IN_VIN: Final = re.compile(r"[^A-HJ-NPR-Z0-9]")
_SIMILAR: Final = str.maketrans("IOQ", "100")


class Device(NamedTuple):
    """A device as read: its serial, what is wrong, and what is remarkable."""

    serial: str
    errors: list[Finding]
    warnings: list[Finding]


def read_imei(text: str) -> Device:
    """Read 14 digits, 15 with the check digit, or 16 with a software version (IMEISV), which has none."""
    digits = text
    if not (digits.isascii() and digits.isdigit() and IMEI_DIGITS <= len(digits) <= _WITH_VERSION):
        plain = re.sub(r"[-/ .]", "", text)
        is_right = plain != text and not read_imei(plain).errors
        message = f"an IMEI has {IMEI_DIGITS} digits, {_WITH_CHECK_DIGIT} with its check digit, or {_WITH_VERSION}"
        return Device("", [Finding("imei", "imei", message, f"imei:{plain}" if is_right else None)], [])
    serial = digits[:IMEI_DIGITS]
    right = luhn_digit(serial)
    if len(digits) == _WITH_CHECK_DIGIT and digits[-1] != right:
        message = f"check digit {digits[-1]} should be {right}"
        return Device("", [Finding(f"digit {_WITH_CHECK_DIGIT}", "luhn", message, f"imei:{serial}{right}")], [])
    return Device(serial, [], [])


def read_vin(text: str) -> Device:
    """Read 17 characters; a wrong check digit is an error where it is law, else a warning."""
    if len(text) != VIN_LENGTH:
        return Device("", [Finding("vin", "length", f"a VIN has {VIN_LENGTH} characters, not {len(text)}")], [])
    if strange := _NOT_IN_VIN.search(text):
        similar = text.upper().translate(_SIMILAR)
        nearest = None if _NOT_IN_VIN.search(similar) or read_vin(similar).errors else f"vin:{similar}"
        message = f"{strange[0]!r} is in no VIN: capital letters without I, O and Q, and digits"
        return Device("", [Finding(f"character {strange.start() + 1}", "vin", message, nearest)], [])
    right = vin_check_character(text)
    if text[_VIN_PLACE - 1] == right:
        return Device(text, [], [])
    nearest = text[: _VIN_PLACE - 1] + right + text[_VIN_PLACE:]
    message = f"check digit {text[_VIN_PLACE - 1]} should be {right}"
    if _BINDING.match(text):
        return Device("", [Finding(f"character {_VIN_PLACE}", "vin", message, f"vin:{nearest}")], [])
    remark = f"{message} where the law wants one, which is not so where this VIN was given"
    return Device(text, [], [Finding(f"character {_VIN_PLACE}", "vin", remark)])
