"""Any code a site may scan, told apart by how it begins and read by the reader of its syntax.

    identify("(01)09506000134352(21)ABC123").unit_key     # "gtin:09506000134352/ABC123"
    identify("https://shop.example/01/09506000134352/21/ABC123").unit_key    # the same

Never raises, whatever the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from pipeline.domain.identifiers.bare import imei_hint, read_bare, read_schemed
from pipeline.domain.identifiers.convention import Convention, nearest_convention, year_fault
from pipeline.domain.identifiers.digital_link import read_digital_link, suppressed_gtin, write_digital_link
from pipeline.domain.identifiers.element_string import (
    FNC1,
    INTRODUCERS,
    SEPARATOR,
    Pair,
    read_bracketed,
    read_raw,
    write_bracketed,
    write_raw,
)
from pipeline.domain.identifiers.epc_nearest import TAG_URN, nearest_urn, read_urn
from pipeline.domain.identifiers.epc_schemes import Prefix
from pipeline.domain.identifiers.epc_tag import read_epc_hex
from pipeline.domain.identifiers.epc_uri import EpcRead
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.foreign import foreign_name
from pipeline.domain.identifiers.gs1_keys import KEYS
from pipeline.domain.identifiers.identified import Identified, Source
from pipeline.domain.identifiers.prefix_table import PrefixTable
from pipeline.domain.identifiers.reading import Reading, concluded
from pipeline.domain.unit_key import PARTS_OF_ITEM, BadUnitKey

MAX_CHARACTERS: Final = 8192
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SCHEMED: Final = re.compile(r"[a-z][a-z0-9]*:")
_DIGITAL_LINK: Final = re.compile(r"https?:", re.IGNORECASE)
_SYMBOLOGIES: Final = {
    **dict.fromkeys(INTRODUCERS, "element string"),
    **dict.fromkeys(("]d1", "]Q1", "]J0"), "digital link"),
    "]E0": 13, "]E4": 8, "]I1": 14,
}  # fmt: skip


def identify(
    code: str,
    *,
    company_prefix: int | PrefixTable | None = None,
    lenient: bool = False,
    conventions: Sequence[Convention] = (),
    this_year: int | None = None,
) -> Identified:
    """Return what a code is.

    Args:
        code: The text as scanned; `^` or byte 29 stands for FNC1.
        company_prefix: How many digits the GS1 Company Prefix has, or a table of them, where an EPC is wanted and the
            code does not say.
        lenient: Accept a raw element string without its FNC1 or symbology identifier, with a warning.
        conventions: What else an organisation's codes may be; they are tried before what goes by length alone.
        this_year: The last year that a convention's code may name.
    """
    if fault := _no_text(code):
        return _unknown(code, fault)
    text = code.replace(SEPARATOR, FNC1)
    prefix = PrefixTable({}, company_prefix) if isinstance(company_prefix, int) else company_prefix
    if text.startswith("]"):
        return _symbology(code, text, prefix) or _other_symbology(code, text, conventions, this_year)
    for is_one, reader in _READERS:
        if is_one(text):
            return reader(code, text, prefix)
    if conventions and (found := _by_convention(code, code, conventions, this_year)):
        return found
    if read := read_epc_hex(text):
        return _epc(code, "epc_hex", read, prefix)
    found = read_bare(code, text, prefix) or _without_fnc1(code, text, prefix, lenient)
    hint = nearest_convention(conventions, code) if found.errors else None
    return replace(found, errors=(*found.errors, hint)) if hint else found


def _no_text(code: str) -> Finding | None:
    """Return why a text is not looked at at all."""
    if not code:
        return Finding("character 1", "length", "there is no code")
    if len(code) > MAX_CHARACTERS:
        message = f"no code has more than {MAX_CHARACTERS} characters"
        return Finding(f"character {MAX_CHARACTERS + 1}", "length", message)
    if not code.isascii() and (half := _LONE_SURROGATE.search(code)):
        return Finding(f"character {half.start() + 1}", "utf8", "half of a character stands alone")
    return None


def _by_convention(code: str, text: str, conventions: Sequence[Convention], this_year: int | None) -> Identified | None:
    for convention in conventions:
        parts = convention.parts_of(text)
        if parts is not None:
            wrong = year_fault(convention, parts, this_year)
            if wrong:
                return Identified(code, "convention", None, None, parts, (), (wrong,))
            try:
                key = convention.unit_key(text, parts)
            except BadUnitKey as error:
                fault = Finding("key", "unit_key", f"{convention.name}: {error}")
                return Identified(code, "convention", None, None, parts, (), (fault,))
            return Identified(code, "convention", key.text, key.item or None, parts)
    return None


def _unknown(code: str, *errors: Finding) -> Identified:
    return Identified(code, "unknown", None, None, {}, (), errors)


def _raw(code: str, text: str, prefix: Prefix) -> Identified:
    pairs, wrong = read_raw(text[1:])
    return concluded(code, _reading("unbracketed", pairs, wrong, write_raw, prefix))


def _bracketed(code: str, text: str, prefix: Prefix) -> Identified:
    pairs, wrong = read_bracketed(text)
    return concluded(code, _reading("element_string", pairs, wrong, write_bracketed, prefix))


def _reading(
    syntax: str, pairs: list[Pair], wrong: Finding | None, write: Callable[[list[Pair]], str | None], prefix: Prefix
) -> Reading:
    return Reading(syntax, pairs, [wrong] if wrong else [], [], write, prefix)


def _digital_link(code: str, text: str, prefix: Prefix) -> Identified:
    pairs, errors = read_digital_link(text)
    for pair in pairs:
        if full := suppressed_gtin(pair):
            nearest = write_digital_link([(ai, full if (ai, value) == pair else value) for ai, value in pairs])
            message = f"({pair[0]}) a GTIN has 14 digits in a Digital Link: zeros before it are written"
            errors.append(Finding(f"({pair[0]})", "gtin14", message, nearest))
            pairs = [other for other in pairs if other != pair]
    return concluded(code, Reading("digital_link", pairs, errors, [], write_digital_link, prefix))


def _epc_urn(code: str, text: str, prefix: Prefix) -> Identified:
    found = _epc(code, "epc_tag_uri" if text.startswith(TAG_URN) else "epc_uri", read_urn(text), prefix)
    if found.ok or found.errors[0].nearest or not (nearest := nearest_urn(text)):
        return found
    return replace(found, errors=(replace(found.errors[0], nearest=nearest), *found.errors[1:]))


def _epc(code: str, syntax: str, read: EpcRead, prefix: Prefix) -> Identified:
    own = code.upper() if syntax == "epc_hex" else ""
    if not read.gid:
        length = read.prefix_length or prefix
        return concluded(code, Reading(syntax, read.pairs, list(read.findings), [], None, length, read.filter, own))
    manager, kind, *serial = read.gid
    class_key = f"gid:{manager}/{kind}"
    unit_key = f"{class_key}/{serial[0]}" if serial else None
    return Identified(code, syntax, unit_key, class_key, {}, (), (), Source(gid=read.gid, hex=own))


def _symbology(code: str, text: str, prefix: Prefix) -> Identified | None:
    """Read GS1 data behind a symbology identifier (AIM); None where there is none."""
    content, rest = _SYMBOLOGIES.get(text[:3]), text[3:]
    if content == "element string":
        pairs, wrong = read_raw(rest)
        write = lambda pairs: text[:3] + write_raw(pairs)[1:]  # noqa: E731
        return concluded(code, _reading("unbracketed", pairs, wrong, write, prefix))
    if content == "digital link" and _DIGITAL_LINK.match(rest):
        return _digital_link(code, rest, prefix)
    if isinstance(content, int) and len(rest) == content:
        return read_bare(code, rest, prefix)
    return None


def _other_symbology(code: str, text: str, conventions: Sequence[Convention], this_year: int | None) -> Identified:
    """Read what is no GS1 data behind a symbology identifier: a code of one's own, else it says what it is instead."""
    content, rest = _SYMBOLOGIES.get(text[:3]), code[3:]
    if isinstance(content, int):
        return _unknown(code, Finding("character 1", "symbology", f"{text[:3]} introduces a GTIN of {content} digits"))
    if found := _by_convention(code, rest, conventions, this_year):
        return found
    if name := foreign_name(rest):
        return _unknown(code, Finding("character 4", "foreign", f"this is {name}"))
    message = f"the symbology identifier {text[:3]!r} introduces no GS1 data"
    if content is not None:
        message = f"{text[:3]} introduces a Digital Link, or no GS1 data"
    hint = nearest_convention(conventions, rest)
    hints = [replace(hint, where=f"behind {text[:3]}, {hint.where}")] if hint else []
    return _unknown(code, Finding("character 1", "symbology", message), *hints)


