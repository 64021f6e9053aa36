"""The standard's questions about captured events: parameters to conditions on the table `epcis_events`.

    question = read_question("EQ_bizStep=shipping,receiving&MATCH_epc=urn:epc:id:sgtin:0614141.107346.20%2C18")

Several values of one parameter, with commas between or the parameter repeated, are alternatives; a comma that is part
of a value is written %2C. Several parameters all hold. A parameter that is not known is refused, not passed over: the
answer would be another.

Source: EPCIS 2.0, section 8.2.7.1 (SimpleEventQuery).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

import orjson

from pipeline.capture.epcis.times import milliseconds
from pipeline.capture.epcis.vocabulary import BIZ_STEP, DISPOSITION, TRANSACTION
from pipeline.domain.identifiers.canonical import link_of

PER_PAGE: Final = 100
MOST_PER_PAGE: Final = 1_000
_TRANSACTION: Final = "EQ_bizTransaction_"
_PATTERN: Final = "urn:epc:idpat:"
_FIRST_MS, _LAST_MS = -2_208_988_800_000, 10_413_791_999_000  # what the columns hold
_KIND_OF_MATCH: Final = {
    "MATCH_epc": "['epcList', 'childEPCs']",
    "MATCH_parentID": "['parentID']",
    "MATCH_anyEPC": "['parentID', 'epcList', 'childEPCs', 'inputEPCList', 'outputEPCList']",
}


class BadQuestion(Exception):  # noqa: N818  says what is the matter
    """A parameter is not known or its value makes no sense; the message says which and what would be right."""


@dataclass(frozen=True)
class Token:
    """Where a page ended: the last event of it."""

    record_ms: int
    identity: str
    kind: str

    def text(self) -> str:
        """Return it as the client is given it."""
        told = orjson.dumps([self.record_ms, self.identity, self.kind])
        return base64.urlsafe_b64encode(told).decode().rstrip("=")


@dataclass(frozen=True)
class Question:
    """A question as SQL: conditions with parameters, and the page asked for."""

    conditions: tuple[str, ...]
    parameters: dict[str, Any]
    per_page: int
    after: Token | None


class _Asking:
    """Conditions as they come together."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.parameters: dict[str, Any] = {}

    def put(self, kind: str, value: object) -> str:
        """Take a value in and return what stands for it in a condition."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"{{{name}:{kind}}}"

    def texts(self, values: Iterable[str]) -> str:
        """Take texts in and return what stands for them."""
        return self.put("Array(String)", list(values))


def read_question(query: str) -> Question:
    """Read a question as it stands behind the question mark of its URL.

    Raises: BadQuestion.
    """
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in parameters_of(query):
        values[name] += [unquote_plus(value)] if name in _SINGLE else _alternatives(name, value)
    per_page = _per_page(values.pop("perPage", [str(PER_PAGE)]))
    after = _token(values.pop("nextPageToken", []))
    asking = _Asking()
    for name, wanted in values.items():
        _add(asking, name, wanted)
    return Question(tuple(asking.conditions), asking.parameters, per_page, after)


def _alternatives(name: str, written: str) -> Iterator[str]:
    """Yield the values between commas; many clients encode these too: so where no value can have one, and before a URI.

    A comma in the serial of an EPC has no further URI behind it.
    """
    between = _COMMA if name in _WORDS else _COMMA_BEFORE_URI
    for part in written.split(","):
        yield from between.split(unquote_plus(part))


def parameters_of(query: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a URL's query in their order, their names decoded, their values as they are written."""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if part:
            yield unquote_plus(name), value


def _add(asking: _Asking, name: str, wanted: list[str]) -> None:
    if name.startswith(_TRANSACTION) and len(name) > len(_TRANSACTION):
        kind = asking.put("String", TRANSACTION.bare(name.removeprefix(_TRANSACTION)))
        ids = asking.texts(link_of(one) for one in wanted)
        is_one = f"(kind, id) -> kind = {kind} AND has({ids}, id)"
        asking.conditions.append(f"arrayExists({is_one}, transaction_types, transactions)")
    elif name in _KIND_OF_MATCH:
        _match(asking, name, wanted)
    elif name in _CONDITIONS:
        _CONDITIONS[name](asking, name, wanted)
    else:
        known = ", ".join([*_CONDITIONS, *_KIND_OF_MATCH, f"{_TRANSACTION}TYPE", "perPage", "nextPageToken"])
        message = f"{name}: there is no such parameter; there are {known}."
        raise BadQuestion(message)


