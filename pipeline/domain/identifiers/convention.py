"""Conventions of an organisation: codes of its own making, declared as a pattern with named parts, and their lint.

    [[convention]]
    name = "asset tag"
    pattern = "{year:YYYY}-{category:PUMP|VALVE}-{sequence:N6}"
    key = "asset:{category}/{code}"     # how a code becomes a unit key; {code} is all of it
    first_year = 2019

A part is digits (N6), capital letters (A3), either (X4), of lengths such as N1..6, a year (YYYY, YY), or one of some
words. The part `year` is linted against the years in question (two digits ahead of this year are of the last century
where `first_year` reaches there), `sequence` for gaps among codes alike in all else.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pipeline.domain.identifiers.epc_schemes import EPC_ONLY
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.foreign import foreign_name
from pipeline.domain.unit_key import BadUnitKey, UnitKey, build

_PART: Final = re.compile(r"\{([a-z][a-z0-9_]*):([^{}]+)\}")
_NAME: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SIZED: Final = re.compile(r"([NAX])(\d{1,2})(?:\.\.(\d{1,2}))?")
_CLASSES: Final = {"N": "0-9", "A": "A-Z", "X": "0-9A-Z"}
_YEARS: Final = {"YYYY": "[0-9]{4}", "YY": "[0-9]{2}"}
_CODE: Final = "code"
_SYMBOLOGY: Final = re.compile(r"\A\][A-Za-z][0-9A-Za-z]")
_CENTURY: Final = 100


class BadConvention(ValueError):
    """A declaration that does not say what a code is."""


@dataclass(frozen=True, slots=True)
class Convention:
    """One declared pattern."""

    name: str
    pieces: tuple[tuple[str, str], ...]
    """The pattern in order: a part's name (empty for plain text) and what matches it."""
    scheme: str
    key_parts: tuple[str, ...]
    first_year: int

    def parts_of(self, code: str) -> dict[str, str] | None:
        """Return a code's parts by name, None where it is not of this pattern."""
        found = re.fullmatch("".join(f"({form})" for _, form in self.pieces), code)
        named = found and zip(self.pieces, found.groups(), strict=True)
        return {name: text for (name, _), text in named if name} if named else None

    def unit_key(self, code: str, parts: dict[str, str]) -> UnitKey:
        """Return the unit key of a code of this pattern.

        Raises:
            BadUnitKey: it is too long for one.
        """
        texts = {**parts, _CODE: code}
        return build(self.scheme, *(_NAME.sub(lambda name: texts[name[1]], part) for part in self.key_parts))

    def misfit(self, code: str) -> tuple[int, str]:
        """Return how far a code keeps to the pattern, and the part where it leaves it."""
        at = 0
        for name, form in self.pieces:
            found = re.compile(form).match(code, at)
            if found is None:
                return at, name or form.replace("\\", "")
            at = found.end()
        return at, "end"


def read_conventions(text: str) -> tuple[Convention, ...]:
    """Read declarations in TOML.

    Raises:
        BadConvention: one is wrong, and how.
    """
    try:
        declared = tomllib.loads(text).get("convention", [])
        return tuple(_convention(one) for one in declared)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        message = f"a convention has name, pattern and key: {error}"
        raise BadConvention(message) from error


def _convention(declared: dict[str, Any]) -> Convention:
    name, pattern, key = str(declared["name"]), str(declared["pattern"]), str(declared["key"])
    pieces = tuple(_pieces(pattern))
    _check_names(name, [part for part, _ in pieces if part])
    scheme, _, rest = key.partition(":")
    if wrong := foreign_name(key) or (f"under {scheme}, a scheme of EPCs" if scheme in EPC_ONLY else ""):
        message = f"{name}: the key {key!r} is {wrong}: choose another scheme"
        raise BadConvention(message)
    convention = Convention(name, pieces, scheme, tuple(rest.split("/")), _first_year(name, declared))
    example = {part: "1" for part, _ in pieces if part}
    try:
        convention.unit_key("1", example)
    except (BadUnitKey, KeyError) as error:
        message = f"{name}: the key {key!r} makes no unit key: {error}"
        raise BadConvention(message) from error
    return convention


