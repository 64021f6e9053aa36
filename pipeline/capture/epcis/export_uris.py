"""The ledger's own names as URIs: Digital Links where they are GS1 keys, else URIs under the configured base.

Flow: unit keys, sites and documents -> URIs; `things.Things` reads them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from pipeline.capture.epcis.links import identified
from pipeline.capture.epcis.things import SITES, UNITS
from pipeline.capture.epcis.uris import is_uri
from pipeline.domain.identifiers import identify
from pipeline.domain.identifiers.canonical import canonical
from pipeline.domain.unit_key import decode_part

DOCUMENTS: Final = "document/"
_WHOLE: Final = ("epc:", "uri:")
_GLN: Final = "gln:"
_PLACE: Final = "https://id.gs1.org/414/"
_DOCUMENT_TYPES: Final = {"asn": "desadv", "order": "po", "rma": "rma"}


@dataclass(frozen=True)
class Uris:
    """Writes URIs; `codes` are those of the sites, by what `things.code_of` makes of them."""

    base: str
    codes: Mapping[str, str] = field(default_factory=dict)

    def unit(self, key: str) -> str:
        """Return the URI of a unit."""
        if key.startswith(_WHOLE):
            whole = decode_part(key.partition(":")[2])
            return whole if self._is_private(whole) else self._own(key)
        link = identify(key).digital_link
        return link or self._own(key)

    def _is_private(self, text: str) -> bool:
        """Whether a text is a URI that is read as no other key."""
        return is_uri(text) and not text.startswith(self.base + UNITS) and identified(text).unit_key is None

    def _own(self, key: str) -> str:
        return self.base + UNITS + quote(key, safe="/:")

    def place(self, site: str, location: str | None) -> str:
        """Return the URI of a place within a site; where a site has a GLN, the place is its extension."""
        code = next((code for code, name in self.codes.items() if name == site and code.startswith(_GLN)), None)
        gln = site if site.startswith(_GLN) else code
        if gln is not None:
            link = _PLACE + quote(gln.removeprefix(_GLN), safe="")
            extended = f"{link}/254/{quote(location, safe='')}" if location else link
            found = next((one for one in (extended, link) if identify(one).ok), None)
            return found or self.base + SITES + quote(site, safe="")
        other = next((code for code, name in self.codes.items() if name == site), None)
        if other is not None and (uri := identify(other).digital_link or other) and is_uri(uri):
            return uri
        return site if is_uri(site) else self.base + SITES + quote(site, safe="")

    def document(self, text: str) -> dict[str, str]:
        """Return a document as a business transaction."""
        kind, colon, identifier = text.partition(":")
        known = _DOCUMENT_TYPES.get(kind) if colon else None
        if known is not None and is_uri(identifier):
            return {"type": known, "bizTransaction": identifier}
        uri = self.base + DOCUMENTS + quote(text, safe=":")
        return {"type": known, "bizTransaction": uri} if known else {"bizTransaction": uri}


def linked(uri: str) -> str:
    """Return an EPC URN as a Digital Link; any other URI as it is."""
    return canonical(uri) if uri.startswith("urn:epc:") else uri
