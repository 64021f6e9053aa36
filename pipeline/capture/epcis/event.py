"""One event as it was captured: what it says, its identity, and what is kept of it.

Source: CBV 2.0, section 8.9: an event is told from others by its eventID, else by the hash of what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import orjson

from pipeline.capture.epcis.events import AnyEvent, ForeignEvent
from pipeline.capture.epcis.names import STANDARD_CONTEXT, Prefixes
from pipeline.capture.epcis.prehash import event_hash
from pipeline.capture.epcis.times import milliseconds

_EPC_FIELDS: Final = (
    ("parentID", "parent_id"), ("epcList", "epc_list"), ("childEPCs", "child_epcs"),
    ("inputEPCList", "input_epc_list"), ("outputEPCList", "output_epc_list"),
)  # fmt: skip


@dataclass(frozen=True)
class Captured:
    """One event that the judge found right."""

    content: Mapping[str, Any]
    """As JSON-LD has it, without the document's context."""
    said: AnyEvent | ForeignEvent
    contexts: tuple[object, ...]
    """Of its document and its own."""

    @cached_property
    def hash(self) -> str:
        """The event hash of CBV 2.0."""
        return event_hash(self.content, Prefixes.of_context(*self.contexts))

    @property
    def identity(self) -> str:
        """What tells the event from others."""
        return self.said.event_id or self.hash

    @property
    def event_time(self) -> int:
        """When it happened, in milliseconds since 1970."""
        return _moment(self.said.event_time)

    @property
    def declaration_time(self) -> int | None:
        """When it was declared wrong, in milliseconds since 1970; None where it was not."""
        declaration = self.said.error_declaration
        return None if declaration is None else _moment(declaration.declaration_time)

    @cached_property
    def text(self) -> bytes:
        """What is kept of it, as JSON."""
        return orjson.dumps(self.kept)

    @property
    def kept(self) -> dict[str, Any]:
        """The event as a document of its own: with every context that it needs."""
        parts: list[object] = []
        for context in self.contexts:
            for part in context if isinstance(context, list) else [context]:
                if part is not None and part not in parts:
                    parts.append(part)
        own = {name: value for name, value in self.content.items() if name != "@context"}
        return {"@context": parts or [STANDARD_CONTEXT], **own}

    @property
    def epcs(self) -> tuple[tuple[str, str], ...]:
        """Every identifier of a thing or pattern in it, with its field's name: the parent first, then the lists."""
        return tuple((str(path[0]), epc) for path, epc in self.named)

    @property
    def named(self) -> Iterator[tuple[tuple[int | str, ...], str]]:
        """The same with the path to each."""
        for field, name in _EPC_FIELDS:
            value = getattr(self.said, name, None)
            if isinstance(value, str):
                yield (field,), value
            else:
                yield from (((field, place), epc) for place, epc in enumerate(value or []))


def _moment(text: str) -> int:
    moment = milliseconds(text)
    assert moment is not None  # the judge has seen to it
    return moment
