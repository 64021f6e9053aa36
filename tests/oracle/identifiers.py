"""Whether item and serial are a unit key in canonical form."""

import re
import unicodedata
from urllib.parse import unquote

_SCHEME = re.compile(r"[a-z][a-z0-9]*")
_ONE_PART = ("gtin", "upui", "itip", "grai", "gdti", "sgcn", "cpi")
_WHOLE = ("sscc", "giai", "gsrn", "gsrnp", "sgln", "imei", "vin")
_PARTS_OF_ITEM = {**dict.fromkeys(_ONE_PART, 1), **dict.fromkeys(_WHOLE, 0), "gid": 2, "sku": 2}
_SHAPES = {
    "gtin": r"[0-9]{14}",
    "upui": r"[0-9]{14}",
    "itip": r"[0-9]{18}",
    "grai": r"[0-9]{13}",
    "gdti": r"[0-9]{13}",
    "sgcn": r"[0-9]{13}",
    "sgln": r"[0-9]{13}(?!0$).*",
    "sscc": r"[0-9]{18}",
    "gsrn": r"[0-9]{18}",
    "gsrnp": r"[0-9]{18}",
    "imei": r"[0-9]{14}",
    "vin": r"[A-HJ-NPR-Z0-9]{17}",
}
_CHECKED = {
    "gtin": 14, "upui": 14, "itip": 14, "grai": 13, "gdti": 13, "sgcn": 13, "sgln": 13, "sscc": 18, "gsrn": 18,
    "gsrnp": 18,
}  # fmt: skip
"""The digits up to and with the check digit."""
_MOST_BYTES = 200


def is_identifier(item: str, serial: str) -> bool:
    """Returns whether `item` + `/` + `serial` (or `serial` alone) reads as one unit key and nothing else."""
    scheme, colon, rest = (item or serial).partition(":")
    in_item = rest.split("/") if item else []
    parts = [*in_item, serial] if item else [rest]
    if not colon or _SCHEME.fullmatch(scheme) is None or not all(part and _written(part) == part for part in parts):
        return False
    if len(in_item) > 2 or len(in_item) != _PARTS_OF_ITEM.get(scheme, len(in_item)):
        return False
    if max(len(item.encode()), len(serial.encode())) > _MOST_BYTES:
        return False
    return _is_number(scheme, parts[0])


def _written(part: str) -> str:
    """Returns how a part has to be written, whatever way it is."""
    text = unicodedata.normalize("NFC", unquote(part)).strip()
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    if letter in "/%" or unicodedata.category(letter) == "Cc":
        return "".join(f"%{byte:02X}" for byte in letter.encode())
    return letter


def _is_number(scheme: str, text: str) -> bool:
    if scheme in _SHAPES and re.fullmatch(_SHAPES[scheme], text) is None:
        return False
    if scheme not in _CHECKED:
        return True
    digits = text[: _CHECKED[scheme]]
    weights = [3, 1] * len(digits)
    total = sum(int(digit) * weight for digit, weight in zip(reversed(digits[:-1]), weights, strict=False))
    return (total + int(digits[-1])) % 10 == 0
