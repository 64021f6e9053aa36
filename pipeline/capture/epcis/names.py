"""The names of extensions: prefixes of a JSON-LD context and namespaces of XML, told to each other.

prefixes = Prefixes.of_context(document["@context"])
prefixes.expanded("ex:grade")             # "{https://ns.example.com/epcis/}grade"
prefixes.value("cbv:BizStep-shipping")    # "https://ref.gs1.org/cbv/BizStep-shipping"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

STANDARD_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
MASTER_DATA: Final = "urn:epcglobal:cbv:mda"
STANDARD_PREFIXES: Final[Mapping[str, str]] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": MASTER_DATA,
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
"""Those that the standard's own context has."""


@dataclass(frozen=True)
class Prefixes:
    """Namespaces by prefix."""

    namespaces: Mapping[str, str]

    @classmethod
    def of_context(cls, *contexts: object) -> Self:
        """Read the prefixes of contexts, the later ones over the earlier; what is no prefix is left out."""
        own = {prefix: _namespace(uri) for context in contexts for prefix, uri in _terms(context)}
        return cls({**STANDARD_PREFIXES, **own})

    def expanded(self, name: str) -> str:
        """Return a name with its namespace in braces; a name without one as it is."""
        prefix, colon, local = name.partition(":")
        if colon and not local.startswith("//") and prefix in self.namespaces:
            return f"{{{self.namespaces[prefix]}}}{local}"
        if name.startswith(("http://", "https://")):
            cut = max(name.rfind("/"), name.rfind("#")) + 1
            return f"{{{name[:cut]}}}{name[cut:]}"
        return name

    def value(self, text: str) -> str:
        """Return a text with a prefix in front expanded; any other as it is."""
        prefix, colon, local = text.partition(":")
        if colon and not local.startswith("//") and prefix in self.namespaces:
            return self.namespaces[prefix] + local
        return text


class Namer:
    """Gives the namespaces of an XML document prefixes of JSON-LD, those that it has there where they are free."""

    def __init__(self) -> None:
        self._prefixes = {namespace: prefix for prefix, namespace in STANDARD_PREFIXES.items()}
        self._wanted: dict[str, str] = {}
        self._used: dict[str, str] = {}

    def declare(self, prefix: str, namespace: str) -> None:
        """Take note of a declaration of the document."""
        self._wanted.setdefault(_namespace(namespace), prefix)

    def name(self, tag: str) -> str:
        """Return the name of an element or attribute, which ElementTree writes with its namespace in braces."""
        if not tag.startswith("{"):
            return tag
        namespace, _, local = tag[1:].partition("}")
        return f"{self._prefix(_namespace(namespace))}:{local}"

    def context(self) -> list[str | dict[str, str]]:
        """Return the JSON-LD context of the names given."""
        return [STANDARD_CONTEXT, *([dict(self._used)] if self._used else [])]

    def _prefix(self, namespace: str) -> str:
        known = self._prefixes.get(namespace)
        if known is None:
            wanted = self._wanted.get(namespace, "")
            known = wanted if wanted and wanted not in self._prefixes.values() else self._free()
            self._prefixes[namespace] = known
            self._used[known] = namespace
        return known

    def _free(self) -> str:
        taken = {*self._prefixes.values(), *self._wanted.values()}
        return next(name for number in range(len(taken) + 1) if (name := f"ns{number + 1}") not in taken)


def _terms(context: object) -> Iterator[tuple[str, str]]:
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            for prefix, uri in part.items():
                if isinstance(uri, str) and not prefix.startswith("@"):
                    yield prefix, uri


def _namespace(uri: str) -> str:
    """Return a namespace as the hash writes it; JSON-LD ends that of master data with a colon, XML does not."""
    return MASTER_DATA if uri == f"{MASTER_DATA}:" else uri
