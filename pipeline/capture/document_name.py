"""Names of documents by the column: each distinct one is brought to its one name once.

Flow: the documents that the scans of a request, or the rows of a file, name -> the same under their one names.
"""

import re
from typing import Final

import polars as pl

from pipeline.domain.identifiers.document_name import BEGINNINGS, one_name

_URI: Final = f"(?i):(?:{'|'.join(BEGINNINGS)})"
_WRITTEN: Final = re.compile(_URI)


def one_names(names: list[str | None]) -> list[str | None]:
    """Return one name for each document that scans name, null where they name none."""
    written = {name for name in set(names) if name and _WRITTEN.search(name)}
    if not written:
        return names
    named = {name: one_name(name) for name in written}
    return [name and named.get(name, name) for name in names]


def one_names_of(names: pl.Series) -> pl.Series:
    """Return one name for each document of a column."""
    written = names.filter(names.str.contains(_URI).fill_null(value=False)).unique()
    if written.is_empty():
        return names
    return names.replace(written, pl.Series([one_name(name) for name in written], dtype=pl.String))
