"""The constrained canonical GS1 Digital Link of an identifier: what the event hash puts in an EPC's place.

    canonical("urn:epc:id:sgtin:0614141.812345.6789")         # "https://id.gs1.org/01/80614141123458/21/6789"
    canonical("https://example.com/01/9506000134352?x=1")     # "https://id.gs1.org/01/09506000134352"

    link_of("urn:epc:id:sgtin:0614141.812345.a'b")            # "https://id.gs1.org/01/80614141123458/21/a%27b"

The hash leaves some characters as they were written, so one unit may have two such links. Where events are looked for
by what they name, it is `link_of`, in which every character that may be encoded is.

Source: CBV 2.0, section 8.9.2, rules 17 and 18; TDS 1.13, section 6 (EPC URIs). What is none of these stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from pipeline.domain.identifiers.digital_link import SHORT_NAMES
from pipeline.domain.unit_key import check_digit

HOST: Final = "https://id.gs1.org/"
_HOST_SEGMENTS: Final = 3
_URN: Final = re.compile(r"urn:epc:((?:id|class|idpat):[a-z]+):([0-9]{6,12})\.(.*)", re.DOTALL)
_CHARACTER: Final = r"(?:[A-Za-z0-9!'()*+,\-.:;=_]|%[0-9A-Fa-f]{2})"
_ENCODED: Final = str.maketrans({"!": "%21", "(": "%28", ")": "%29", "*": "%2A", "+": "%2B", ",": "%2C", ":": "%3A"})
_GTIN_DIGITS, _GLN_DIGITS, _SERIAL_DIGITS, _SHIPMENT_DIGITS = 13, 12, 17, 16  # before the check digit

_TEXT: Final = r"(?:[\x22\x27\x2D\x2E\x30-\x39\x3B-\x3F\x41-\x5A\x5F\x61-\x7A]|%[0-9A-Fa-f]{2})"
_KEYS: Final = {
    "00": r"[0-9]{18}", "01": r"[0-9]{14}", "253": rf"[0-9]{{13}}{_TEXT}{{0,17}}", "255": r"[0-9]{13,25}",
    "401": rf"{_TEXT}{{1,30}}", "402": r"[0-9]{17}", "414": r"[0-9]{13}", "417": r"[0-9]{13}",
    "8003": rf"[0-9]{{14}}{_TEXT}{{0,16}}", "8004": rf"{_TEXT}{{1,30}}", "8006": r"[0-9]{18}",
    "8010": r"(?:[#\-/0-9A-Z]|%[0-9A-Fa-f]{2}){1,30}", "8017": r"[0-9]{18}", "8018": r"[0-9]{18}",
}  # fmt: skip
_QUALIFIERS: Final = {
    "01": ("21", "235", "10", "22"), "8006": ("21", "10", "22"), "414": ("254",), "8010": ("8011",),
}  # fmt: skip
"""The most granular first: the first that is there stays, the others go."""
_QUALIFIER_VALUES: Final = {
    "21": rf"{_TEXT}{{1,20}}", "235": rf"{_TEXT}{{1,28}}", "10": rf"{_TEXT}{{1,20}}", "254": rf"{_TEXT}{{1,20}}",
    "8011": r"[0-9]{1,12}",
}  # fmt: skip
_DROPPED: Final = "22"  # the consumer product variant
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})


def canonical(text: str) -> str:
    """Return the Digital Link of an EPC, EPC class or pattern URI, or of another Digital Link; else the text."""
    if text.startswith("urn:epc:"):
        path = _path_of_urn(text)
    elif text.startswith(("http://", "https://")):
        path = _path_of_link(text)
    else:
        path = None
    return text if path is None else HOST + path


def link_of(text: str, short_names: Mapping[str, str] = SHORT_NAMES) -> str:
    """Return the one Digital Link of an EPC, EPC class or pattern URI, or of another Digital Link; else the text."""
    if text.startswith("urn:epc:"):
        path = _path_of_urn(text)
    elif text.startswith(("http://", "https://")):
        path = _path_of_link(_encoded(re.split(r"[?#]", text, maxsplit=1)[0], _HOST_SEGMENTS), short_names)
    else:
        path = None
    return text if path is None else HOST + _encoded(path)


def _encoded(path: str, plain: int = 0) -> str:
    """Return a path with all that may be encoded encoded, behind so many segments that stay as they are."""
    segments = path.split("/")
    return "/".join([*segments[:plain], *(quote(unquote_to_bytes(one), safe="") for one in segments[plain:])])


def _path_of_urn(text: str) -> str | None:
    found = _URN.fullmatch(text)
    scheme = _SCHEMES.get(found[1]) if found else None
    if found is None or scheme is None:
        return None
    pattern, make = scheme
    parts = re.fullmatch(pattern, found[3])
    return make(found[2], *parts.groups()) if parts else None


def _key(prefix: str, reference: str, digits: int) -> str | None:
    """Return prefix and reference with their check digit, None where they are not so many digits together."""
    return f"{prefix}{reference}{check_digit(prefix + reference)}" if len(prefix + reference) == digits else None


def _indicated(prefix: str, reference: str, digits: int) -> str | None:
    """Return the key whose first digit, an indicator or extension, stands in the reference's place in the URN."""
    return _key(reference[:1] + prefix, reference[1:], digits)


def _encode(part: str) -> str:
    return part.translate(_ENCODED)


