"""What the documents say of a scan when it arrives: whether its unit is expected under the document that it names.

Flow: the documents known, the facts of a batch, what their units are expected for -> `paper` and `sale` of each fact.

It is judged once, on arrival, by what had been told until then, and the fact remembers it: a document told later
changes no verdict (the document's own report counts it all the same). Whether the sale fits is judged in the life, at
the scan's place, for a sale may come late.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.expected import DOCUMENT_KINDS
from pipeline.domain.membership import is_derived, names_other_unit
from pipeline.domain.scan import PICK, RECEIVE, RETURN, SHIP
from pipeline.domain.unit_state import Record, Units
from pipeline.domain.verdict import NONE, NOT_EXPECTED, RETURN_MISMATCH, WRONG_UNIT

_ASN: Final = DOCUMENT_KINDS.index("asn") + 1
_ORDER: Final = DOCUMENT_KINDS.index("order") + 1
_RMA: Final = DOCUMENT_KINDS.index("rma") + 1
_SHORT: Final = 0x7FFE


@compiled
def short_of(sale: int) -> int:
    """Return 14 bits of a sale's hash, as a fact has room for, never 0: one wrong sale in 16,384 goes unnoticed."""
    return (sale & _SHORT) | 1


@compiled
def place_of_document(documents: npt.NDArray[np.void], document: int) -> int:
    """Return the place of a document that somebody told of, -1 of any other; `documents` are ordered by hash."""
    low, high = 0, len(documents)
    while low < high:
        middle = (low + high) // 2
        if documents[middle]["document"] < document:
            low = middle + 1
        else:
            high = middle
    return low if low < len(documents) and documents[low]["document"] == document else -1


@compiled
def surprise_of(kind: int, step: int) -> int:
    """Return the reason of a step under a document that does not name the unit; NONE where it may have others."""
    if kind == _ASN and step == RECEIVE:
        return NOT_EXPECTED
    if kind == _ORDER and step == PICK:
        return WRONG_UNIT
    if kind == _ORDER and step == SHIP:
        return NOT_EXPECTED
    return RETURN_MISMATCH if kind == _RMA and step == RETURN else NONE


@compiled
def judge_paper(units: Units, u: int, fact: Record, document: Record) -> None:
    """Note on a fact under a known document whether its unit is expected, and the sale it must have been sold under."""
    kind = int(document["kind"])
    first = units.places[u]["first_expected"]
    for j in range(first, first + int(units.heads[u]["expected"])):
        entry = units.expected[j]
        if entry["document"] == fact["document"]:
            if entry["sale"] != 0 and kind == _RMA and fact["step"] == RETURN:
                fact["sale"] = short_of(entry["sale"])
            return
    if document["names_containers"] != 0:
        if not is_derived(fact):  # what is in a container comes with it: whether it is in one, its life says
            fact["paper"] = -surprise_of(kind, fact["step"])
    elif units.heads[u]["edges"] == 0:  # what others are packed in is not what a document of single units names
        fact["paper"] = surprise_of(kind, fact["step"])


@compiled
def judge_papers(
    documents: npt.NDArray[np.void], facts: npt.NDArray[np.void], asks: npt.NDArray[np.void], units: Units
) -> None:
    """Judge every scan of a batch that names a document which somebody told of."""
    for i in range(len(facts)):
        fact = facts[i]
        if asks[i]["unit"] < 0 or fact["document"] == 0:
            continue
        place = place_of_document(documents, fact["document"])
        if place >= 0:
            judge_paper(units, asks[i]["unit"], fact, documents[place])


@compiled
def fault_of_paper(window: Record, life: Record, scan: Record) -> int:
    """Return what a scan's document, or the warranty, has against it at its place in the unit's life, or NONE."""
    if scan["paper"] > 0 or (scan["paper"] < 0 and not is_contained(life, scan)):
        return abs(int(scan["paper"]))
    if scan["sale"] != 0 and short_of(life["sale"]) != scan["sale"]:
        return RETURN_MISMATCH
    return RETURN_MISMATCH if scan["step"] == RETURN and is_beyond_warranty(window, life, scan) else NONE


@compiled
def is_contained(life: Record, scan: Record) -> bool:
    """Whether a unit is in a container at a scan, or comes into one by it."""
    return bool(life["container"] != 0 or (scan["link"] != 0 and not names_other_unit(scan["step"])))


@compiled
def is_beyond_warranty(window: Record, life: Record, scan: Record) -> bool:
    """Whether a unit comes back from its sale later than its warranty lasts; one without a warranty never does."""
    is_sold = window["warranty_ms"] > 0 and life["sold_at"] > life["returned_at"]
    return bool(is_sold and scan["event_time"] - life["sold_at"] > window["warranty_ms"])
