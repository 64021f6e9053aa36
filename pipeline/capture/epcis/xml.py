"""EPCIS 2.0 and 1.2 in XML as the same thing in JSON-LD, so that one judge judges both.

Flow: bytes of a document, a query's answer or one event -> the object that JSON-LD has for it.

Faults of EPCIS are not looked for here: what is wrong goes into the object as it is, and the judge finds it there.
Elements may stand in any order; the header is not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

from pipeline.capture.epcis.names import Namer
from pipeline.capture.epcis.vocabulary import (
    BIZ_STEP,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT,
    PARTY,
    SENSOR_ALERT,
    TRANSACTION,
    Vocabulary,
)
from pipeline.capture.epcis.xml_tree import read_tree

Object = dict[str, Any]

_EPCIS: Final = re.compile(r"\{urn:epcglobal:epcis(?:-query)?:xsd:[12]\}")
_WRAPPERS: Final = frozenset({"extension", "baseExtension"})
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_SENSED_NUMBERS: Final = ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue")


def read_xml(content: bytes) -> Object:
    """Return the object of a document, a query's answer or an event.

    Raises: NotXml where the bytes cannot be read as XML.
    """
    root, namer = read_tree(content)
    reader = _Reader(namer)
    tag = _plain(root.tag)
    made = reader.document(root, tag) if tag in _DOCUMENTS else reader.event(root)
    return {"@context": namer.context(), **made}  # the names are known only now


class _Reader:
    """Turns elements into objects."""

    def __init__(self, namer: Namer) -> None:
        self._namer = namer

    def document(self, root: Element, tag: str) -> Object:
        """Return a document; its attributes are fields in JSON-LD."""
        made: Object = {"type": tag}
        made |= {name: value for name, value in root.items() if name in {"schemaVersion", "creationDate"}}
        body = _child(root, "EPCISBody")
        if body is not None:
            made["epcisBody"] = self._results(body) if tag == "EPCISQueryDocument" else self._event_list(body)
        return made

    def event(self, element: Element) -> Object:
        """Return an event."""
        made: Object = {"type": self._namer.name(element.tag)}
        for child in _unwrapped(element):
            read = _EVENT_FIELDS.get(child.tag, _generic)
            _add(made, self._namer.name(child.tag), read(child, self._namer), child.tag)
        return made

    def _results(self, body: Element) -> Object:
        results = _child(body, "QueryResults")
        if results is None:
            return {}
        made: Object = {
            name: _text(found) for name in ("queryName", "subscriptionID") if (found := results.find(name)) is not None
        }
        found = results.find("resultsBody")
        return {"queryResults": made if found is None else made | {"resultsBody": self._event_list(found)}}

    def _event_list(self, body: Element) -> Object:
        found = _child(body, "EventList")
        return {} if found is None else {"eventList": [self.event(one) for one in _unwrapped(found)]}


def _plain(tag: str) -> str:
    return _EPCIS.sub("", tag)


def _child(element: Element, tag: str) -> Element | None:
    return next((child for child in element if _plain(child.tag) == tag), None)


def _unwrapped(element: Element) -> Iterator[Element]:
    """Yield the children, those of the extension elements of 1.2 and 2.0 among them."""
    for child in element:
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _add(made: Object, name: str, value: object, tag: str = "") -> None:
    """Add a value; what may be there once only and is there again becomes a list, which the judge refuses."""
    if name not in made:
        made[name] = [value] if tag in _REPEATED else value
    elif isinstance(made[name], list) and (tag in _REPEATED or tag not in _EVENT_FIELDS):
        made[name].append(value)
    else:
        made[name] = [made[name], value]


def _number(text: str) -> float | int | str:
    if not _NUMBER.fullmatch(text):
        return text
    if text.lstrip("+-").isdigit() and len(text) < 18:  # noqa: PLR2004  digits of 64 bits
        return int(text)
    return number if math.isfinite(number := float(text)) else text  # JSON has no 1e999; the judge refuses a text


def _generic(element: Element, namer: Namer) -> object:
    """Return an extension's value: its text, or an object of its text, attributes and children."""
    attributes = [(name, value) for name, value in element.items() if not name.startswith(_XSI)]
    if not attributes and not len(element):
        return _text(element)
    made: Object = {"#text": text} if (text := _text(element)) else {}
    for name, value in attributes:
        _add(made, namer.name(name), value.strip())
    for child in element:
        _add(made, namer.name(child.tag), _generic(child, namer))
    return made


