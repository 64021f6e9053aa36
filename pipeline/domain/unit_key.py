"""The unit key: one text for one unit, `scheme:part[/part]/serial`.

    parse("gtin:09506000134352/ABC123")              # UnitKey(item="gtin:09506000134352", serial="ABC123")
    build("gtin", "9506000134352", "ABC123").text    # pads to 14 digits, verifies the check digit, encodes
    build("imei", "490154203237518").text            # "imei:49015420323751": no class, hence an empty item

A part is NFC text without outer blanks; `/`, `%` and control characters in it are percent-encoded, and nothing else is.
Case and leading zeros count. A unit has exactly one key: what is not canonical is refused, not repaired.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

MAX_BYTES = 200
"""Of the item and of the serial, encoded, in UTF-8."""

_SCHEME = re.compile(r"[a-z][a-z0-9]*")
_ENCODED_RUN = re.compile(r"(?:%[0-9A-F]{2})+")
VIN_LENGTH = 17
_VIN = re.compile(rf"[A-HJ-NPR-Z0-9]{{{VIN_LENGTH}}}")  # ISO 3779: no I, O, Q
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
GTIN_DIGITS = 14
GS1_DIGITS = 18
IMEI_DIGITS = 14
_IMEI_LENGTHS = frozenset({14, 15, 16})
PARTS_MOST = 2

ITIP_DIGITS = 18  # a GTIN, the piece, the total
GLN_DIGITS = 13
NO_EXTENSION = "0"
"""What the EPC Tag Data Standard writes for a GLN without extension: no key has it, else one place had two."""

PARTS_OF_ITEM = {
    "gtin": 1, "upui": 1, "itip": 1, "grai": 1, "gdti": 1, "sgcn": 1, "cpi": 1, "gid": 2, "sku": 2,
    "sscc": 0, "giai": 0, "gsrn": 0, "gsrnp": 0, "sgln": 0, "imei": 0, "vin": 0,
}  # fmt: skip
"""Parts that make the item; 0 where the scheme names single units. Any other scheme may have 0, 1 or 2.

The parts of the classes: a GTIN (gtin, upui), GTIN + piece + total (itip), a number of 13 digits (grai, gdti, sgcn), a
component's number (cpi), manager and object class (gid). An sgln is a GLN with its extension behind it."""


class BadUnitKey(ValueError):
    """A text that is no unit key."""


@dataclass(frozen=True, slots=True)
class UnitKey:
    """One unit: a serial within an item, both encoded."""

    item: str
    """`scheme:part[/part]`; empty where the scheme has no class."""
    serial: str
    """The serial, or `scheme:part` where the item is empty."""

    @property
    def text(self) -> str:
        """The key as one text, which is the Kafka key."""
        return f"{self.item}/{self.serial}" if self.item else self.serial

    @classmethod
    def checked(cls, item: str, serial: str) -> Self:
        """Return the key of an item and a serial that are canonical.

        Raises:
            BadUnitKey: they are not.
        """
        scheme, colon, rest = (item or serial).partition(":")
        parts = [*rest.split("/"), serial] if item else [rest]
        if not colon or not _SCHEME.fullmatch(scheme):
            message = f"{item or serial!r} does not begin with a scheme in lower case and a colon"
            raise BadUnitKey(message)
        _check_count(scheme, len(parts) - 1)
        for part in parts:
            if not part or encode_part(decode_part(part)) != part:
                message = f"{part!r} is empty, or not written as it has to be: {encode_part(decode_part(part))!r}"
                raise BadUnitKey(message)
        _check_number(scheme, parts[0])
        if max(_bytes_of(item), _bytes_of(serial)) > MAX_BYTES:
            message = f"an item or serial of more than {MAX_BYTES} bytes"
            raise BadUnitKey(message)
        return cls(item, serial)


def parse(text: str) -> UnitKey:
    """Read a unit key.

    Raises:
        BadUnitKey: the text is none, or not the canonical one.
    """
    head, slash, serial = text.rpartition("/")
    if slash and not head:
        message = f"{text!r} has nothing before the serial"
        raise BadUnitKey(message)
    return UnitKey.checked(head, serial)


