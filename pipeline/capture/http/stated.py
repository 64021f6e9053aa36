"""Lot and expiry: as a field says them, or as the code does; two that differ are a fault.

Flow: the columns lot and expiry, and what the codes say -> one column each.
"""

from __future__ import annotations

from typing import TypeVar

from pipeline.capture.http.columns import Columns, Texts
from pipeline.capture.http.units import Units

Value = TypeVar("Value")


def lots_of(columns: Columns, units: Units, given: Texts | None) -> Texts | None:
    """Return the lot of each scan, None where no scan has one."""
    return _stated(columns, "lot", given, units.lots)


def expiry_of(columns: Columns, units: Units) -> list[int | None] | None:
    """Return the expiry of each scan in days since 1970, None where no scan has one."""
    return _stated(columns, "expiry", columns.dates("expiry"), units.expiries)


def _stated(
    columns: Columns, name: str, given: list[Value | None] | None, coded: dict[int, Value]
) -> list[Value | None] | None:
    if not coded:
        return given
    values: list[Value | None] = [None] * columns.scans if given is None else list(given)
    for at, said in coded.items():
        if values[at] is not None and values[at] != said:
            columns.faults.add(at, name, "CONTRADICTION", f"the code says another {name} than the field")
        values[at] = said
    return values
