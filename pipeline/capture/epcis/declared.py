"""Events declared wrong: what a declaration does not list of its event is not taken back, and is told.

Flow: declarations, and the events they are about as far as these are there -> by declaration the EPCs left out.

An event may be captured after its declaration, and is kept a moment after it was captured: so what is left out is told
when it is asked for, and as null while the event is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from pipeline.capture.epcis.event import Captured
from pipeline.domain.identifiers.canonical import link_of

Originals = Callable[[Collection[str]], Mapping[str, Collection[str]]]
"""Tells the EPCs of events that are there, by identity; those that are not there are left out."""
_MOST_REMEMBERED: Final = 1_000_000  # EPCs


@dataclass(frozen=True)
class Declared:
    """The declarations of a document, by the identities of their events."""

    listed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The EPCs that they list."""
    originals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Those of the events themselves, where the document has them too."""

    def told(self) -> dict[str, Any]:
        """Return it as a job keeps it; `Declared(**told)` is the way back."""
        return asdict(self)


def declared_in(events: Sequence[Captured]) -> Declared:
    """Return the declarations among events."""
    listed: dict[str, list[str]] = {}
    for event in events:
        if event.declaration_time is not None:
            listed.setdefault(event.identity, []).extend(_epcs(event))
    originals = {
        event.identity: _epcs(event) for event in events if event.identity in listed and event.declaration_time is None
    }
    return Declared(listed, originals)


def left_out(declared: Declared, originals: Originals, name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return by declaration the EPCs of its event that it does not list; null where the event is not there.

    `name` is the one text of what an identifier names.
    """
    missing = declared.listed.keys() - declared.originals.keys()
    of = {**(originals(missing) if missing else {}), **declared.originals}
    found = {
        identity: _without(of[identity], listed, name) if identity in of else None
        for identity, listed in declared.listed.items()
    }
    return [{"identity": identity, "epcs": epcs} for identity, epcs in found.items() if epcs is None or epcs]


class Remembered:
    """The EPCs of events that were read a moment ago and may not be kept yet: of so many, the newest."""

    def __init__(self, name: Callable[[str], str], most_epcs: int = _MOST_REMEMBERED) -> None:
        self.name = name
        self._most, self._count = most_epcs, 0
        self._epcs: dict[str, Sequence[str]] = {}

    def take(self, events: Sequence[Captured]) -> None:
        """Remember events; declarations are none."""
        for event in events:
            if event.declaration_time is None:
                self._forget(event.identity)
                self._epcs[event.identity] = epcs = [epc for _, epc in event.epcs]
                self._count += len(epcs)
        while self._count > self._most:
            self._forget(next(iter(self._epcs)))

    def before(self, originals: Originals) -> Originals:
        """Return what is remembered, and where that is nothing, what others know."""

        def find(identities: Collection[str]) -> Mapping[str, Collection[str]]:
            here = {one: list(map(link_of, self._epcs[one])) for one in identities if one in self._epcs}
            missing = [one for one in identities if one not in here]
            return {**(originals(missing) if missing else {}), **here}

        return find

    def _forget(self, identity: str) -> None:
        self._count -= len(self._epcs.pop(identity, ()))


def _without(of: Collection[str], listed: Collection[str], name: Callable[[str], str]) -> list[str]:
    rest = set(of).difference(listed)
    named = {name(epc) for epc in listed} if rest else set[str]()  # most are listed as they are
    return sorted(epc for epc in rest if name(epc) not in named)


def _epcs(event: Captured) -> list[str]:
    return [link_of(epc) for _, epc in event.epcs]