def _numbered(ai: str, digits: int) -> Callable[..., str | None]:
    def make(prefix: str, reference: str) -> str | None:
        key = _key(prefix, reference, digits)
        return key and f"{ai}/{key}"

    return make


def _sscc(prefix: str, reference: str) -> str | None:
    key = _indicated(prefix, reference, _SERIAL_DIGITS)
    return key and f"00/{key}"


def _of_gtin(qualifier: str) -> Callable[..., str | None]:
    def make(prefix: str, reference: str, serial: str = "") -> str | None:
        key = _indicated(prefix, reference, _GTIN_DIGITS)
        return key and f"01/{key}" + (f"/{qualifier}/{_encode(serial)}" if serial else "")

    return make


def _typed(beginning: str) -> Callable[..., str | None]:
    def make(prefix: str, reference: str, serial: str = "") -> str | None:
        key = _key(prefix, reference, _GLN_DIGITS)
        return key and f"{beginning}{key}{_encode(serial)}"

    return make


def _place(prefix: str, reference: str, extension: str) -> str | None:
    key = _key(prefix, reference, _GLN_DIGITS)
    return key and f"414/{key}" + ("" if extension == "0" else f"/254/{_encode(extension)}")


def _assigned(ai: str) -> Callable[..., str | None]:
    return lambda prefix, reference: f"{ai}/{prefix}{_encode(reference)}"


def _piece(prefix: str, reference: str, piece: str, total: str, serial: str = "") -> str | None:
    key = _indicated(prefix, reference, _GTIN_DIGITS)
    return key and f"8006/{key}{piece}{total}" + (f"/21/{_encode(serial)}" if serial else "")


def _component(prefix: str, reference: str, serial: str = "") -> str:
    return f"8010/{prefix}{_encode(reference)}" + (f"/8011/{serial}" if serial else "")


def _serial(most: int) -> str:
    return rf"([0-9]*)\.({_CHARACTER}{{1,{most}}})"


_NUMBER: Final = "([0-9]*)"
_ANY: Final = rf"{_NUMBER}\.\*"
_SCHEMES: Final[dict[str, tuple[str, Callable[..., str | None]]]] = {
    "id:sgtin": (_serial(20), _of_gtin("21")),
    "id:sscc": (_NUMBER, _sscc),
    "id:sgln": (_serial(20), _place),
    "id:grai": (_serial(16), _typed("8003/0")),
    "id:giai": (rf"({_CHARACTER}{{1,24}})", _assigned("8004")),
    "id:gsrn": (_NUMBER, _numbered("8018", _SERIAL_DIGITS)),
    "id:gsrnp": (_NUMBER, _numbered("8017", _SERIAL_DIGITS)),
    "id:gdti": (_serial(20), _typed("253/")),
    "id:cpi": (rf"({_CHARACTER}{{1,24}})\.([0-9]{{1,12}})", _component),
    "id:sgcn": (rf"{_NUMBER}\.([0-9]{{1,12}})", _typed("255/")),
    "id:ginc": (rf"({_CHARACTER}{{1,24}})", _assigned("401")),
    "id:gsin": (_NUMBER, _numbered("402", _SHIPMENT_DIGITS)),
    "id:itip": (rf"{_NUMBER}\.([0-9]{{2}})\.([0-9]{{2}})\.({_CHARACTER}{{1,20}})", _piece),
    "id:upui": (_serial(28), _of_gtin("235")),
    "id:pgln": (_NUMBER, _typed("417/")),
    "class:lgtin": (_serial(20), _of_gtin("10")),
    "idpat:sgtin": (_ANY, _of_gtin("")),
    "idpat:grai": (_ANY, _typed("8003/0")),
    "idpat:gdti": (_ANY, _typed("253/")),
    "idpat:sgcn": (_ANY, _typed("255/")),
    "idpat:cpi": (rf"({_CHARACTER}{{1,24}})\.\*", _component),
    "idpat:itip": (rf"{_NUMBER}\.([0-9]{{2}})\.([0-9]{{2}})\.\*", _piece),
    "idpat:upui": (_ANY, _of_gtin("")),
}


def _path_of_link(text: str, short_names: Mapping[str, str] = SHORT_NAMES) -> str | None:
    """Return the path of a Digital Link without its query, its short names and the less granular qualifiers."""
    segments = re.split(r"[?#]", text, maxsplit=1)[0].rstrip("/").split("/")[_HOST_SEGMENTS:]
    names = [short_names.get(segment, segment) for segment in segments]
    at = next((at for at, name in enumerate(names[:-1]) if name in _KEYS), None)
    if at is None or (len(segments) - at) % 2:
        return None
    key = names[at]
    value = _padded(segments[at + 1]) if key == "01" else segments[at + 1]
    given = dict(zip(names[at + 2 :: 2], segments[at + 3 :: 2], strict=True))
    known = _QUALIFIERS.get(key, ())
    if not re.fullmatch(_KEYS[key], value) or not given.keys() <= set(known):
        return None
    finest = next((name for name in known if name in given and name != _DROPPED), None)
    if finest is None:
        return f"{key}/{value}"
    return f"{key}/{value}/{finest}/{given[finest]}" if re.fullmatch(_QUALIFIER_VALUES[finest], given[finest]) else None


def _padded(gtin: str) -> str:
    return gtin.zfill(14) if len(gtin) in _GTIN_LENGTHS else gtin
