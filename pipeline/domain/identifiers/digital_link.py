"""GS1 Digital Link URIs: read into pairs of AI and value, and written from them in the canonical form.

Source: GS1 Digital Link Standard: URI Syntax 1.4; RFC 3986.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from pipeline.domain.identifiers.ai_table import AIS
from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.identifiers.finding import Finding

_STEM: Final = "https://id.gs1.org"
_URI: Final = re.compile(r"https?://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_STRANGE: Final = re.compile(r"[^-A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(?:[-A-Za-z0-9.]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)
_COMPRESSED: Final = re.compile(r"(?=.*[A-Z])(?=.*[a-z0-9])[-_A-Za-z0-9]{11,}")
_SUPPRESSED: Final = frozenset({8, 12, 13})
_GTIN_DIGITS: Final = 14

SHORT_NAMES: Final = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
"""What a link once might have for a number; the standard has these names no more."""

PATHS: Final = frozenset(
    (key, *some)
    for key, ai in AIS.items()
    for row in ai.qualifiers or ()
    for size in range(len(row) + 1)
    for some in combinations(row, size)
)
"""Every sequence of a primary key and its qualifiers that a path may be."""

Read = tuple[list[Pair], list[Finding]]


def read_digital_link(text: str) -> Read:
    """Read a URI into pairs, path before query, and what is wrong with the URI itself.

    Of a path in the wrong order there are the pairs too, but none of the query.
    """
    found = _URI.fullmatch(text)
    strange = _STRANGE.search(text)
    if found is None or strange:
        place = strange.start() if strange else 0
        message = f"{text[place : place + 3]!r} may not stand in a URI" if strange else "is no http or https URI"
        return [], [Finding(f"character {place + 1}", "uri", message)]
    host, path, query = found[1], found[2], found[3] or ""
    if not _HOST.fullmatch(host):
        return [], [Finding("host", "uri", f"{host!r} is no host name")]
    in_path, wrong = _read_path(path)
    if wrong:
        nearest = wrong.nearest and wrong.nearest + (f"?{query}" if query else "")
        return in_path, [replace(wrong, nearest=nearest)]
    attributes, faults = _read_query(query, [ai for ai, _ in in_path])
    return in_path + attributes, faults


def _read_path(path: str) -> tuple[list[Pair], Finding | None]:
    """Read the AIs from the last primary key to the end; what stands before it is the stem."""
    segments = path.split("/")
    begin = len(segments) - 2
    while begin > 0 and segments[begin] in AIS and AIS[segments[begin]].qualifiers is None:
        begin -= 2
    if begin <= 0 or segments[begin] not in AIS:
        return [], _no_key(path)
    pairs = [(ai, _decoded(value)) for ai, value in zip(segments[begin::2], segments[begin + 1 :: 2], strict=True)]
    sequence = tuple(ai for ai, _ in pairs)
    if sequence in PATHS:
        return pairs, None
    key, *qualifiers = sequence
    allowed = " or ".join("/".join(row) for row in AIS[key].qualifiers or () if row) or "none"
    right = next((path for path in PATHS if sorted(path) == sorted(sequence) and path[0] == key), None)
    nearest = None if right is None else _link([(ai, dict(pairs)[ai]) for ai in right])
    message = f"({key}) is qualified by {allowed} in that order, not by {'/'.join(qualifiers)}"
    return pairs, Finding("path", "dlpkey", message, nearest)


def _no_key(path: str) -> Finding:
    last, nearest = path.rpartition("/")[2], _straightened(path)
    if _COMPRESSED.fullmatch(last):
        message = "no GS1 key in the path; a compressed Digital Link, if it is one, is not read: decompress it first"
        return Finding("path", "compressed", message)
    more = "; a key has its number, not its name" if nearest else ""
    more = more if last else "; nothing may follow the last slash"
    return Finding("path", "dlpkey", f"no GS1 key with its value ends the path{more}", nearest)


def _straightened(path: str) -> str | None:
    """Return the link of a path without slashes behind it and with numbers for names; None where it is not right."""
    segments = path.rstrip("/").split("/")
    for at in range(len(segments) - 2, 0, -2):
        segments[at] = SHORT_NAMES.get(segments[at], segments[at])
    straight = "/".join(segments)
    if straight == path:
        return None
    pairs, wrong = _read_path(straight)
    if not pairs or any(AIS[ai].fault(value) for ai, value in pairs):
        return None
    return wrong.nearest if wrong else _link(pairs)


def _read_query(query: str, path: list[str]) -> Read:
    """Read the AIs among the parameters; others are no business of the standard, unless they are all digits."""
    pairs: list[Pair] = []
    faults = []
    for name, equals, value in (parameter.partition("=") for parameter in query.split("&")):
        if not equals or not (name.isascii() and name.isdigit()):
            continue
        if wrong := _misplaced(name, path):
            faults.append(wrong)
        elif "+" in value:
            faults.append(Finding(f"query {name}", "uri", "+ is a blank in a query; a plus sign is written %2B"))
        else:
            pairs.append((name, _decoded(value)))
    return pairs, faults


def _misplaced(name: str, path: list[str]) -> Finding | None:
    where = f"query {name}"
    if name not in AIS:
        return Finding(where, "ai", f"there is no application identifier ({name}); a name of digits must be one")
    if name not in path and any((*path[:at], name, *path[at:]) in PATHS for at in range(1, len(path) + 1)):
        return Finding(where, "dlpkey", f"({name}) qualifies ({path[0]}) and belongs into the path")
    if not AIS[name].is_attribute and name not in path:
        return Finding(where, "dlattr", f"({name}) is no data attribute of a Digital Link")
    return None


def suppressed_gtin(pair: Pair) -> str | None:
    """Return the 14 digits of a GTIN that is written with fewer, as Digital Links once could be."""
    ai, value = pair
    is_short = ai in ("01", "02") and len(value) in _SUPPRESSED and value.isascii() and value.isdigit()
    return value.zfill(_GTIN_DIGITS) if is_short else None


def write_digital_link(pairs: Sequence[Pair]) -> str | None:
    """Write pairs as a canonical URI; None where they have no primary key, or an AI that a URI has no place for.

    The first primary key is the path, with as many of its qualifiers as one alternative takes that leaves none without
    a place; then the attributes, those of predefined length first, else as given.
    """
    key = next((ai for ai, _ in pairs if AIS[ai].qualifiers is not None), None)
    if key is None:
        return None
    values = dict(pairs)
    rows = sorted(AIS[key].qualifiers or (), key=lambda row: -sum(ai in values for ai in row))
    for row in rows:
        path = [key, *(ai for ai in row if ai in values)]
        rest = sorted((ai for ai in values if ai not in path), key=lambda ai: not AIS[ai].is_predefined)
        if all(AIS[ai].is_attribute for ai in rest):
            query = "&".join(f"{ai}={_encoded(values[ai])}" for ai in rest)
            return _link([(ai, values[ai]) for ai in path]) + (f"?{query}" if query else "")
    return None


def _link(pairs: Sequence[Pair]) -> str:
    return _STEM + "".join(f"/{ai}/{_encoded(value)}" for ai, value in pairs)


def _encoded(value: str) -> str:
    return quote(value, safe="")


def _decoded(value: str) -> str:
    return unquote_to_bytes(value).decode(errors="replace")
