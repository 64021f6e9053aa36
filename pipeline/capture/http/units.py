"""The units of a request's scans: from a code in any syntax, or from item and serial.

Flow: the columns code, item and serial -> unit keys, and what the codes say besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pipeline.capture.codes import MOST_BYTES, Code
from pipeline.capture.http.columns import Columns, Texts, is_there
from pipeline.domain.unit_key import BadUnitKey, UnitKey
from pipeline.wire.scan_fields import CAPS

_CODE: Final = "code"


@dataclass(frozen=True)
class Units:
    """Item and serial of each scan, None where it names no unit; what the codes say, by the scan's place.

    Units: expiries in days since 1970.
    """

    items: Texts
    serials: Texts
    lots: dict[int, str] = field(default_factory=dict)
    expiries: dict[int, int] = field(default_factory=dict)
    attributes: dict[int, dict[str, str]] = field(default_factory=dict)

    def put(self, at: int, code: Code) -> None:
        """Take what a code says."""
        if code.key is not None:
            # encoded parts have no slash: the last one divides, and where there is none the item is empty
            self.items[at], _, self.serials[at] = code.key.rpartition("/")
        if code.lot is not None:
            self.lots[at] = code.lot
        if code.expiry is not None:
            self.expiries[at] = code.expiry
        if code.attributes:
            self.attributes[at] = code.attributes


def units_of(columns: Columns) -> Units:
    """Return the unit of each scan; that one names none, or two, is a fault."""
    code, item, serial = columns.text(_CODE, MOST_BYTES), columns.text("item"), columns.text("serial")
    _check_given(columns, code, item, serial)
    units = Units([None] * columns.scans, [None] * columns.scans)
    if serial is not None:
        alone = serial if code is None else [None if one else text for text, one in zip(serial, code, strict=True)]
        _take_parts(columns, units, item or [None] * columns.scans, alone)
    if code is not None:
        places = [at for at, text in enumerate(code) if text is not None]
        found = columns.codes.read([text for text in code if text is not None])
        for at, one in zip(places, found, strict=True):
            units.put(at, one)
            if one.key is None:
                columns.faults.add(at, _CODE, "BAD_CODE", one.wrong)
    return units


def unit_keys_of(columns: Columns, name: str) -> Texts | None:
    """Return a field that names another unit, as its key; None where no scan has it."""
    codes = columns.text(name, MOST_BYTES)
    if codes is None:
        return None
    distinct = list({code for code in codes if code is not None})
    read = dict(zip(distinct, columns.codes.read(distinct), strict=True))
    keys: Texts = [None] * columns.scans
    for at, code in enumerate(codes):
        if code is None:
            continue
        keys[at] = read[code].key
        if keys[at] is None:
            columns.faults.add(at, name, "BAD_CODE", read[code].wrong)
        elif len(str(keys[at]).encode()) > CAPS[name]:
            columns.faults.add(at, name, "TOO_LONG", f"its unit key has more than {CAPS[name]} bytes")
    return keys


def _check_given(columns: Columns, code: Texts | None, item: Texts | None, serial: Texts | None) -> None:
    has_code, has_item, has_serial = (is_there(texts, columns.scans) for texts in (code, item, serial))
    both = has_code & (has_item | has_serial)
    columns.faults.add_where(both, _CODE, "CONTRADICTION", "give code, or item and serial: not both")
    columns.missing("serial", has_serial | has_code | ~has_item, "item is given without serial")
    if not (has_code | has_item | has_serial).all():
        is_blank = columns.is_blank(_CODE, "item", "serial")
        columns.faults.add_where(is_blank, _CODE, "MISSING", "no unit: give code, or item and serial")


def _take_parts(columns: Columns, units: Units, items: Texts, serials: Texts) -> None:
    """Check each pair of item and serial; a serial alone is a unit of a scheme without items."""
    for at, (item, serial) in enumerate(zip(items, serials, strict=True)):
        if serial is None:
            continue
        try:
            key = UnitKey.checked(item or "", serial)
        except BadUnitKey as error:
            columns.faults.add(at, "serial", "BAD_CODE", str(error))
        else:
            units.items[at], units.serials[at] = key.item, key.serial
