"""The attributes of scans: names and texts that have no field of their own, from the sender and from codes."""

from __future__ import annotations

from typing import Any, Final

from pipeline.capture.http.columns import Columns
from pipeline.capture.http.units import Units
from pipeline.wire.scan_fields import CAPS

_NAME: Final = "attributes"
_OVERHEAD: Final = 10  # bytes at most of the two lengths of a pair, as encoded

Pairs = list[tuple[str, str]]


def attributes_of(columns: Columns, units: Units) -> list[Pairs] | None:
    """Return each scan's attributes in their order, None where no scan has any.

    What a code says besides unit, lot and expiry is there under the number of its application identifier.
    """
    values = columns.raw(_NAME)
    if values is None and not units.attributes:
        return None
    return [_pairs(columns, index, value, units) for index, value in enumerate(values or [None] * columns.scans)]


def _pairs(columns: Columns, index: int, value: Any, units: Units) -> Pairs:  # noqa: ANN401  JSON
    coded = units.attributes.get(index, {})
    if value is None and not coded:
        return []
    if value is not None and (type(value) is not dict or any(type(text) is not str for text in value.values())):
        columns.faults.add(index, _NAME, "WRONG_TYPE", 'is to be an object of texts, as {"temperature": "4.2"}')
        return []
    given = value or {}
    if any(given.get(name, said) != said for name, said in coded.items()):
        columns.faults.add(index, _NAME, "CONTRADICTION", "the code says another value than the attribute of its name")
    pairs = list({**coded, **given}.items())
    size = sum(len(name.encode()) + len(text.encode()) + _OVERHEAD for name, text in pairs) + _OVERHEAD
    if size > CAPS[_NAME]:
        columns.faults.add(index, _NAME, "TOO_LONG", f"more than {CAPS[_NAME]:,} bytes together")
    return pairs
