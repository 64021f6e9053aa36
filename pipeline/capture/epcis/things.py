"""What the identifiers in events name: units by their keys, places by their sites.

    things = Things(base="https://id.example.org/", codes={"gln:0614141007776": "shop-oslo"})
    things.unit("urn:epc:id:sgtin:0614141.107346.2018").key      # "gtin:10614141073464/2018"
    things.place("urn:epc:id:sgln:0614141.00777.400")             # Place("shop-oslo", "400")

A unit that no GS1 key names is a URI: one under the configured base is the ledger's own key of any scheme, any other is
`epc:` and the URI. Classes and patterns name no unit; a GS1 key with a fault in it is not read, and it is told why
(`links` tells these apart).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote

from pipeline.capture.epcis.links import identified, is_private
from pipeline.domain.identifiers import Identified
from pipeline.domain.identifiers.canonical import link_of
from pipeline.domain.unit_key import MAX_BYTES, BadUnitKey, UnitKey, decode_part, encode_part, parse
from pipeline.wire.scan_fields import CAPS

UNITS, SITES = "unit/", "site/"
"""Behind the base: the ledger's own units and sites."""
_PLACE: Final = "sgln:"
_GLN_DIGITS: Final = 13
_PARTY: Final = "417"
_HASHED: Final = 16
_CLASSES: Final = ("urn:epc:class:", "urn:epc:idpat:", "urn:epc:pat:")
_TOO_LONG: Final = f"is longer than a unit key may be: at most {MAX_BYTES} bytes"


class Place(NamedTuple):
    """Where something happened."""

    site: str
    location: str | None


@dataclass(frozen=True)
class Unit:
    """A single thing."""

    key: str
    attributes: Mapping[str, str]
    """By GS1 application identifier."""


@dataclass(frozen=True)
class Unread:
    """An identifier that is to name a single thing and cannot be read."""

    why: str
    nearest: str | None = None
    """The nearest right one, where it is plain to see."""


@dataclass
class Things:
    """Tells what identifiers name; remembers what it was asked, for events name a thing again and again."""

    base: str
    """Beginning of the URIs of units and sites that have no GS1 key."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Sites by what `code_of` makes of their codes."""
    _found: dict[str, Unit | Unread | None] = field(default_factory=dict)

    def unit(self, uri: str) -> Unit | None:
        """Return the unit that a URI names, None where it names none."""
        found = self._remembered(uri)
        return found if isinstance(found, Unit) else None

    def unread(self, uri: str) -> Unread | None:
        """Return why a URI is not read; None where it names a unit, a class, a pattern or a place."""
        found = self._remembered(uri)
        return found if isinstance(found, Unread) and code_of(uri) not in self.codes else None

    def name(self, uri: str) -> str:
        """Return the one text of what a URI names, in whatever form it is written: its key, else its Digital Link."""
        unit = self.unit(uri)
        return link_of(uri) if unit is None else unit.key

    def is_place(self, uri: str) -> bool:
        """Whether a URI names a place: a GLN, or what the site table has among its codes."""
        unit = self.unit(uri)
        return code_of(uri) in self.codes or (unit is not None and unit.key.startswith((_PLACE, "uri:")))

    def place(self, uri: str) -> Place:
        """Return site and location of a URI; where nobody has loaded it, its GLN or the URI itself is the site."""
        code = code_of(uri)
        if code in self.codes:
            return Place(self.codes[code], None)
        if uri.startswith(self.base + SITES):
            return Place(fitted(unquote(uri.removeprefix(self.base + SITES)), CAPS["site"]), None)
        gln, extension = _gln_of(identified(uri))
        if gln is None:
            return Place(fitted(uri, CAPS["site"]), None)
        site = f"gln:{gln}"
        return Place(self.codes.get(site, site), fitted(extension, CAPS["location"]) if extension else None)

    def place_key(self, uri: str) -> str | None:
        """Return the unit key of a place, for what is said of the place itself."""
        found = identified(uri)
        if found.unit_key is not None and found.unit_key.startswith(_PLACE):
            return found.unit_key
        return _single("uri", uri)

    def _remembered(self, uri: str) -> Unit | Unread | None:
        if uri not in self._found:
            self._found[uri] = self._find(uri)
        return self._found[uri]

    def _find(self, uri: str) -> Unit | Unread | None:
        if uri.startswith(self.base + UNITS):
            return _own(uri.removeprefix(self.base + UNITS))
        found = identified(uri)
        if found.ok:
            return Unit(found.unit_key, found.attributes) if found.unit_key else None
        if is_private(uri, found):
            key = _single("epc", uri)
            return Unit(key, {}) if key else Unread(_TOO_LONG)
        first = found.errors[0]
        return None if uri.lower().startswith(_CLASSES) else Unread(first.message, first.nearest)


def code_of(text: str) -> str:
    """Return the one form of a site's code: `gln:…` for a GLN, `sgln:…` with an extension, any other as it is."""
    if len(text) == _GLN_DIGITS and text.isascii() and text.isdigit():
        return f"gln:{text}"
    gln, extension = _gln_of(identified(text))
    if gln is None:
        return text
    return f"{_PLACE}{gln}{encode_part(extension)}" if extension else f"gln:{gln}"


def fitted(text: str, most_bytes: int) -> str:
    """Return a text that has so many bytes at most; a longer one ends in a hash of the whole."""
    if len(text.encode()) <= most_bytes:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASHED]
    return text.encode()[: most_bytes - _HASHED - 1].decode(errors="ignore") + "~" + digest


def _gln_of(found: Identified) -> tuple[str | None, str]:
    if found.unit_key is not None and found.unit_key.startswith(_PLACE):
        whole = found.unit_key.removeprefix(_PLACE)
        return whole[:_GLN_DIGITS], decode_part(whole[_GLN_DIGITS:])
    return found.attributes.get(_PARTY) if found.ok else None, ""


def _own(text: str) -> Unit | Unread:
    try:
        return Unit(parse(unquote(text)).text, {})
    except BadUnitKey as wrong:
        return Unread(str(wrong))


def _single(scheme: str, uri: str) -> str | None:
    try:
        return UnitKey.checked("", f"{scheme}:{encode_part(uri)}").text
    except BadUnitKey:  # too long for a key
        return None
