"""What documents told before have against a scan: rows "documents" of the rules, written from their words."""

from collections.abc import Mapping

from tests.oracle.belonging import Record, own_key

Documents = Mapping[str, Mapping[str, str]]
"""By document, the units it expects, each with the sale it must have been under, empty where none is told."""
_SURPRISES = {
    ("asn", "RECEIVE"): "NOT_EXPECTED",
    ("order", "PICK"): "WRONG_UNIT",
    ("order", "SHIP"): "NOT_EXPECTED",
    ("rma", "RETURN"): "RETURN_MISMATCH",
}
_SALE = "sale "


def told_by_papers(scan: Record, documents: Documents) -> frozenset[str]:
    """Returns, at a scan's arrival, why its document does not expect it, or the sale it must have had."""
    expected = documents.get(scan["document"] or "")
    if expected is None:
        return frozenset()
    kind, sale = scan["document"].partition(":")[0], expected.get(own_key(scan))
    if sale is None:
        return frozenset({_SURPRISES.get((kind, scan["step"]), "")} - {""})
    return frozenset({_SALE + sale} if sale and (kind, scan["step"]) == ("rma", "RETURN") else ())


def fault_of_papers(told: frozenset[str], sale: str | None) -> str:
    """Returns the reason that a scan's document gives at its place in the unit's life, empty where none."""
    surprise = next((word for word in told if word in _SURPRISES.values()), "")
    wanted = next((word.removeprefix(_SALE) for word in told if word.startswith(_SALE)), sale)
    return surprise or ("RETURN_MISMATCH" if wanted != sale else "")
