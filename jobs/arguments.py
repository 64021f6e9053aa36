"""What people type, read strictly: unit keys, steps, times, lists; a wrong one is told what would have been right."""

import difflib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar

import typer

from jobs.code_reading import readers_own
from pipeline.domain.scan import STEPS
from pipeline.domain.unit_key import UnitKey, parse

KEY_EXAMPLE = "sku:ACME/WIDGET-1/ABC123"
_LAST_MS = 10_382_256_000_000  # 2299-01-01
TIME_FORM = "2026-11-23T14:05:00Z (ISO 8601; without a zone it is UTC)"

Word = TypeVar("Word", bound=StrEnum)


def unit_key(text: str) -> UnitKey:
    """Return the unit key of a code in any syntax; raises typer.BadParameter with what would be right."""
    found = readers_own().read_one(text.strip())
    if found.key is not None:
        return parse(found.key)
    message = f"{text!r} names no unit: {found.wrong}; a unit key is scheme:part/serial, as {KEY_EXAMPLE}"
    raise typer.BadParameter(message)


def unit_key_text(text: str) -> str:
    """Return the text of a unit key that may be left out."""
    return unit_key(text).text if text else ""


def step(text: str) -> str:
    """Return the step in upper case; an unknown one is told the nearest."""
    word = text.strip().upper().replace("-", "_").replace(" ", "_")
    if word in STEPS:
        return word
    message = f"unknown step {text!r}{nearest(word, STEPS)}"
    raise typer.BadParameter(message)


def moment(text: str) -> int:
    """Return milliseconds since 1970 of an ISO 8601 time; without a zone it is UTC."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as error:
        message = f"{text!r} is no time; the form is {TIME_FORM}"
        raise typer.BadParameter(message) from error
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def as_of(text: str) -> datetime | None:
    """Return the time of an --as-of, None where it is left out; it lies within what the warehouse's times hold."""
    if not text:
        return None
    milliseconds = moment(text)
    if not 0 <= milliseconds < _LAST_MS:
        message = f"{text!r} is not between 1970 and 2299"
        raise typer.BadParameter(message)
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def days(text: str) -> int:
    """Return days since 1970 of a date, YYYY-MM-DD."""
    try:
        return (date.fromisoformat(text.strip()) - date(1970, 1, 1)).days
    except ValueError as error:
        message = f"{text!r} is no date; the form is 2026-11-23"
        raise typer.BadParameter(message) from error


def pairs(given: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE arguments by name."""
    split = [pair.partition("=") for pair in given]
    for name, equals, value in split:
        if not equals or not name.strip():
            message = f"{name + equals + value!r}: the form is NAME=VALUE"
            raise typer.BadParameter(message)
    return {name.strip(): value for name, _, value in split}


def words(text: str, kind: type[Word]) -> list[Word]:
    """Return a comma-separated list of words of one kind, in the order given, without doubles."""
    return [kind(word) for word in words_of(text, [str(word) for word in kind])]


def texts(text: str) -> list[str]:
    """Return texts joined by commas; none of an empty one."""
    return [part.strip() for part in text.split(",") if part.strip()]


def words_of(text: str, known: Sequence[str]) -> list[str]:
    """Return a comma-separated list of known words, written in any case, in the order given, without doubles."""
    as_known = {word.lower(): word for word in known}
    chosen: dict[str, None] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        word = part.lower().replace("-", "_") if part.lower() not in as_known else part.lower()
        if word not in as_known:
            message = f"{part!r} is none of {', '.join(known)}{likely(word, list(as_known))}"
            raise typer.BadParameter(message)
        chosen[as_known[word]] = None
    return list(chosen)


def nearest(word: str, known: Sequence[str]) -> str:
    """Return "; did you mean …?" or all there are where nothing is near."""
    return likely(word, known) or f"; there are {', '.join(known)}"


def likely(word: str, known: Sequence[str]) -> str:
    """Return "; did you mean …?" or nothing where nothing is near."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
