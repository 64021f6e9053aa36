"""The binary encodings of EPCs on Gen 2 tags, as data, and the coding of their fields in bits.

Source: EPC Tag Data Standard 1.13, section 14; 2.3, sections 14.2 to 14.4 and 14.6.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from pipeline.domain.identifiers.check_digits import CSET82

_PREFIX_BITS: Final = (40, 37, 34, 30, 27, 24, 20)
_LONGEST_PREFIX: Final = 12
_LEAST_CHARACTERS: Final = 18
"""Of a reference in text with the longest prefix; one more for each partition."""
_NUMBER: Final = re.compile(r"0|[1-9][0-9]*")
_SIX_BITS: Final = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PIECE_BITS: Final = 7


class Unfit(ValueError):
    """A field that an encoding has no room or no code for, or bits that mean no field."""


class Tag(NamedTuple):
    """One encoding: header, filter, partition, company prefix, reference, serial, reserved bits."""

    name: str
    header: int
    scheme: str
    reference_bits: int
    """Bits of company prefix and reference together; 0 where the reference ends itself."""
    reference: str
    """How the reference is written: padded digits, a number, or text of 7 or 6 bits a character."""
    serial_bits: int = 0
    serial: str = ""
    reserved: int = 0
    is_read_only: bool = False


TAGS: Final = (
    Tag("sgtin-96", 0x30, "sgtin", 44, "padded", 38, "number"),
    Tag("sgtin-198", 0x36, "sgtin", 44, "padded", 140, "text7"),
    Tag("sscc-96", 0x31, "sscc", 58, "padded", reserved=24),
    Tag("sgln-96", 0x32, "sgln", 41, "padded", 41, "number"),
    Tag("sgln-195", 0x39, "sgln", 41, "padded", 140, "text7"),
    Tag("grai-96", 0x33, "grai", 44, "padded", 38, "number"),
    Tag("grai-170", 0x37, "grai", 44, "padded", 112, "text7"),
    Tag("giai-96", 0x34, "giai", 82, "number"),
    Tag("giai-202", 0x38, "giai", 188, "text7"),
    Tag("gsrn-96", 0x2D, "gsrn", 58, "padded", reserved=24),
    Tag("gsrnp-96", 0x2E, "gsrnp", 58, "padded", reserved=24),
    Tag("gdti-96", 0x2C, "gdti", 41, "padded", 41, "number"),
    Tag("gdti-113", 0x3A, "gdti", 41, "padded", 58, "digits", is_read_only=True),
    Tag("gdti-174", 0x3E, "gdti", 41, "padded", 119, "text7"),
    Tag("sgcn-96", 0x3F, "sgcn", 41, "padded", 41, "digits"),
    Tag("cpi-96", 0x3C, "cpi", 51, "number", 31, "number"),
    Tag("cpi-var", 0x3D, "cpi", 0, "text6", 40, "number"),
    Tag("itip-110", 0x40, "itip", 44, "padded", 38, "number"),
    Tag("itip-212", 0x41, "itip", 44, "padded", 140, "text7"),
)
"""The smaller of a scheme first. GDTI-113 is withdrawn: read, never written."""

GID: Final = (("gid-96", 0x35), (28, 24, 36))
_LATER: Final = (
    "CPI++ GSRN++ GSRNP++ SGLN++ GDTI++ GRAI++ SGCN++ ITIP++ GIAI++ SSCC++"
    " CPI+ GRAI+ SGLN+ ITIP+ GSRN+ GSRNP+ GDTI+ SGTIN+ SGCN+ SSCC+ GIAI+ DSGTIN+ DSGTIN++ SGTIN++"
)
NOT_READ: Final = {
    **{0xE6 + place: f"{name} of TDS 2" for place, name in enumerate(_LATER.split())},
    0x2F: "USDOD-96", 0x3B: "ADI-var", 0xE2: "the TID of a tag, not its EPC",
}  # fmt: skip
"""Headers that are known and no EPC of ours, by name."""


def _number(text: str, bits: int) -> str:
    if not _NUMBER.fullmatch(text) or len(text) > bits or int(text) >= 1 << bits:
        message = f"{text!r} is no number below 2^{bits} without leading zeros"
        raise Unfit(message)
    return format(int(text), f"0{bits}b")


def _digits(text: str, bits: int) -> str:
    """Digits that may begin with zeros: a 1 before them keeps those."""
    if not (text.isascii() and text.isdigit()) or 2 * 10 ** len(text) >= 1 << bits:
        message = f"{text!r} is not digits that {bits} bits hold"
        raise Unfit(message)
    return format(int(f"1{text}"), f"0{bits}b")


def _text7(text: str, bits: int) -> str:
    if not text or 7 * len(text) > bits or any(letter not in CSET82 for letter in text):
        message = f"{text!r} is not 1 to {bits // 7} characters of CSET 82"
        raise Unfit(message)
    return "".join(format(ord(letter), "07b") for letter in text).ljust(bits, "0")


def _text6(text: str) -> str:
    return "".join(format(ord(letter) & 63, "06b") for letter in text) + "0" * 6


_WRITE: Final[dict[str, Callable[[str, int], str]]] = {"number": _number, "digits": _digits, "text7": _text7}


def encode(tag: Tag, fields: list[str], filter_value: int) -> str:
    """Return an EPC's bits on a tag.

    Raises:
        Unfit: the tag does not hold it.
    """
    prefix, reference, *rest = fields
    partition = _LONGEST_PREFIX - len(prefix)
    bits = f"{tag.header:08b}{filter_value:03b}{partition:03b}" + _number_of_digits(prefix, _PREFIX_BITS[partition])
    room = tag.reference_bits - _PREFIX_BITS[partition]
    if tag.reference == "padded":
        bits += _number_of_digits(reference, room)
    elif tag.reference == "text6":
        bits += _text6(_short(reference, partition))
    else:
        bits += _WRITE[tag.reference](_short(reference, partition), room)
    bits += "".join(format(int(piece), f"0{_PIECE_BITS}b") for piece in rest[:-1])
    if tag.serial:
        bits += _WRITE[tag.serial](rest[-1], tag.serial_bits)
    return bits + "0" * tag.reserved


def _number_of_digits(digits: str, bits: int) -> str:
    return format(int(digits or "0"), f"0{bits}b")


def _short(reference: str, partition: int) -> str:
    if len(reference) > _LEAST_CHARACTERS + partition:
        message = f"a reference of more than {_LEAST_CHARACTERS + partition} characters"
        raise Unfit(message)
    return reference


class _Bits:
    """Bits that are read from the left."""

    def __init__(self, bits: str) -> None:
        self.rest = bits

    def take(self, count: int) -> str:
        if len(self.rest) < count:
            message = "the bits end too early"
            raise Unfit(message)
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self, count: int, digits: int) -> str:
        """Return a number padded to so many digits; no digits, and it must be zero."""
        value = int(self.take(count), 2)
        if value >= 10**digits:
            message = f"{value} has more than {digits} digits"
            raise Unfit(message)
        return str(value).zfill(digits) if digits else ""

    def text7(self, count: int) -> str:
        bits = self.take(count)
        codes = [int(bits[at : at + 7], 2) for at in range(0, count - 6, 7)]
        text = "".join(chr(code) for code in codes).rstrip("\0")
        if not text or any(letter not in CSET82 for letter in text) or "1" in bits[7 * len(text) :]:
            message = "there is no text of CSET 82 in 7 bits a character"
            raise Unfit(message)
        return text

    def text6(self) -> str:
        text = ""
        while code := int(self.take(6), 2):
            letter = chr(code if code >= 32 else code + 64)  # noqa: PLR2004  ASCII without its seventh bit
            if letter not in _SIX_BITS:
                message = f"{letter!r} has no place in a component's number"
                raise Unfit(message)
            text += letter
        return text


def decode(tag: Tag, bits: str, digits: int, pieces: int) -> tuple[list[str], int, str]:
    """Return an EPC's fields, its filter value, and the bits that are left.

    Args:
        tag: The encoding that the header names.
        bits: All bits with their header.
        digits: Digits of company prefix and reference together.
        pieces: How many fields of two digits stand before the serial.

    Raises:
        Unfit: the bits mean nothing.
    """
    read = _Bits(bits[8:])
    filter_value, partition = int(read.take(3), 2), int(read.take(3), 2)
    if partition >= len(_PREFIX_BITS):
        message = "there is no partition 7"
        raise Unfit(message)
    length = _LONGEST_PREFIX - partition
    fields = [read.number(_PREFIX_BITS[partition], length)]
    room = tag.reference_bits - _PREFIX_BITS[partition]
    if tag.reference == "padded":
        fields.append(read.number(room, digits - length))
    else:
        fields.append(_short(_read(read, tag.reference, room), partition))
    fields += [read.number(_PIECE_BITS, 2) for _ in range(pieces)]
    if tag.serial:
        fields.append(_read(read, tag.serial, tag.serial_bits))
    if "1" in read.take(tag.reserved):
        message = "the reserved bits are not zero"
        raise Unfit(message)
    return fields, filter_value, read.rest


def _read(read: _Bits, kind: str, bits: int) -> str:
    if kind == "text7":
        return read.text7(bits)
    if kind == "text6":
        return read.text6()
    value = str(int(read.take(bits), 2))
    if kind == "number":
        return value
    if not value.startswith("1") or len(value) == 1:
        message = f"{value} does not stand for digits: a 1 is missing before them"
        raise Unfit(message)
    return value[1:]