def _plain_text(element: Element, _: Namer) -> str:
    return _text(element)


def _word(known: Vocabulary) -> Callable[[Element, Namer], str]:
    return lambda element, _: known.bare(_text(element))


def _texts(tag: str) -> Callable[[Element, Namer], list[object]]:
    def read(element: Element, _: Namer) -> list[object]:
        return [_text(child) if child.tag == tag else {child.tag: _text(child)} for child in element]

    return read


def _place(element: Element, namer: Namer) -> Object:
    made: Object = {}
    for child in _unwrapped(element):
        _add(made, namer.name(child.tag), _generic(child, namer))
    return made


def _quantities(element: Element, _: Namer) -> list[Object]:
    return [
        {
            child.tag: _number(_text(child)) if child.tag == "quantity" else _text(child)
            for child in one
            if child.get(f"{_XSI}nil") not in {"true", "1"}
        }
        for one in element
    ]


def _typed(known: Vocabulary) -> Callable[[Element, Namer], list[Object]]:
    def read(element: Element, _: Namer) -> list[Object]:
        return [{name: known.bare(value) for name, value in one.items()} | {one.tag: _text(one)} for one in element]

    return read


def _persistent(element: Element, _: Namer) -> Object:
    made: Object = {}
    for child in element:
        made.setdefault(child.tag, []).append(DISPOSITION.bare(_text(child)))
    return made


def _declaration(element: Element, namer: Namer) -> Object:
    made: Object = {}
    for child in _unwrapped(element):
        _add(made, namer.name(child.tag), _DECLARATION_FIELDS.get(child.tag, _generic)(child, namer))
    return made


def _elements(element: Element, namer: Namer) -> list[Object]:
    return [_sensor_element(child, namer) for child in _unwrapped(element)]


def _sensor_element(element: Element, namer: Namer) -> Object:
    made: Object = {}
    for child in _unwrapped(element):
        if child.tag == "sensorReport":
            made.setdefault("sensorReport", []).append(_sensed(child, namer))
        elif child.tag == "sensorMetadata":
            _add(made, "sensorMetadata", _sensed(child, namer))
        else:
            _add(made, namer.name(child.tag), _generic(child, namer))
    return made


def _sensed(element: Element, namer: Namer) -> Object:
    attributes = ((name, value.strip()) for name, value in element.items() if not name.startswith(_XSI))
    return {namer.name(name): _SENSED.get(name, str)(value) for name, value in attributes}


_DOCUMENTS: Final = frozenset({"EPCISDocument", "EPCISQueryDocument"})
_SENSED: Final[dict[str, Callable[[str], object]]] = {
    "type": MEASUREMENT.bare,
    "exception": SENSOR_ALERT.bare,
    "component": COMPONENT.bare,
    "booleanValue": lambda text: _BOOLEANS.get(text, text),
    **dict.fromkeys(_SENSED_NUMBERS, _number),
}
_DECLARATION_FIELDS: Final[dict[str, Callable[[Element, Namer], object]]] = {
    "declarationTime": _plain_text,
    "reason": _word(ERROR_REASON),
    "correctiveEventIDs": _texts("correctiveEventID"),
}
_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_EVENT_FIELDS: Final[dict[str, Callable[[Element, Namer], object]]] = {
    **dict.fromkeys(
        (
            "eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "certificationInfo", "parentID", "action",
            "transformationID",
        ),
        _plain_text,
    ),
    "bizStep": _word(BIZ_STEP),
    "disposition": _word(DISPOSITION),
    **dict.fromkeys(_LISTS, _texts("epc")),
    **dict.fromkeys(_QUANTITIES, _quantities),
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": _typed(TRANSACTION),
    "sourceList": _typed(PARTY),
    "destinationList": _typed(PARTY),
    "persistentDisposition": _persistent,
    "sensorElementList": _elements,
    "ilmd": _place,
    "errorDeclaration": _declaration,
}  # fmt: skip
_REPEATED: Final = frozenset({"certificationInfo"})
