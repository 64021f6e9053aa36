"""Findings: what somebody other than a scan saw of a unit, site, lot or item, as a record of `internal` tells it.

Flow: subject and JSON content of a record -> Finding, or what is wrong with it.

One finding is one (kind, subject, window); it may be told again, told with newer evidence, or told not to hold.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.domain.unit_key import BadUnitKey, parse
from pipeline.domain.verdict import FINDING_KINDS

SUBJECTS: Final = ("unit", "site", "lot", "item")
MOST_SUBJECT_BYTES: Final = 1_024
MOST_NAME_BYTES: Final = 400
MOST_SITE_BYTES: Final = 128
_END_OF_TIME: Final = 10_413_792_000_000
"""The year 2300: tables hold no later time."""
_MOST_VERSION: Final = 1 << 53
"""JSON's numbers are exact up to there."""
_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Window:
    """What a finding is about in time; `name` tells apart what falls into the same time."""

    begin: int
    end: int | None = None
    """None: it goes on."""
    name: str = ""

    @property
    def until(self) -> int:
        """The time by which findings are put in order."""
        return self.begin if self.end is None else self.end


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement: it holds, or it does not.

    `version` puts statements about one finding in order, whichever comes first; None: the later record is the newer.
    """

    kind: str
    subject: str
    window: Window
    holds: bool
    version: int | None = None
    site: str = ""
    """Where it was, if that is one place."""

    @property
    def id(self) -> str:
        """The same for every statement about it."""
        return finding_id(self.kind, self.subject, self.window)


class BadFinding(ValueError):
    """A record states none; the message says what is wrong, beginning with where."""


def finding_id(kind: str, subject: str, window: Window) -> str:
    """Return the id of a finding: hash(kind, subject, window)."""
    parts = (kind, subject, str(window.begin), "" if window.end is None else str(window.end), window.name)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_ID_DIGITS]


def content_of(finding: Finding, evidence: Mapping[str, Any]) -> str:
    """Return the content of the record that states a finding.

    Raises:
        ValueError: The evidence has a number that JSON cannot write.
    """
    window = {"from": finding.window.begin, "to": finding.window.end, "name": finding.window.name}
    content = {"kind": finding.kind, "window": window, "holds": finding.holds, "evidence": dict(evidence)}
    optional = {"version": finding.version, "site": finding.site or None}
    return json.dumps(content | {name: value for name, value in optional.items() if value is not None}, allow_nan=False)


def read_finding(identity: str, subject: str, text: str) -> Finding:
    """Read what a record states.

    Raises:
        BadFinding: it is none: an unknown kind, a subject or content that makes no sense, another id than its own.
    """
    _check_subject(subject)
    try:
        content = json.loads(text, parse_float=_finite, parse_constant=_finite)
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate can be written in JSON and in nothing else
    except (ValueError, RecursionError):
        message = "content: no JSON that can be written"
        raise BadFinding(message) from None
    if not isinstance(content, dict) or not isinstance(content.get("evidence"), dict):
        message = "content: wants an object with kind, window, holds and evidence, an object too"
        raise BadFinding(message)
    finding = Finding(
        kind=_kind(content),
        subject=subject,
        window=_window(content.get("window")),
        holds=_holds(content),
        version=_number(content, "version", "content", _MOST_VERSION),
        site=_text(content, "site", MOST_SITE_BYTES) or _site_of(subject),
    )
    if identity != finding.id:
        message = f"id: is not hash(kind, subject, window), {finding.id}"
        raise BadFinding(message)
    return finding


def _finite(text: str) -> float:
    """Return a number as JSON has them: NaN, Infinity and 1e999 are none, and tables read no field beside them."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _check_subject(subject: str) -> None:
    what, colon, name = subject.partition(":")
    if what not in SUBJECTS or not colon or not name:
        message = "subject: wants unit:KEY, site:NAME, lot:NAME or item:NAME"
        raise BadFinding(message)
    if "\0" in subject or len(subject.encode()) > MOST_SUBJECT_BYTES:
        message = f"subject: no NUL, at most {MOST_SUBJECT_BYTES} bytes"
        raise BadFinding(message)
    if what == "unit":
        try:
            parse(name)
        except BadUnitKey as wrong:
            message = f"subject: {wrong}"
            raise BadFinding(message) from None


def _kind(content: dict[str, Any]) -> str:
    kind = content.get("kind")
    if kind not in FINDING_KINDS:
        message = f"kind: {str(kind)[:40]!a} is no kind of finding; schemas/alerts.toml has them"
        raise BadFinding(message)
    return str(kind)


def _holds(content: dict[str, Any]) -> bool:
    holds = content.get("holds")
    if not isinstance(holds, bool):
        message = "holds: wants true or false"
        raise BadFinding(message)
    return holds


def _window(told: object) -> Window:
    begin = _number(told, "from", "window", _END_OF_TIME) if isinstance(told, dict) else None
    if not isinstance(told, dict) or begin is None:
        message = "window: wants from, in milliseconds since 1970, and to or null"
        raise BadFinding(message)
    end = _number(told, "to", "window", _END_OF_TIME)
    if end is not None and end < begin:
        message = "window: ends before it begins"
        raise BadFinding(message)
    return Window(begin, end, _text(told, "name", MOST_NAME_BYTES))


def _number(told: dict[str, Any], name: str, where: str, below: int) -> int | None:
    number = told.get(name)
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < below:
        message = f"{where}: {name} wants a whole number from 0 to below {below}"
        raise BadFinding(message)
    return number


def _text(told: dict[str, Any], name: str, most: int) -> str:
    text = told.get(name, "")
    if not isinstance(text, str) or len(text.encode()) > most:
        message = f"content: {name} wants a text of at most {most} bytes"
        raise BadFinding(message)
    return text


def _site_of(subject: str) -> str:
    what, _, name = subject.partition(":")
    return name if what == "site" and len(name.encode()) <= MOST_SITE_BYTES else ""
