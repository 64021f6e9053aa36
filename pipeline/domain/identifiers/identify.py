"""Any code a site may scan, told apart by how it begins and read by the reader of its syntax.

    identify("(01)09506000134352(21)ABC123").unit_key     # "gtin:09506000134352/ABC123"
    identify("https://shop.example/01/09506000134352/21/ABC123").unit_key    # the same

Never raises, whatever the text.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from pipeline.domain.identifiers.bare import imei_hint, read_bare, read_schemed
from pipeline.domain.identifiers.digital_link import read_digital_link, suppressed_gtin, write_digital_link
from pipeline.domain.identifiers.element_string import (
    FNC1,
    SEPARATOR,
    Pair,
    read_bracketed,
    read_raw,
    write_bracketed,
    write_raw,
)
from pipeline.domain.identifiers.epc_uri import read_epc_uri
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.identified import Identified, Source
from pipeline.domain.identifiers.reading import Reading, concluded

MAX_CHARACTERS: Final = 8192
_SCHEMED: Final = re.compile(r"[a-z][a-z0-9]*:")
_DIGITAL_LINK: Final = re.compile(r"https?:", re.IGNORECASE)
_SYMBOLOGIES: Final = {
    **dict.fromkeys(("]C1", "]e0", "]d2", "]Q3", "]J1"), "element string"),
    **dict.fromkeys(("]d1", "]Q1", "]J0"), "digital link"),
    "]E0": 13, "]E4": 8, "]I1": 14,
}  # fmt: skip


def identify(code: str, *, company_prefix: int | None = None, lenient: bool = False) -> Identified:
    """Return what a code is.

    Args:
        code: The text as scanned; `^` or byte 29 stands for FNC1.
        company_prefix: How many digits the GS1 Company Prefix has, where an EPC is wanted and the code does not say.
        lenient: Accept a raw element string without its FNC1 or symbology identifier, with a warning.
    """
    if len(code) > MAX_CHARACTERS:
        fault = Finding(
            f"character {MAX_CHARACTERS + 1}", "length", f"no code has more than {MAX_CHARACTERS} characters"
        )
        return _unknown(code, fault)
    text = code.replace(SEPARATOR, FNC1)
    for is_one, reader in _READERS:
        if is_one(text):
            return reader(code, text, company_prefix)
    return read_bare(code, text, company_prefix) or _without_fnc1(code, text, company_prefix, lenient)


def identify_many(
    codes: Iterable[str], *, company_prefix: int | None = None, lenient: bool = False
) -> list[Identified]:
    """Return what each code is, as `identify` does."""
    return [identify(code, company_prefix=company_prefix, lenient=lenient) for code in codes]


def _unknown(code: str, *errors: Finding) -> Identified:
    return Identified(code, "unknown", None, None, {}, (), errors)


def _raw(code: str, text: str, prefix: int | None) -> Identified:
    pairs, wrong = read_raw(text[1:])
    return concluded(code, _reading("unbracketed", pairs, wrong, write_raw, prefix))


def _bracketed(code: str, text: str, prefix: int | None) -> Identified:
    pairs, wrong = read_bracketed(text)
    return concluded(code, _reading("element_string", pairs, wrong, write_bracketed, prefix))


def _reading(
    syntax: str, pairs: list[Pair], wrong: Finding | None, write: Callable[[list[Pair]], str | None], prefix: int | None
) -> Reading:
    return Reading(syntax, pairs, [wrong] if wrong else [], [], write, prefix)


def _digital_link(code: str, text: str, prefix: int | None) -> Identified:
    pairs, errors = read_digital_link(text)
    for pair in pairs:
        if full := suppressed_gtin(pair):
            nearest = write_digital_link([(ai, full if (ai, value) == pair else value) for ai, value in pairs])
            message = f"({pair[0]}) a GTIN has 14 digits in a Digital Link: zeros before it are written"
            errors.append(Finding(f"({pair[0]})", "gtin14", message, nearest))
            pairs = [other for other in pairs if other != pair]
    return concluded(code, Reading("digital_link", pairs, errors, [], write_digital_link, prefix))


def _epc_uri(code: str, text: str, prefix: int | None) -> Identified:
    read = read_epc_uri(text)
    if read.gid and not read.findings:
        manager, kind, *serial = read.gid
        class_key = f"gid:{manager}/{kind}"
        unit_key = f"{class_key}/{serial[0]}" if serial else None
        return Identified(code, "epc_uri", unit_key, class_key, {}, (), (), Source(gid=read.gid))
    length = read.prefix_length or prefix
    return concluded(code, Reading("epc_uri", read.pairs, list(read.findings), [], None, length))


def _symbology(code: str, text: str, prefix: int | None) -> Identified:
    """Read what a reader sends behind a symbology identifier (AIM)."""
    content, rest = _SYMBOLOGIES.get(text[:3]), text[3:]
    if content == "element string":
        pairs, wrong = read_raw(rest)
        write = lambda pairs: text[:3] + write_raw(pairs)[1:]  # noqa: E731
        return concluded(code, _reading("unbracketed", pairs, wrong, write, prefix))
    if content == "digital link" and _DIGITAL_LINK.match(rest):
        return _digital_link(code, rest, prefix)
    if isinstance(content, int) and len(rest) == content:
        found = read_bare(code, rest, prefix)
        if found is not None:
            return found
    if content is None:
        message = f"the symbology identifier {text[:3]!r} introduces no GS1 data"
    elif isinstance(content, int):
        message = f"{text[:3]} introduces a GTIN of {content} digits"
    else:
        message = f"{text[:3]} introduces a Digital Link, or no GS1 data"
    return _unknown(code, Finding("character 1", "symbology", message))


def _schemed(code: str, text: str, prefix: int | None) -> Identified:
    return read_schemed(code, text, prefix)


def _without_fnc1(code: str, text: str, prefix: int | None, lenient: bool) -> Identified:
    """Read a raw element string that has lost its FNC1: no standard form, and taken for one only if asked."""
    pairs, wrong = read_raw(text) if text else ([], Finding("", "", ""))
    found = concluded(code, _reading("unbracketed", pairs, wrong, write_raw, prefix))
    message = "a raw element string begins with FNC1 or a symbology identifier"
    lost = Finding("character 1", "fnc1", message, FNC1 + text)
    if found.errors:
        return _unknown(code, _no_code(text))
    if not lenient:
        return Identified(code, "unbracketed", None, None, {}, (), (lost,))
    return Identified(code, "unbracketed", found.unit_key, found.class_key, found.attributes, (lost,), (), found.source)


def _no_code(text: str) -> Finding:
    if not text:
        return Finding("character 1", "unknown", "there is no code")
    if hint := imei_hint(text):
        return hint
    for beginning, name in _FOREIGN.items():
        if text.startswith(beginning):
            return Finding("character 1", "foreign", f"this is {name}, which is not read")
    message = (
        "neither a GS1 element string, Digital Link, EPC, GTIN, SSCC nor VIN; anything else needs its scheme before it"
    )
    return Finding("character 1", "unknown", message)


_FOREIGN: Final = {
    "+": "a code of HIBCC (HIBC)",
    "=": "a code of ICCBBA (ISBT 128)",
    "&": "a code of ICCBBA (ISBT 128)",
    "[)>": "a code of ANS MH10 (ISO/IEC 15434)",
}

Reader = Callable[[str, str, int | None], Identified]
_READERS: Final[tuple[tuple[Callable[[str], object], Reader], ...]] = (
    (lambda text: text.startswith(FNC1), _raw),
    (lambda text: text.startswith("("), _bracketed),
    (lambda text: text.startswith("]"), _symbology),
    (_DIGITAL_LINK.match, _digital_link),
    (lambda text: text.startswith("urn:"), _epc_uri),
    (_SCHEMED.match, _schemed),
)
