"""Where and under which documents an event happened, as its scans say it.

Flow: an event -> site, location, destination, documents by step, and what else is kept as attributes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from pipeline.capture.epcis.events import AnyEvent
from pipeline.capture.epcis.things import Place, Things, fitted
from pipeline.capture.epcis.vocabulary import FLAGS, table
from pipeline.domain.identifiers.canonical import link_of
from pipeline.domain.identifiers.document_name import one_name
from pipeline.wire.scan_fields import CAPS

UNKNOWN: Final = "unknown"
_MOST_VALUE: Final = 500  # bytes of one attribute
_DESTINATIONS: Final = ("location", "possessing_party")


@dataclass(frozen=True)
class Setting:
    """What holds of all scans of an event."""

    place: Place
    place_uri: str | None
    destination: str | None
    transactions: tuple[tuple[str, str], ...]
    """Type and identifier of each document; the type is empty where none is given."""
    attributes: dict[str, str]

    def document(self, step: str) -> str | None:
        """Return the document of a scan of that step, under the one name that whoever expects it has for it too."""
        chosen = self._chosen(step)
        return None if chosen is None else fitted(one_name(_beginnings(step)[chosen[0]] + chosen[1]), CAPS["document"])

    def other_documents(self, step: str) -> dict[str, str]:
        """Return the documents that a scan of that step does not name as its own, by type."""
        chosen = self._chosen(step)
        found: dict[str, str] = {}
        for kind, identifier in self.transactions:
            if (kind, identifier) != chosen:
                name = f"transaction_{kind}" if kind else "transaction"
                found[name] = f"{found[name]} {identifier}" if name in found else identifier
        return found

    def _chosen(self, step: str) -> tuple[str, str] | None:
        return next((one for kind in _beginnings(step) for one in self.transactions if one[0] == kind), None)


def setting_of(event: AnyEvent, things: Things, only_site: str | None) -> Setting:
    """Return the setting of an event; `only_site` is where it was captured, if that is one place."""
    read_point = event.read_point.id if event.read_point else None
    business = event.biz_location.id if event.biz_location else None
    uri = read_point or business
    place = things.place(uri) if uri else Place(only_site or UNKNOWN, None)
    attributes: dict[str, str] = {}
    if business is not None and (site := things.place(business).site) != place.site:
        attributes["biz_location"] = site
    for party in event.destination_list or []:
        if party.type == "owning_party":
            attributes["owning_party"] = _pseudonym(link_of(party.destination))
    attributes |= _persistent(event)
    transactions = tuple((one.type or "", one.biz_transaction) for one in event.biz_transaction_list or [])
    return Setting(place, uri, _destination(event, things), transactions, attributes)


def flags_of(event: AnyEvent) -> tuple[str | None, str | None]:
    """Return the flags that a persistent disposition sets and unsets, as a scan writes them."""
    said = getattr(event, "persistent_disposition", None)
    if said is None:
        return None, None
    return _joined(FLAGS & set(said.set or [])), _joined(FLAGS & set(said.unset or []))


def shortened(attributes: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return attributes as a scan has them, long values cut."""
    return tuple((fitted(name, CAPS["site"]), fitted(value, _MOST_VALUE)) for name, value in attributes.items())


def _beginnings(step: str) -> dict[str, str]:
    """Return the types of documents that a scan of that step may name, the first first, and how each begins there."""
    rules: dict[str, str] = table()["documents"].get(step) or table()["documents"]["other"]
    return rules


def _destination(event: AnyEvent, things: Things) -> str | None:
    by_type = {one.type: one.destination for one in reversed(event.destination_list or [])}
    found = next((by_type[kind] for kind in _DESTINATIONS if kind in by_type), None)
    return things.place(found).site if found else None


def _persistent(event: AnyEvent) -> dict[str, str]:
    """Return the persistent dispositions that are no flags."""
    said = getattr(event, "persistent_disposition", None)
    if said is None:
        return {}
    words = {"disposition_set": said.set, "disposition_unset": said.unset}
    return {name: told for name, given in words.items() if (told := _joined(set(given or []) - FLAGS))}


def _joined(words: set[str] | frozenset[str]) -> str | None:
    return " ".join(sorted(words)) or None


def _pseudonym(party: str) -> str:
    return f"party:{hashlib.sha256(party.encode()).hexdigest()[:16]}"