def _without_fnc1(code: str, text: str, prefix: Prefix, lenient: bool) -> Identified:
    """Read a raw element string that has lost its FNC1: no standard form, and taken for one only if asked."""
    pairs, wrong = read_raw(text)
    found = concluded(code, _reading("unbracketed", pairs, wrong, write_raw, prefix))
    message = "a raw element string begins with FNC1 or a symbology identifier"
    lost = Finding("character 1", "fnc1", message, FNC1 + text)
    if found.errors and (wrong or pairs[0][0] not in KEYS):
        return _unknown(code, _no_code(text))
    if found.errors:
        errors = found.errors if lenient else (lost, *found.errors)
        return replace(found, warnings=(lost,) if lenient else (), errors=errors)
    if not lenient:
        return Identified(code, "unbracketed", None, None, {}, (), (lost,))
    return Identified(code, "unbracketed", found.unit_key, found.class_key, found.attributes, (lost,), (), found.source)


def _no_code(text: str) -> Finding:
    if hint := imei_hint(text):
        return hint
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in PARTS_OF_ITEM and identify(small := f"{scheme.lower()}:{rest}").ok:
        return Finding("character 1", "scheme", f"a scheme is written in small letters: {scheme.lower()}", small)
    if text.strip() != text and identify(text.strip()).ok:
        return Finding("character 1", "blank", "blanks stand before or behind the code", text.strip())
    if name := foreign_name(text):
        return Finding("character 1", "foreign", f"this is {name}")
    known = "a GS1 element string, Digital Link, EPC, GTIN, SSCC or VIN"
    return Finding("character 1", "unknown", f"is not {known}; anything else needs its scheme before it")


Reader = Callable[[str, str, Prefix], Identified]
_READERS: Final[tuple[tuple[Callable[[str], object], Reader], ...]] = (
    (lambda text: text.startswith(FNC1), _raw),
    (lambda text: text.startswith("("), _bracketed),
    (_DIGITAL_LINK.match, _digital_link),
    (lambda text: text[:4].lower() == "urn:", _epc_urn),
    (_SCHEMED.match, lambda code, _, prefix: read_schemed(code, prefix)),
)