def _check_names(convention: str, parts: Sequence[str]) -> None:
    twice = sorted({part for part in parts if parts.count(part) > 1})
    if twice:
        message = f"{convention}: the pattern has the part {twice[0]} twice: each has a name of its own"
        raise BadConvention(message)


def _first_year(convention: str, declared: dict[str, Any]) -> int:
    year = declared.get("first_year", 0)
    try:
        return int(year)
    except (TypeError, ValueError) as error:
        message = f"{convention}: first_year is a year such as 2019, not {year!r}"
        raise BadConvention(message) from error


def _pieces(pattern: str) -> Iterable[tuple[str, str]]:
    at = 0
    for part in _PART.finditer(pattern):
        if part.start() > at:
            yield "", re.escape(pattern[at : part.start()])
        yield part[1], _form(part[2])
        at = part.end()
    if at < len(pattern):
        yield "", re.escape(pattern[at:])
    if at == 0 or "{" in _PART.sub("", pattern):
        message = f"the pattern {pattern!r} has no parts such as {{sequence:N6}}, or a bracket too many"
        raise BadConvention(message)


def _form(text: str) -> str:
    if text in _YEARS:
        return _YEARS[text]
    if sized := _SIZED.fullmatch(text):
        least, most = int(sized[2]), int(sized[3] or sized[2])
        if least > most:
            message = f"the part {text!r} is {least} characters at least and {most} at most: the fewer come first"
            raise BadConvention(message)
        return f"[{_CLASSES[sized[1]]}]{{{least},{most}}}"
    return "|".join(re.escape(word) for word in text.split("|"))


def year_fault(convention: Convention, parts: dict[str, str], this_year: int | None) -> Finding | None:
    """Return what is wrong with a code's year: before the first one, or after this one."""
    text = parts.get("year", "")
    if not text.isdigit():
        return None
    year = int(text) if len(text) > 2 else _whole_year(int(text), convention.first_year, this_year)  # noqa: PLR2004
    if convention.first_year <= year <= (this_year or year):
        return None
    wanted = f"{convention.first_year} to {this_year}" if this_year else f"{convention.first_year} or later"
    return Finding("part year", "year", f"{convention.name}: {text} is not {wanted}")


def _whole_year(digits: int, first_year: int, this_year: int | None) -> int:
    """Return the year that two digits mean: of this century, or of the last where that is not over the first year."""
    year = digits + _CENTURY * ((this_year or 2000) // _CENTURY)
    is_ahead = this_year is not None and year > this_year
    return year - _CENTURY if is_ahead and 0 < first_year <= year - _CENTURY else year


def nearest_convention(conventions: Sequence[Convention], code: str) -> Finding | None:
    """Say where a code leaves the convention that it keeps to longest; None where it keeps to none at all."""
    tried = [(*convention.misfit(code), convention) for convention in conventions]
    at, part, convention = max(tried, key=lambda one: one[0], default=(0, "", None))
    if convention is None or at == 0:
        return None
    plain = code.strip().upper()
    nearest = plain if plain != code and convention.parts_of(plain) is not None else None
    return Finding(f"character {at + 1}", "convention", f"{convention.name}: {part!r} is not so here", nearest)


def gaps(conventions: Sequence[Convention], codes: Iterable[str]) -> list[Finding]:
    """Return the numbers that are missing between the lowest and the highest of codes alike in all else."""
    groups: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for code in codes:
        for convention in conventions:
            parts = convention.parts_of(_SYMBOLOGY.sub("", code))
            if parts and parts.get("sequence", "").isdigit():
                number = int(parts.pop("sequence"))
                groups[(convention.name, *parts.values())].add(number)
                break
    return [
        Finding(
            " ".join(group),
            "gap",
            f"{low + 1} is missing" if high == low + 2 else f"{low + 1} to {high - 1} are missing",
        )
        for group, numbers in sorted(groups.items())
        for low, high in pairwise(sorted(numbers))
        if high > low + 1
    ]
