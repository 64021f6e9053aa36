"""Whether item and serial are a unit key in canonical form."""

import re
import unicodedata

_SCHEME = re.compile(r"[a-z][a-z0-9]*")
_ESCAPE = re.compile(r"%([0-9A-F]{2})")
_MUST_BE_ESCAPED = {"/", "%"}
_GTIN_DIGITS = 14


def is_identifier(item: str, serial: str) -> bool:
    """Returns whether `item` + `/` + `serial` (or `serial` alone) reads as one unit key and nothing else."""
    if item == "":
        scheme, _, part = serial.partition(":")
        return _is_scheme(scheme) and _is_part(part)
    scheme, _, rest = item.partition(":")
    parts = rest.split("/")
    if not _is_scheme(scheme) or len(parts) > 2 or not all(map(_is_part, [*parts, serial])):
        return False
    return scheme != "gtin" or (len(parts) == 1 and _is_gtin(parts[0]))


def _is_scheme(text: str) -> bool:
    return _SCHEME.fullmatch(text) is not None


def _is_part(text: str) -> bool:
    if not text or text != text.strip() or text != unicodedata.normalize("NFC", text):
        return False
    if any(letter == "/" or _is_control(letter) for letter in text):
        return False
    return all(_is_escape(text[at : at + 3]) for at, letter in enumerate(text) if letter == "%")


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc"


def _is_escape(text: str) -> bool:
    found = _ESCAPE.fullmatch(text)
    if found is None:
        return False
    letter = chr(int(found.group(1), 16))
    return letter in _MUST_BE_ESCAPED or _is_control(letter)


def _is_gtin(text: str) -> bool:
    if re.fullmatch(r"[0-9]{14}", text) is None:
        return False
    weighted = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(text[: _GTIN_DIGITS - 1]))
    return (10 - weighted % 10) % 10 == int(text[-1])
