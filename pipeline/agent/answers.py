"""What an answer of capture means for what was sent: a pure function of status, headers and body.

Took(receipt)        acknowledged, whole: what it lists as malformed is refused, the rest is on the ledger's log
Later(seconds, why)  not now: send the same again
TooLarge()           send less at once
Stopped(why)         nothing of this agent is taken: its key or its address is wrong

What answers need not be capture: whatever it says is kept and shown in plain letters, and no more of it than a person
reads.
"""

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

_LONGEST_SECONDS: Final = 3600.0
_SHOWN: Final = 200
LONGEST_TEXT: Final = 2000
NOT_SO: Final = (ValueError, LookupError, TypeError, ArithmeticError)
"""What JSON that says something else than it should is told by."""
_FINAL: Final = frozenset(range(400, 500)) - {408, 409, 425, 429}
_TAKEN: Final = frozenset({200, 202, 422})
_TOO_LARGE: Final = 413


class Answer(NamedTuple):
    """An answer as it came; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Malformed:
    """One scan that was not queued, by its place in the request."""

    index: int
    field: str
    reason: str
    message: str


@dataclass(frozen=True)
class Took:
    """A receipt; `clock_ahead_seconds` is how far this machine's clock is ahead of capture's, None where not told."""

    id: str
    queued: int
    malformed: list[Malformed] = field(default_factory=list)
    clock_ahead_seconds: float | None = None


@dataclass(frozen=True)
class Later:
    """Not now; `seconds` is what capture asks for, None where it asks for nothing."""

    seconds: float | None
    why: str


@dataclass(frozen=True)
class TooLarge:
    """Too many scans or too many bytes at once."""

    why: str


@dataclass(frozen=True)
class Stopped:
    """Sending the same again would not help; a person must do something."""

    why: str


Meaning = Took | Later | TooLarge | Stopped


def meaning_of(answer: Answer, sent: int, payload_sha256: str) -> Meaning:
    """Return what an answer means for a request of so many scans with this body."""
    if answer.status in _TAKEN and (took := _receipt(answer.body, sent, payload_sha256)):
        return took
    if answer.status == _TOO_LARGE:
        return TooLarge(_said(answer.body))
    return refusal_of(answer)


def refusal_of(answer: Answer) -> Later | Stopped:
    """Return what an answer that is not the one asked for means.

    One that is no refusal at all is of something on the way, as the login page of a guest network, which passes.
    """
    why = f"{answer.status}: {_said(answer.body)}"
    return Stopped(why) if answer.status in _FINAL else Later(_retry_after(answer.headers), why)


def _receipt(body: bytes, sent: int, payload_sha256: str) -> Took | None:
    """Return a receipt that accounts for every scan of the body that was sent, None where it does not."""
    try:
        told = json.loads(body)
        queued, malformed, name = told["counts"]["queued"], _malformed(told["malformed"]), str(told["id"])
        is_ours = told["payload_sha256"] == payload_sha256 and queued + len(malformed) == sent
        has_name = bool(name) and name == plain(name, _SHOWN)
        in_range = all(0 <= one.index < sent for one in malformed)
        ahead = told.get("skew_seconds")
        return (
            Took(name, queued, malformed, None if ahead is None else -float(ahead))
            if is_ours and in_range and has_name
            else None
        )
    except (*NOT_SO, RecursionError):
        return None


def _malformed(faults: list[dict[str, Any]]) -> list[Malformed]:
    """Join the faults of each scan."""
    by_index: dict[int, list[dict[str, Any]]] = {}
    for fault in faults:
        by_index.setdefault(int(fault["index"]), []).append(fault)
    return [
        Malformed(
            index,
            plain(", ".join(str(one["field"] or "scan") for one in some)),
            plain(some[0]["reason"]),
            plain("; ".join(str(one["message"]) for one in some)),
        )
        for index, some in sorted(by_index.items())
    ]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, a number or a date; an hour at most."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_SECONDS)
    try:
        when = email.utils.parsedate_to_datetime(text)
        seconds = when.timestamp() - time.time()
    except NOT_SO:
        return None
    return min(max(seconds, 0.0), _LONGEST_SECONDS)


def _said(body: bytes) -> str:
    """Return what an answer says to people, of a problem its detail; without a full stop."""
    try:
        told = json.loads(body)
        text = f"{told['error']}: {told['detail']}" if "error" in told else str(told["detail"])
    except (*NOT_SO, RecursionError):
        text = body[:_SHOWN].decode(errors="replace")
    return plain(text, 2 * _SHOWN).strip().rstrip(".") or "no more said"


def plain(text: object, most: int = LONGEST_TEXT) -> str:
    """Return a text as it may be kept and shown: printable, half characters among what is not, and not too long."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text)[:most])
