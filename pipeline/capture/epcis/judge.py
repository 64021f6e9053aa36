"""Whether a document, a query's answer or a bare event is as the standard wants it, each event by itself.

Flow: an object of JSON -> its events, and the faults with the path to each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from pipeline.capture.epcis.documents import Document, QueryDocument
from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.events import EVENT_TYPES, ForeignEvent
from pipeline.capture.epcis.faults import Fault, faults_of, path_of
from pipeline.capture.epcis.names import Prefixes

MOST_NESTED: Final = 100
_DOCUMENTS: Final[dict[str, tuple[type[BaseModel], tuple[str, ...]]]] = {
    "EPCISDocument": (Document, ("epcisBody", "eventList")),
    "EPCISQueryDocument": (QueryDocument, ("epcisBody", "queryResults", "resultsBody", "eventList")),
}
"""By type: the model, and where the events are."""

Path = tuple[int | str, ...]


@dataclass(frozen=True)
class Judged:
    """What was found: events in their order, each with the number it has in its document, and faults."""

    events: tuple[tuple[int, Captured], ...]
    faults: tuple[Fault, ...]
    is_whole: bool
    """Whether the document itself is right, so that its right events may be taken without the wrong ones."""
    path: tuple[str, ...] = ()
    """To the list of events; of a bare event it is empty."""


def judge(document: object) -> Judged:
    """Judge a document, a query's answer or a bare event."""
    if not isinstance(document, dict):
        return _refused(Fault("$", "is no object"))
    if _is_too_deep(document):
        return _refused(Fault("$", f"is nested deeper than {MOST_NESTED} levels"))
    kind = document.get("type")
    if isinstance(kind, str) and kind in _DOCUMENTS:
        return _judge_document(document, *_DOCUMENTS[kind])
    faults = list(_event_faults(document, (), None))
    if "@context" not in document:
        faults.append(Fault(path_of(["@context"]), "is missing"))
    if faults:
        return Judged((), tuple(faults), is_whole=True)
    return Judged(((0, _captured(document, None)),), (), is_whole=True)


def _judge_document(document: dict[str, Any], model: type[BaseModel], path: tuple[str, ...]) -> Judged:
    try:
        model.model_validate(document)
    except ValidationError as error:
        return _refused(*faults_of(error))
    events: Any = document
    for part in path:
        events = events[part]
    context = document["@context"]
    faults = [list(_event_faults(event, (*path, number), context)) for number, event in enumerate(events)]
    right = [number for number, found in enumerate(faults) if not found]
    taken = tuple((number, _captured(events[number], context)) for number in right)
    return Judged(taken, tuple(fault for found in faults for fault in found), is_whole=True, path=path)


def _refused(*faults: Fault) -> Judged:
    return Judged((), faults, is_whole=False)


def _event_faults(event: object, path: Path, context: object) -> Iterator[Fault]:
    if not isinstance(event, dict):
        yield Fault(path_of(path), "is no object")
        return
    try:
        _validated(event, context)
    except ValidationError as error:
        yield from faults_of(error, path)


def _captured(event: Mapping[str, Any], context: object) -> Captured:
    return Captured(event, _validated(event, context), (context, event.get("@context")))


def _validated(event: Mapping[str, Any], context: object) -> Any:  # noqa: ANN401  of the event's own type
    """Return what an event says, its words read with the prefixes of its document and its own."""
    prefixes = Prefixes.of_context(context, event.get("@context"))
    return _model_of(event).model_validate(event, context=prefixes)


def _model_of(event: Mapping[str, Any]) -> type[Any]:
    kind = event.get("type")
    return EVENT_TYPES.get(kind, ForeignEvent) if isinstance(kind, str) else ForeignEvent


def _is_too_deep(document: object) -> bool:
    """Whether objects and lists are nested deeper than anything here recurses into."""
    level: list[object] = [document]
    for _ in range(MOST_NESTED):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