def as_stored(text: str) -> UnitKey:
    """Return the key that was stored as a text, without looking whether it would be one today."""
    item, _, serial = text.rpartition("/")
    return UnitKey(item, serial)


def build(scheme: str, *parts: str) -> UnitKey:
    """Make the key of a unit from its scheme and its plain, unencoded parts, the serial last.

    Blanks around a part go, letters become NFC; a GTIN of 8, 12 or 13 digits is padded to 14, an IMEI of 15 (the last a
    check digit) or 16 (a software version) is cut to its first 14.

    Raises:
        BadUnitKey: a part is empty, too many or too few, or a check digit is wrong.
    """
    plain = [unicodedata.normalize("NFC", part).strip() for part in parts]
    if scheme == "gtin" and plain and len(plain[0]) in _GTIN_LENGTHS:
        plain[0] = plain[0].zfill(GTIN_DIGITS)
    if scheme == "imei" and plain and len(plain[0]) in _IMEI_LENGTHS:
        plain[0] = plain[0][:IMEI_DIGITS]
    encoded = [encode_part(part) for part in plain]
    if len(encoded) <= 1:
        return UnitKey.checked("", f"{scheme}:{''.join(encoded)}")
    return UnitKey.checked(f"{scheme}:{'/'.join(encoded[:-1])}", encoded[-1])


def encode_part(part: str) -> str:
    """Encode one part: NFC, without outer blanks, `/`, `%` and control characters as percent and upper-case hex."""
    text = unicodedata.normalize("NFC", part).strip()
    return "".join(_encoded(letter) if _is_reserved(letter) else letter for letter in text)


def decode_part(part: str) -> str:
    """Undo the encoding of a part where it is well formed; the comparison with its encoding finds the rest."""
    return _ENCODED_RUN.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode(errors="replace"), part)


def check_digit(digits: str) -> int:
    """Return the check digit that GS1 puts behind these digits.

    Source: GS1 General Specifications, 7.9.
    """
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -weighted % 10


def _bytes_of(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        message = f"{text!r} is no text: half of a character stands alone in it"
        raise BadUnitKey(message) from error


def _is_reserved(letter: str) -> bool:
    return letter in "/%" or unicodedata.category(letter) == "Cc"


def _encoded(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _check_count(scheme: str, parts_of_item: int) -> None:
    expected = PARTS_OF_ITEM.get(scheme)
    if parts_of_item > PARTS_MOST or expected not in {None, parts_of_item}:
        wanted = "at most 2" if expected is None else expected
        message = f"{scheme}: has {wanted} parts before the serial, not {parts_of_item}"
        raise BadUnitKey(message)


def _check_number(scheme: str, part: str) -> None:
    if scheme == "sgln" and part[GLN_DIGITS:] == NO_EXTENSION:
        message = f"{part!r} has the extension 0, which says that there is none: leave it out"
        raise BadUnitKey(message)
    check = _NUMBERS.get(scheme)
    if check is not None and not check(part):
        message = f"{part!r} is no {scheme.upper()}: wrong length, letter or check digit"
        raise BadUnitKey(message)


def _is_gs1(length: int) -> Callable[[str], bool]:
    return lambda text: _is_digits(text, length) and check_digit(text[:-1]) == int(text[-1])


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


_NUMBERS: dict[str, Callable[[str], bool]] = {
    "gtin": _is_gs1(GTIN_DIGITS),
    "upui": _is_gs1(GTIN_DIGITS),
    "itip": lambda text: _is_digits(text, ITIP_DIGITS) and _is_gs1(GTIN_DIGITS)(text[:GTIN_DIGITS]),
    "grai": _is_gs1(GLN_DIGITS),
    "gdti": _is_gs1(GLN_DIGITS),
    "sgcn": _is_gs1(GLN_DIGITS),
    "sgln": lambda text: _is_gs1(GLN_DIGITS)(text[:GLN_DIGITS]),
    "sscc": _is_gs1(GS1_DIGITS),
    "gsrn": _is_gs1(GS1_DIGITS),
    "gsrnp": _is_gs1(GS1_DIGITS),
    "imei": lambda text: _is_digits(text, IMEI_DIGITS),
    "vin": lambda text: _VIN.fullmatch(text) is not None,
}
