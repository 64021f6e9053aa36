"""Whether item and serial are a unit key in canonical form."""

import re
import unicodedata
from urllib.parse import unquote

_SCHEME = re.compile(r"[a-z][a-z0-9]*")
_PARTS_OF_ITEM = {"gtin": 1, "sku": 2, "sscc": 0, "giai": 0, "gsrn": 0, "imei": 0, "vin": 0}
_SHAPES = {
    "gtin": r"[0-9]{14}",
    "sscc": r"[0-9]{18}",
    "gsrn": r"[0-9]{18}",
    "imei": r"[0-9]{14}",
    "vin": r"[A-HJ-NPR-Z0-9]{17}",
}
_CHECKED = ("gtin", "sscc", "gsrn")
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
    weights = [3, 1] * len(text)
    total = sum(int(digit) * weight for digit, weight in zip(reversed(text[:-1]), weights, strict=False))
    return (total + int(text[-1])) % 10 == 0
