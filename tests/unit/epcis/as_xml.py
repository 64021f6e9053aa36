"""Events of JSON-LD written as XML, 2.0 and 1.2: the inverse of the reader under test."""

from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from pipeline.capture.epcis.vocabulary import BIZ_STEP, DISPOSITION, ERROR_REASON, PARTY, TRANSACTION
from tests.unit.epcis.events import Object

_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_PAIRS: Final = {
    "bizTransactionList": ("bizTransaction", TRANSACTION),
    "sourceList": ("source", PARTY),
    "destinationList": ("destination", PARTY),
}
_WORDS: Final = {"bizStep": BIZ_STEP, "disposition": DISPOSITION}
_IN_EXTENSION_OF_1_2: Final = ("quantityList", "childQuantityList", "sourceList", "destinationList", "ilmd")
_IN_BASE_EXTENSION_OF_1_2: Final = ("eventID", "errorDeclaration")
NEW_IN_2_0: Final = ("sensorElementList", "persistentDisposition", "certificationInfo")


def document_xml(*events: Object, version: str = "2.0") -> bytes:
    """Return a capture document in XML."""
    inner = "".join(_listed(event, version) for event in events)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:{version[0]}"'
        ' xmlns:ex="https://ns.example.com/epcis/" xmlns:cbvmda="urn:epcglobal:cbv:mda"'
        f' schemaVersion="{version}" creationDate="2026-11-02T10:00:00Z"><EPCISBody><EventList>{inner}</EventList>'
        "</EPCISBody></epcis:EPCISDocument>"
    ).encode()


def query_document_xml(*events: Object) -> bytes:
    """Return the answer of a query in XML."""
    inner = "".join(event_xml(event, "2.0") for event in events)
    return (
        '<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2" xmlns:ex="https://ns.example.com/epcis/"'
        ' xmlns:cbvmda="urn:epcglobal:cbv:mda" schemaVersion="2.0" creationDate="2026-11-02T10:00:00Z"><EPCISBody>'
        "<q:QueryResults><queryName>one</queryName>"
        f"<resultsBody><EventList>{inner}</EventList></resultsBody></q:QueryResults></EPCISBody></q:EPCISQueryDocument>"
    ).encode()


def event_xml(event: Object, version: str) -> str:
    """Return one event in XML."""
    parts = {name: _field(name, value) for name, value in event.items() if name not in ("type", "@context")}
    if version == "2.0":
        return f"<{event['type']}>{''.join(parts.values())}</{event['type']}>"
    base = "".join(parts.pop(name) for name in _IN_BASE_EXTENSION_OF_1_2 if name in parts)
    wrapped = () if event["type"] == "TransformationEvent" else _IN_EXTENSION_OF_1_2
    more = "".join(parts.pop(name) for name in wrapped if name in parts)
    first, last = (
        f"<baseExtension>{base}</baseExtension>" if base else "",
        f"<extension>{more}</extension>" if more else "",
    )
    return f"<{event['type']}>{first}{''.join(parts.values())}{last}</{event['type']}>"


def _listed(event: Object, version: str) -> str:
    inner = event_xml(event, version)
    is_wrapped = version == "1.2" and event["type"] == "TransformationEvent"
    return f"<extension>{inner}</extension>" if is_wrapped else inner


def _field(name: str, value: Any) -> str:  # noqa: ANN401  JSON
    return _element(name, _FIELDS[name](name, value)) if name in _FIELDS else _extension(name, value)


def _epcs(_: str, value: list[str]) -> str:
    return "".join(_element("epc", escape(epc)) for epc in value)


def _quantities(_: str, value: list[Object]) -> str:
    return "".join(_element("quantityElement", _plain(one)) for one in value)


def _pairs(name: str, value: list[Object]) -> str:
    return "".join(_pair(*_PAIRS[name], one) for one in value)


def _word(name: str, value: str) -> str:
    return escape(_WORDS[name].urn + value if value in _WORDS[name].words else value)


def _persistent(_: str, value: Object) -> str:
    words = [(kind, word) for kind in ("unset", "set") for word in value.get(kind, ())]
    return "".join(_element(kind, DISPOSITION.urn + word) for kind, word in words)


def _sensors(_: str, value: list[Object]) -> str:
    return "".join(_sensor_element(one) for one in value)


def _declaration(_: str, value: Object) -> str:
    ids = "".join(_element("correctiveEventID", one) for one in value.get("correctiveEventIDs", ()))
    reason = _element("reason", ERROR_REASON.urn + value["reason"]) if "reason" in value else ""
    others = {name: one for name, one in value.items() if name not in ("reason", "correctiveEventIDs")}
    return _plain(others) + reason + (_element("correctiveEventIDs", ids) if ids else "")


def _pair(tag: str, known: Any, one: Object) -> str:  # noqa: ANN401  a Vocabulary
    kind = f" type={quoteattr(known.urn + one['type'])}" if "type" in one else ""
    return f"<{tag}{kind}>{escape(one[tag])}</{tag}>"


def _sensor_element(one: Object) -> str:
    metadata = _attributes("sensorMetadata", one["sensorMetadata"]) if "sensorMetadata" in one else ""
    reports = "".join(_attributes("sensorReport", report) for report in one["sensorReport"])
    others = {name: value for name, value in one.items() if name not in ("sensorMetadata", "sensorReport")}
    return _element("sensorElement", metadata + reports + _plain(others))


def _attributes(tag: str, fields: Object) -> str:
    prefixed = {"type": "gs1:", "exception": "gs1:", "component": "cbv:Comp-"}
    told = {name: f"{prefixed.get(name, '')}{_text(value)}" for name, value in fields.items()}
    return f"<{tag} {' '.join(f'{name}={quoteattr(value)}' for name, value in told.items())}/>"


def _plain(fields: Object) -> str:
    return "".join(_extension(name, value) for name, value in fields.items())


def _extension(name: str, value: Any) -> str:  # noqa: ANN401  JSON
    if isinstance(value, list):
        return "".join(_extension(name, one) for one in value)
    return _element(name, _plain(value) if isinstance(value, dict) else escape(_text(value)))


def _text(value: Any) -> str:  # noqa: ANN401  JSON
    return str(value).lower() if isinstance(value, bool) else str(value)


def _element(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>"


_FIELDS: Final[dict[str, Callable[[str, Any], str]]] = {
    **dict.fromkeys(_LISTS, _epcs),
    **dict.fromkeys(_QUANTITIES, _quantities),
    **dict.fromkeys(_PAIRS, _pairs),
    **dict.fromkeys(_WORDS, _word),
    "persistentDisposition": _persistent,
    "sensorElementList": _sensors,
    "errorDeclaration": _declaration,
}
