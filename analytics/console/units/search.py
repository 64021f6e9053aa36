"""What somebody typed, pasted or scanned, as one unit, or why it is none and which units it may mean."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from analytics.questions import Row, ask
from pipeline.domain.identifiers import Convention, Identified, identify
from pipeline.domain.unit_key import UnitKey, parse
from pipeline.warehouse.client import Warehouse

MOST_CHARACTERS: Final = 8_000
MOST_SUGGESTED: Final = 25
_LONGEST_SERIAL: Final = 200
_SEPARATOR: Final = "\x1d"
_SPELLED: Final = ("<GS>", "{GS}", "[GS]", "<FNC1>", "{FNC1}", "\\x1d", "\\x1D", "\\u001d", "\\u001D", "&#29;", "␝")
"""How scanners and editors write FNC1 where they cannot show it; in a serial nobody writes that."""


class Sought(NamedTuple):
    """What a text means.

    Shape: `key` None where it names no single unit, then `wrong` says why and what would be right; `class_key` the item
    that it names, if any; `syntax` as which form it was read; `said` what else it states, by application identifier.
    """

    text: str
    key: UnitKey | None
    wrong: str = ""
    class_key: str = ""
    syntax: str = ""
    said: Mapping[str, str] = {}


def sought(text: str, conventions: Sequence[Convention] = ()) -> Sought:
    """Return what a text means, which may be a code of an organisation's own; never raises, whatever it is."""
    typed = text[:MOST_CHARACTERS].strip(" \t\r\n")
    if not typed:
        return Sought("", None, "Type, paste or scan a code of the unit.")
    year = datetime.now(UTC).year
    found = identify(_unspelled(typed), lenient=True, conventions=conventions, this_year=year)
    if found.unit_key is None:
        found = identify(typed, lenient=True, conventions=conventions, this_year=year)
    if found.unit_key is None:
        return Sought(typed, None, _why(found), found.class_key or "", found.syntax)
    return Sought(typed, parse(found.unit_key), syntax=found.syntax, said=found.attributes)


def suggestions(warehouse: Warehouse, asked: Sought) -> list[Row]:
    """Return units that a text may mean which names none: those of its item, or those with it as their serial."""
    if asked.key is not None or not asked.text:
        return []
    serial = "" if asked.class_key or len(asked.text) > _LONGEST_SERIAL else asked.text
    return ask(warehouse, "units_like", item=asked.class_key, serial=serial, most=MOST_SUGGESTED)


def _unspelled(text: str) -> str:
    for spelled in _SPELLED:
        text = text.replace(spelled, _SEPARATOR)
    return text


def _why(found: Identified) -> str:
    if found.class_key is not None:
        return f"The code names a class of units, {found.class_key}, and no single one: it has no serial."
    fault = found.errors[0]
    nearest = f" The nearest right one is {fault.nearest}." if fault.nearest else ""
    where = "This" if fault.rule == "unknown" else f"{fault.where}:"
    return f"{where} {fault.message}.{nearest}"
