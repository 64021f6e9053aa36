"""What the fields of events and documents may hold: URIs, times, words; a fault is said where it is.

Source: EPCIS 2.0 and its JSON Schema with formats asserted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from pipeline.capture.epcis import vocabulary
from pipeline.capture.epcis.names import Prefixes
from pipeline.capture.epcis.times import OFFSET, milliseconds
from pipeline.capture.epcis.uris import is_uri
from pipeline.capture.epcis.vocabulary import Vocabulary

_BARRED_GS1: Final = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")
_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_UNIT: Final = re.compile(r"[A-Z0-9]{2,3}")
_HEX: Final = re.compile(r"[A-Fa-f0-9]+")
_SHOWN: Final = 80
_STANDARD: Final = Prefixes.of_context()


def wrong(message: str) -> PydanticCustomError:
    """Return the fault that says this; raise it in a validator."""
    return PydanticCustomError("epcis", "{message}", {"message": message})


def shown(text: str) -> str:
    """Return a text as a message quotes it, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def _not_null(value: object) -> object:
    if value is None:
        message = "is null; leave it out"
        raise wrong(message)
    return value


def _uri(text: str) -> str:
    if not is_uri(text):
        message = f"{shown(text)} is no URI"
        raise wrong(message)
    return text


def _name(text: str) -> str:
    if not is_uri(text):
        message = f"{shown(text)} is no field of the standard here, and an extension needs a namespace: prefix:name"
        raise wrong(message)
    return text


def _time(text: str) -> str:
    if milliseconds(text) is None:
        message = f"{shown(text)} is no time with a zone; the form is 2026-11-02T09:20:00.000Z or …+01:00"
        raise wrong(message)
    return text


def _matching(pattern: re.Pattern[str], form: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            message = f"{shown(text)}: the form is {form}"
            raise wrong(message)
        return text

    return check


def _word(known: Vocabulary, barred: re.Pattern[str] = vocabulary.BARRED) -> AfterValidator:
    """Return what takes a word as it is written, and reads it with the prefixes that the validation is given."""

    def check(text: str, info: ValidationInfo) -> str:
        if text in known.words:
            return text
        if is_uri(text) and not barred.match(text):
            prefixes = info.context if isinstance(info.context, Prefixes) else _STANDARD
            return known.bare(prefixes.value(text))
        message = f"{shown(text)} is no word of the standard vocabulary, and no URI of another one"
        raise wrong(message)

    return AfterValidator(check)


def _unique(items: list[Any]) -> list[Any]:
    seen: set[bytes] = set()
    for item in items:
        key = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
        if key in seen:
            message = f"{shown(key.decode())} is there twice"
            raise wrong(message)
        seen.add(key)
    return items


def _some(items: list[Any]) -> list[Any]:
    if not items:
        message = "is empty"
        raise wrong(message)
    return items


def _context(value: object) -> object:
    parts: Sequence[object] = value if isinstance(value, list) else [value]
    for part in parts:
        if not isinstance(part, dict) and not (isinstance(part, str) and is_uri(part)):
            message = "a context is a URI, an object, or a list of these"
            raise wrong(message)
    if isinstance(value, list):
        _unique(value)
    return value


def _one_or_more_uris(value: object) -> object:
    texts: Sequence[object] = value if isinstance(value, list) else [value]
    for text in texts:
        if not (isinstance(text, str) and is_uri(text)):
            message = "is a URI or a list of URIs"
            raise wrong(message)
    return list(texts)


Part = TypeVar("Part")
Maybe = Annotated[Part | None, BeforeValidator(_not_null)]
"""What may be left out; a null in its place is a fault."""
Uri = Annotated[str, AfterValidator(_uri)]
Name = Annotated[str, AfterValidator(_name)]
"""Of an extension."""
Time = Annotated[str, AfterValidator(_time)]
ZoneOffset = Annotated[str, AfterValidator(_matching(OFFSET, "+01:00, from -14:00 to +14:00"))]
Version = Annotated[str, AfterValidator(_matching(_VERSION, "2.0"))]
MeasureUnit = Annotated[str, AfterValidator(_matching(_UNIT, "two or three capitals or digits, as KGM"))]
HexBinary = Annotated[str, AfterValidator(_matching(_HEX, "hexadecimal digits"))]
Context = Annotated[Any, BeforeValidator(_context)]
Uris = Annotated[list[Any], BeforeValidator(_one_or_more_uris)]
BizStep = Annotated[str, _word(vocabulary.BIZ_STEP)]
Disposition = Annotated[str, _word(vocabulary.DISPOSITION)]
TransactionType = Annotated[str, _word(vocabulary.TRANSACTION)]
PartyType = Annotated[str, _word(vocabulary.PARTY)]
ErrorReason = Annotated[str, _word(vocabulary.ERROR_REASON)]
Component = Annotated[str, _word(vocabulary.COMPONENT)]
SensorAlert = Annotated[str, _word(vocabulary.SENSOR_ALERT, _BARRED_GS1)]
Measurement = Annotated[str, _word(vocabulary.MEASUREMENT, _BARRED_GS1)]
Unique = AfterValidator(_unique)
Some = AfterValidator(_some)


class Strict(BaseModel):
    """A part of an event or document: nothing is converted, names are the standard's."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel, extra="ignore")


class Closed(Strict):
    """A part without extensions."""

    model_config = ConfigDict(extra="forbid")


class Extensible(Strict):
    """A part whose other fields are extensions, each with a namespace."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Name, Any]
