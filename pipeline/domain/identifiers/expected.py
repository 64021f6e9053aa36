"""Codes that are almost an expected unit: one character or a check digit away (rule D10).

    near("(01)09506000134352(21)ABC12B", {"gtin:09506000134352/ABC123"})   # says which, and which character differs

A suggestion for people, made at capture and in queries; nothing is ever corrected by it.
"""

from collections.abc import Collection, Iterator, Set
from typing import Final, NamedTuple

from pipeline.domain.identifiers.digital_link import read_digital_link
from pipeline.domain.identifiers.element_string import FNC1, INTRODUCERS, SEPARATOR, Pair, read_bracketed, read_raw
from pipeline.domain.identifiers.gs1_keys import name_of
from pipeline.domain.identifiers.identify import identify
from pipeline.domain.unit_key import BadUnitKey, decode_part, parse

_MOST_COMPARED: Final = 2_000
"""Up to so many keys each is compared; among more, each change of the code is looked up."""
_INTRODUCER: Final = 3


class Near(NamedTuple):
    """An expected unit that a code is almost."""

    unit_key: str
    rule: str
    """`csum`: only the check digit is wrong; `character`: one character is another, too many, too few, or swapped."""
    message: str


def near(code: str, expected: Collection[str]) -> list[Near]:
    """Return the expected unit keys that are one character or a check digit away from a code or unit key.

    Nothing where the code is one of them, or where it names nothing.
    """
    found = identify(code)
    wanted = expected if isinstance(expected, Set) else frozenset(expected)
    if found.unit_key in wanted:
        return []
    mended = {identify(error.nearest).unit_key for error in found.errors if error.nearest}
    by_digit = sorted(key for key in mended if key is not None and key in wanted)
    read = found.unit_key or _key_as_read(code)
    by_letter = _one_away(read, wanted) if read else []
    return [
        *(Near(key, "csum", f"{key} is expected: only the check digit differs") for key in by_digit),
        *(Near(key, "character", _difference(read or "", key)) for key in by_letter if key not in by_digit),
    ]


def _one_away(read: str, wanted: Collection[str]) -> list[str]:
    """Return the keys one character away; an encoded character is one character."""
    text, keys = decode_part(read), {decode_part(key): key for key in wanted}
    if not keys or len(text) > max(map(len, keys)) + 1:
        return []
    if len(keys) <= _MOST_COMPARED:
        return sorted(key for plain, key in keys.items() if is_one_away(text, plain))
    letters = sorted(set().union(*keys))
    return sorted({keys[changed] for changed in _changes(text, letters) if changed in keys and changed != text})


def _changes(text: str, letters: list[str]) -> Iterator[str]:
    """Return every text that is one character away."""
    for at in range(len(text) + 1):
        head, tail = text[:at], text[at:]
        yield from (head + letter + tail for letter in letters)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in letters)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def is_one_away(one: str, other: str) -> bool:
    """Return whether two texts differ by one character: another, one more or less, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = _common(one, other)
    left, right = one[start:], other[start:]
    if len(left) != len(right):
        return left[1:] == right if len(left) > len(right) else left == right[1:]
    return left[1:] == right[1:] or (left[:2] == right[:2][::-1] and left[2:] == right[2:])


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _difference(read: str, key: str) -> str:
    text, plain = decode_part(read), decode_part(key)
    at = _common(text, plain)
    have, want = text[at : at + 1] or "nothing", plain[at : at + 1] or "nothing"
    return f"{key} is expected: character {at + 1} of the key is {want} there and {have} here"


def _key_as_read(code: str) -> str | None:
    """Return the unit key of a code as it stands, wrong digits and all."""
    text = code.replace(SEPARATOR, FNC1)
    try:
        return parse(text).text
    except BadUnitKey:
        pairs = _pairs(text)
    named = name_of(dict(pairs)) if pairs else None
    return (named.unit_key or named.class_key) if named else _bare(text)


def _pairs(text: str) -> list[Pair]:
    if text.startswith("("):
        return read_bracketed(text)[0]
    if text.startswith((FNC1, *INTRODUCERS)):
        return read_raw(text[1 if text.startswith(FNC1) else _INTRODUCER :])[0]
    return read_digital_link(text)[0] if text.startswith("http") else []


def _bare(text: str) -> str | None:
    """Return what 18 digits or a schemed code would be, were they right."""
    if text.isascii() and text.isdigit():
        return f"sscc:{text}"
    return text if ":" in text else f"vin:{text}"
