"""GS1's own syntax dictionary, read for tests: every application identifier with its format, company and examples."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import strategies as st

from pipeline.domain.identifiers.check_digits import CSET82, check_pair
from pipeline.domain.unit_key import check_digit

FILE = Path(__file__).parents[4] / "shared/standards/gs1-syntax-dictionary.txt"
needs_dictionary = pytest.mark.skipif(not FILE.exists(), reason="GS1's syntax dictionary is not beside the project")

_LINE = re.compile(r"(\d+)(?:-(\d+))?\s+(?:([*?]+)\s+)?((?:\[?[NXYZ][^\s]*\s*)+)\s*([^#]*)(?:#.*)?")
_COMPONENT = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)")
DIGITS = "0123456789"
_LETTERS = {
    "N": DIGITS,
    "X": CSET82,
    "Y": "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "Z": "-_ABCabc0123456789",
}

Component = tuple[str, int, int, bool, tuple[str, ...]]
"""Kind, fewest and most characters, whether it may be left out, linters."""


@dataclass(frozen=True)
class Entry:
    """One application identifier."""

    ai: str
    flags: str
    components: tuple[Component, ...]
    needs: tuple[tuple[str, ...], ...]
    never: tuple[str, ...]
    key: tuple[tuple[str, ...], ...] | None


@cache
def entries() -> dict[str, Entry]:
    """Return every AI of the dictionary; none where the file is missing."""
    if not FILE.exists():
        return {}
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            parts = _LINE.fullmatch(line)
            assert parts, line
            first, last, flags, form, attributes = parts.groups()
            for number in range(int(first), int(last or first) + 1):
                ai = str(number).zfill(len(first))
                found[ai] = _entry(ai, flags or "", form, attributes or "")
    return found


def _entry(ai: str, flags: str, form: str, attributes: str) -> Entry:
    components = tuple(
        (kind, 1 if dots else int(size), int(size), bool(bracket), tuple(filter(None, names.split(","))))
        for bracket, kind, dots, size, names in _COMPONENT.findall(form)
    )
    named = dict(word.partition("=")[::2] for word in attributes.split())
    needs = tuple(tuple(row.split("+")) for row in named.get("req", "").split(",") if row)
    key = named.get("dlpkey")
    rows = None if key is None else tuple(tuple(filter(None, row.split(","))) for row in key.split("|"))
    return Entry(ai, flags, components, needs, tuple(filter(None, named.get("ex", "").split(","))), rows)


def _with_check_digit(digits: str) -> str:
    return digits + str(check_digit(digits))


def _text(kind: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(_LETTERS[kind], min_size=least, max_size=most)


DATES = st.dates().map(lambda day: f"{day:%y%m%d}")
CLOCK = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda time: f"{time[0]:02d}{time[1]:02d}")
PIECES = st.integers(1, 99).flatmap(lambda total: st.integers(1, total).map(lambda piece: f"{piece:02d}{total:02d}"))
GOOD: dict[str, st.SearchStrategy[str]] = {
    "yymmd0": DATES | DATES.map(lambda text: text[:4] + "00"),
    "yymmdd": DATES,
    "yyyymmdd": st.dates().map(lambda day: f"{day.year:04d}{day:%m%d}"),
    "hhmi": CLOCK,
    "hh": CLOCK.map(lambda text: text[:2]),
    "mi": CLOCK.map(lambda text: text[2:]),
    "ss": CLOCK.map(lambda text: text[2:]),
    "iso3166": st.sampled_from(["004", "276", "756", "840", "894"]),
    "iso3166999": st.sampled_from(["008", "276", "999"]),
    "iso3166alpha2": st.sampled_from(["AD", "DE", "US", "ZW"]),
    "iso4217": st.sampled_from(["008", "840", "978", "756"]),
    "iso5218": st.sampled_from("0129"),
    "mediatype": st.sampled_from(["01", "10", "80", "99"]),
    "packagetype": st.sampled_from(["1A", "200", "8", "APE", "ZZ"]),
    "latitude": st.integers(0, 1_800_000_000).map(lambda number: f"{number:010d}"),
    "longitude": st.integers(0, 3_600_000_000).map(lambda number: f"{number:010d}"),
    "pieceoftotal": PIECES,
    "posinseqslash": st.integers(1, 9).flatmap(lambda last: st.integers(1, last).map(lambda first: f"{first}/{last}")),
    "iban": st.sampled_from(["FR7630006000011234567890189", "GB98MIDL07009312345678", "BE71096123456769"]),
    "pcenc": st.lists(st.sampled_from(["A", "%20", "z", "%C3%A9", "1"]), min_size=1, max_size=10).map("".join),
    "couponcode": st.sampled_from(
        ["012345612345611110123", "0123456123456111101233991231", "012345612345611110123951201"]
    ),
    "couponposoffer": st.sampled_from(["001234561234560123456", "061234567890121234569123456789012345"]),
    "yesno": st.sampled_from("01"),
    "zero": st.just("0"),
    "winding": st.sampled_from("019"),
    "hyphen": st.just("-"),
    "importeridx": st.sampled_from("-_0Az"),
    "nozeroprefix": st.integers(0, 10**12 - 1).map(str),
}
"""Values that satisfy a linter; the check digits and prefixes depend on the length and stand below."""


def good_component(component: Component) -> st.SearchStrategy[str]:
    """Return a strategy of values that conform."""
    kind, least, most, _, linters = component
    for linter in linters:
        if linter in GOOD:
            return GOOD[linter]
    if "csum" in linters:
        return _text("N", most - 1, most - 1).map(_with_check_digit)
    if "csumalpha" in linters:
        body = st.tuples(_text("N", 4, 4), _text("X", 1, most - 6)).map("".join)
        return body.filter(lambda text: not text.isdigit()).map(lambda text: text + check_pair(text))
    if "gcppos1" in linters:
        return st.tuples(_text("N", 4, 4), _text(kind, 0, most - 4)).map("".join)
    if "nonzero" in linters:
        return _text(kind, least, most).filter(lambda text: text.strip("0") != "")
    return _text(kind, least, most)


@st.composite
def good_values(draw: st.DrawFn, ai: str) -> str:
    """Draw a value that conforms; optional components may be left out from any of them on."""
    text = ""
    for component in entries()[ai].components:
        if component[3] and draw(st.booleans()):
            break
        text += draw(good_component(component))
    return text


def resolve(pattern: str) -> str:
    """Return an AI that a pattern such as 31nn means."""
    return next(ai for ai in entries() if len(ai) == len(pattern) and re.fullmatch(pattern.replace("n", r"\d"), ai))


def companions(ai: str, chosen: int) -> tuple[str, ...]:
    """Return an AI with all that it needs, and what that needs in turn."""
    found: list[str] = []
    todo = [ai]
    while todo:
        one = todo.pop()
        if one not in found:
            found.append(one)
            rows = entries()[one].needs
            if rows and not any(all(resolve(need) in found for need in row) for row in rows):
                todo += [resolve(need) for need in rows[chosen % len(rows)]]
    return tuple(found)
