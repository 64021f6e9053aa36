"""The event hash of CBV 2.0: one text of all that an event says, whatever it was written in, and its digest.

Flow: an event in JSON-LD with bare words -> the pre-hash text -> ni:///sha-256;…?ver=CBV2.0

Source: CBV 2.0, section 8.9.2, in the order of fields of its reference software, which differs from the text of the
standard in this: transactions, sources and destinations come after the sensors, each with its type in front.
recordTime, eventID and errorDeclaration are not part of the hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pipeline.capture.epcis.events import EVENT_TYPES
from pipeline.capture.epcis.names import Prefixes
from pipeline.capture.epcis.times import milliseconds, utc
from pipeline.capture.epcis.vocabulary import (
    BIZ_STEP,
    COMPONENT,
    DISPOSITION,
    MEASUREMENT,
    PARTY,
    SENSOR_ALERT,
    TRANSACTION,
    Vocabulary,
)
from pipeline.domain.identifiers.canonical import canonical

Object = Mapping[str, Any]
Pairs = Mapping[str, tuple[Vocabulary, str]]

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_IGNORED: Final = frozenset({"@context", "type", "recordTime", "eventID", "errorDeclaration"})
_COMMENTS: Final = frozenset({"comment", "rdfs:comment"})


def event_hash(event: Object, prefixes: Prefixes) -> str:
    """Return the hash of an event."""
    digest = hashlib.sha256(pre_hash(event, prefixes).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Object, prefixes: Prefixes) -> str:
    """Return the text that is hashed."""
    return _Writer(prefixes).event(event)


class _Writer:
    """Writes the parts of an event; `prefixes` are those of its context."""

    def __init__(self, prefixes: Prefixes) -> None:
        self._prefixes = prefixes

    def event(self, event: Object) -> str:
        """Return the text of a whole event."""
        is_ours = event["type"] in EVENT_TYPES
        order, pairs = (_ORDER, _PAIRS) if is_ours else (_COMMON, {})  # a foreign event's fields may hold anything
        named = "".join(self._field(name, event[name]) for name in order if name in event)
        others = [name for name in event if name not in order and name not in _IGNORED]
        rest = [part for name in others for part in self._trailing(name, event[name], pairs)]
        return f"eventType={event['type']}{named}{''.join(sorted(rest))}"

    def _field(self, name: str, value: Any) -> str:  # noqa: ANN401  JSON
        if name in _LISTS:
            inner = self._sorted(_LISTS[name], value)
            return name + inner if inner else ""
        if isinstance(value, dict):
            inner = self._object(value, _PLACE if name != "persistentDisposition" else _PERSISTENT)
            return name + inner if inner else ""
        return self._sorted(name, value if isinstance(value, list) else [value])

    def _sorted(self, name: str, values: Iterable[Any]) -> str:
        """Return the texts of repeated elements, in order of their letters."""
        return "".join(sorted(self._element(name, value) for value in values))

    def _element(self, name: str, value: Any) -> str:  # noqa: ANN401  JSON
        if isinstance(value, dict):
            inner = self._object(value, _CHILDREN.get(name, ()))
            return name + inner if inner else ""
        text = self._standard(name, value)
        return f"{name}={text}" if text else ""

    def _object(self, value: Object, order: tuple[str, ...]) -> str:
        """Return the fields of an object in the standard's order, then its extensions."""
        fields = (
            self._sorted(name, field if isinstance(field := value[name], list) else [field])
            for name in order
            if name in value
        )
        extensions = [part for name in value if name not in order for part in self._extension(name, value[name])]
        return "".join(fields) + "".join(sorted(extensions))

    def _trailing(self, name: str, value: Any, pairs: Pairs) -> Iterator[str]:  # noqa: ANN401  JSON
        """Yield what comes after the ordered fields: documents, parties, master data and extensions."""
        if name in pairs:
            known, key = pairs[name]
            if value:
                yield name + "".join(sorted(self._pair(known, key, entry) for entry in value))
        else:
            yield from self._extension(name, value)

    def _pair(self, known: Vocabulary, key: str, entry: Object) -> str:
        kind = f"type={self._word(known, entry['type'])}" if "type" in entry else ""
        return f"{kind}{key}={self._text(entry[key])}"

    def _extension(self, name: str, value: Any) -> Iterator[str]:  # noqa: ANN401  JSON
        """Yield the text of an extension, of each of its values where it is a list."""
        if name in _COMMENTS:
            return
        if isinstance(value, list):
            for one in value:
                yield from self._extension(name, one)
            return
        expanded = self._prefixes.expanded(name)
        if not isinstance(value, dict):
            text = self._text(value)
            yield f"{expanded}={text}" if text else expanded
            return
        text = self._text(value.get("#text"))
        inner = sorted(part for key in value if key != "#text" for part in self._extension(key, value[key]))
        yield f"{expanded}={text}{''.join(inner)}" if text else expanded + "".join(inner)

    def _standard(self, name: str, value: Any) -> str:  # noqa: ANN401  JSON
        """Return the text of a field of the standard."""
        if name in _TIMES:
            moment = milliseconds(value)
            return utc(moment) if moment is not None else str(value)
        return self._word(_WORDS[name], value) if name in _WORDS else self._text(value)

    def _word(self, known: Vocabulary, word: str) -> str:
        return known.web(self._prefixes.value(word)) if word not in known.words else known.web(word)

    def _text(self, value: Any) -> str:  # noqa: ANN401  JSON
        """Return a value as the hash writes it: numbers at their shortest, identifiers as Digital Links."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        text = str(value).strip()
        if _NUMBER.fullmatch(text):
            return _number(text)
        return canonical(_of_urn(self._prefixes.value(text)))


def _number(text: str) -> str:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return text
    return str(int(number)) if number.is_integer() else str(number)


def _of_urn(text: str) -> str:
    """Return the Web URI of a standard word's URN, any other text as it is."""
    if text.startswith("urn:epcglobal:cbv:"):
        for known in (BIZ_STEP, DISPOSITION, TRANSACTION, PARTY):
            if text.startswith(known.urn):
                return known.uri + text.removeprefix(known.urn)
    return text


