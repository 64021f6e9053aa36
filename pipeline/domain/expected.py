"""What units are expected: the documents that name them, remembered in the unit's own record.

Flow: a document's name and a unit -> an entry of the unit's; the rules compare a scan's document with it.
"""

from collections.abc import Collection
from typing import Final

import numpy as np

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import hash_slice
from pipeline.domain.unit_state import Units

DOCUMENT_KINDS: Final = ("asn", "order", "count", "rma")
"""What the part of a document's name before the colon may be; a kind's number is its place here, from 1."""

EXPECTED_MOST: Final = 32
"""Documents remembered per unit; the oldest is forgotten first."""

_HALF: Final = 32
_CONTAINERS: Final = ("sscc:", "grai:")


def document_hash(name: str) -> int:
    """Return the number by which facts and entries know a document: as of a scan's document, 0 for no text."""
    text = name.encode()
    return ((hash_slice(np.frombuffer(text, np.uint8), 0, len(text)) >> _HALF) or 1) if text else 0


def names_containers(keys: Collection[str]) -> bool | None:
    """Whether units that a document names are all pallets or boxes that are identified as such; None of no units."""
    return all(key.startswith(_CONTAINERS) for key in keys) if keys else None


def document_kind(name: str) -> int:
    """Return the number of a document's kind, 0 where the name says none."""
    kind, colon, rest = name.partition(":")
    return DOCUMENT_KINDS.index(kind) + 1 if colon and rest and kind in DOCUMENT_KINDS else 0


@compiled
def expect(units: Units, u: int, document: int, kind: int, sale: int) -> bool:
    """Remember that a document expects unit u, sold under `sale` where not 0; False where that was known."""
    head, first = units.heads[u], units.places[u]["first_expected"]
    count = int(head["expected"])
    for j in range(first, first + count):
        entry = units.expected[j]
        if entry["document"] == document and entry["kind"] == kind:
            if entry["sale"] == sale:
                return False
            entry["sale"] = sale
            return True
    if count == EXPECTED_MOST:
        for j in range(first, first + count - 1):
            units.expected[j] = units.expected[j + 1]
        count -= 1
    entry = units.expected[first + count]
    entry["document"], entry["kind"], entry["sale"] = document, kind, sale
    head["expected"] = count + 1
    return True
