"""One name for a document, however its identifier is written: as EPC URN, or as Digital Link of any host.

    one_name("asn:urn:epc:id:gdti:0614141.06012.1234")     # "asn:https://id.gs1.org/253/06141410601221234"
    one_name("asn:4711")                                   # "asn:4711"

Whoever expects a document and whoever scans under it may write it differently; the ledger compares names letter by
letter.
"""

from typing import Final

import polars as pl

from pipeline.capture.epcis.canonical import link_of
from pipeline.domain.expected import document_kind

_URIS: Final = ("urn:epc:", "http://", "https://")
_URI: Final = "|".join(f":{uri}" for uri in _URIS)


def one_name(name: str) -> str:
    """Return a document's name with the one Digital Link of its identifier, where it has one; else the name."""
    kind, _, identifier = name.partition(":")
    return f"{kind}:{link_of(identifier)}" if document_kind(name) and identifier.startswith(_URIS) else name


def one_names(names: list[str | None]) -> list[str | None]:
    """Return one name for each document that scans name, null where they name none."""
    joined = "\n".join(filter(None, names))
    if not any(uri in joined for uri in _URIS):
        return names
    return [name and one_name(name) for name in names]


def one_names_of(names: pl.Series) -> pl.Series:
    """Return one name for each document of a column."""
    written = names.filter(names.str.contains(_URI).fill_null(value=False)).unique()
    if written.is_empty():
        return names
    return names.replace(written, pl.Series([one_name(name) for name in written], dtype=pl.String))