def _match(asking: _Asking, name: str, wanted: list[str]) -> None:
    """Ask for identifiers, or for all that fit a pattern: those whose link begins with its class's."""
    beginnings = [_beginning(one) for one in wanted if one.startswith(_PATTERN)]
    exact = [link_of(one) for one in wanted if not one.startswith(_PATTERN)]
    fits = []
    if exact:
        fits.append(f"has({asking.texts(exact)}, epc)")
    if beginnings:
        fits.append(f"arrayExists(beginning -> startsWith(epc, beginning), {asking.texts(beginnings)})")
    is_one = f"(field, epc) -> has({_KIND_OF_MATCH[name]}, field) AND ({' OR '.join(fits)})"
    asking.conditions.append(f"arrayExists({is_one}, epc_fields, epcs)")


def _beginning(pattern: str) -> str:
    link = link_of(pattern)
    if link == pattern:
        message = f"{pattern}: only patterns of one class are understood, as urn:epc:idpat:sgtin:0614141.107346.*"
        raise BadQuestion(message)
    return f"{link}/" if "/01/" in link or "/8006/" in link or "/8010/" in link else link


def _one_of(column: str, form: Callable[[str], str]) -> Callable[[_Asking, str, list[str]], None]:
    def add(asking: _Asking, _: str, wanted: list[str]) -> None:
        asking.conditions.append(f"has({asking.texts(form(one) for one in wanted)}, ifNull({column}, ''))")

    return add


def _time(condition: str) -> Callable[[_Asking, str, list[str]], None]:
    def add(asking: _Asking, name: str, wanted: list[str]) -> None:
        moment = milliseconds(wanted[0])
        if len(wanted) > 1 or moment is None:
            message = f"{name}: one time with a zone, as 2026-11-02T09:20:00Z; + in a URL is written %2B."
            raise BadQuestion(message)
        limit = asking.put("Int64", min(max(moment, _FIRST_MS), _LAST_MS))
        asking.conditions.append(f"{condition} fromUnixTimestamp64Milli({limit})")

    return add


def _declared(asking: _Asking, name: str, wanted: list[str]) -> None:
    if wanted[-1] not in {"", "true", "false"}:
        message = f"{name}: true, or false for the events that are not declared wrong."
        raise BadQuestion(message)
    asking.conditions.append(f"kind = '{'EVENT' if wanted[-1] == 'false' else 'DECLARATION'}'")


def _per_page(wanted: list[str]) -> int:
    text = wanted[-1]
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_PER_PAGE):  # noqa: PLR2004  digits
        message = f"perPage: a number from 1 to {MOST_PER_PAGE:,}."
        raise BadQuestion(message)
    return int(text)


def _token(wanted: list[str]) -> Token | None:
    if not wanted:
        return None
    try:
        told = orjson.loads(base64.urlsafe_b64decode(wanted[-1] + "=" * (-len(wanted[-1]) % 4)))
        record_ms, identity, kind = told
        if not (isinstance(record_ms, int) and isinstance(identity, str) and isinstance(kind, str)):
            raise ValueError  # noqa: TRY301  the same as one that cannot be read at all
        return Token(min(max(record_ms, _FIRST_MS), _LAST_MS), identity, kind)
    except (ValueError, TypeError, binascii.Error) as error:
        message = "nextPageToken: not one that was given here; ask from the first page on."
        raise BadQuestion(message) from error


def _as_it_is(text: str) -> str:
    return text


_WORDS: Final = frozenset({"eventType", "EQ_action", "EQ_bizStep", "EQ_disposition"})
_COMMA, _COMMA_BEFORE_URI = re.compile(","), re.compile(",(?=urn:|ni:|https?://)")
_SINGLE: Final = frozenset({"nextPageToken", "perPage", "EXISTS_errorDeclaration"})
_CONDITIONS: Final[dict[str, Callable[[_Asking, str, list[str]], None]]] = {
    "eventType": _one_of("type", _as_it_is),
    "GE_eventTime": _time("event_time >="),
    "LT_eventTime": _time("event_time <"),
    "GE_recordTime": _time("record_time >="),
    "LT_recordTime": _time("record_time <"),
    "EQ_action": _one_of("action", _as_it_is),
    "EQ_bizStep": _one_of("biz_step", BIZ_STEP.bare),
    "EQ_disposition": _one_of("disposition", DISPOSITION.bare),
    "EQ_readPoint": _one_of("read_point", link_of),
    "EQ_bizLocation": _one_of("biz_location", link_of),
    "EQ_eventID": _one_of("identity", _as_it_is),
    "EXISTS_errorDeclaration": _declared,
}