_ORDER: Final = (
    "eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID", "epcList", "inputEPCList", "childEPCs",
    "quantityList", "childQuantityList", "inputQuantityList", "outputEPCList", "outputQuantityList", "action",
    "transformationID", "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "sensorElementList",
)  # fmt: skip
_LISTS: Final = {
    **dict.fromkeys(("epcList", "inputEPCList", "childEPCs", "outputEPCList"), "epc"),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), "quantityElement"
    ),
    "sensorElementList": "sensorElement",
}
_COMMON: Final = ("eventTime", "eventTimeZoneOffset", "certificationInfo")
_PAIRS: Final[Pairs] = {
    "bizTransactionList": (TRANSACTION, "bizTransaction"),
    "sourceList": (PARTY, "source"),
    "destinationList": (PARTY, "destination"),
}
_PLACE: Final = ("id",)
_PERSISTENT: Final = ("set", "unset")
_CHILDREN: Final[dict[str, tuple[str, ...]]] = {
    "quantityElement": ("epcClass", "quantity", "uom"),
    "sensorElement": ("sensorMetadata", "sensorReport"),
    "sensorMetadata": (
        "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
    ),
    "sensorReport": (
        "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
        "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
        "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
        "bizRules",
    ),
}  # fmt: skip
_TIMES: Final = frozenset({"eventTime", "time", "startTime", "endTime"})
_WORDS: Final[dict[str, Vocabulary]] = {
    "bizStep": BIZ_STEP, "disposition": DISPOSITION, "set": DISPOSITION, "unset": DISPOSITION, "type": MEASUREMENT,
    "exception": SENSOR_ALERT, "component": COMPONENT,
}  # fmt: skip
