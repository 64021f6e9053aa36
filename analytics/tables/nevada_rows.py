"""A warranty triangle of one's own: ship period, quantity, then one column of returns per period, blank for not yet."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.nevada import Shipments, Timing
from analytics.tables.cells import Faults, Row, Table, no_whole_number, whole_number
from analytics.tables.periods import FORMS, Period, parse_period
from pipeline.errors import TableWrong

_FIRST_RETURNS = 2
_MOST_PERIODS = 10_000
_FIRST_AGE = {Timing.INTERVAL: 0, Timing.EXACT: 1}
_FIRST_COLUMN = {Timing.INTERVAL: "the period of its shipment", Timing.EXACT: "the period after its shipment"}


class Triangle(NamedTuple):
    """The shipments of a table and the kind of its periods."""

    shipments: Shipments
    kind: str


class _Shipment(NamedTuple):
    shipped: int
    quantity: int
    last: int
    returns: dict[int, int]


def read_triangle(table: Table, timing: Timing) -> Triangle:
    """Read and check every row.

    Raises: TableWrong naming each bad row: returns before the shipment or, with exact timing, in its period; more than
    were shipped; a blank before a filled period; a shipment before the first column, whose first returns are nowhere.
    """
    periods = _periods(table)
    faults = Faults(table.file)
    rows = [_shipment(row, table.columns, periods, timing, faults) for row in table.rows]
    faults.raise_any()
    shipments = [row for row in rows if row is not None]
    ages = max((age for row in shipments for age in row.returns), default=0) + 1
    returns = np.zeros((len(shipments), ages))
    for place, row in enumerate(shipments):
        for age, count in row.returns.items():
            returns[place, age] = count
    columns = np.array([row[:3] for row in shipments], dtype=np.float64).reshape(-1, 3).T
    return Triangle(Shipments._make([*columns, returns]), periods[0].kind)


def _periods(table: Table) -> list[Period]:
    names = table.columns[_FIRST_RETURNS:]
    if not names:
        message = f"{table.file}: no periods; the columns are ship period, quantity, then one of returns per period"
        raise TableWrong(message)
    found = [parse_period(name) for name in names]
    for name, period, before in zip(names, found, [None, *found], strict=False):
        if period is None:
            message = f"{table.file}: column {name!r} names no period; a period is {FORMS}"
            raise TableWrong(message)
        if before is not None and period != Period(before.kind, before.place + 1):
            message = f"{table.file}: column {name!r} is not the period after the column before it"
            raise TableWrong(message)
    return [period for period in found if period is not None]


def _shipment(row: Row, columns: list[str], periods: list[Period], timing: Timing, faults: Faults) -> _Shipment | None:
    shipped, quantity = parse_period(row.cells[columns[0]]), whole_number(row.cells[columns[1]])
    if shipped is None or shipped.kind != periods[0].kind:
        faults.add(row, columns[0], f"is no period like those of the columns; a period is {FORMS}")
        return None
    if abs(periods[-1].place - shipped.place) > _MOST_PERIODS:
        faults.add(row, columns[0], f"lies more than {_MOST_PERIODS:,} periods from the last column")
        return None
    if quantity is None:
        faults.add(
            row, columns[1], no_whole_number(row.cells[columns[1]], "is no quantity; it is a whole number from 0")
        )
        return None
    _check_first_ages(row, columns, periods[0].place - shipped.place, timing, faults)
    returns, last = _returns(row, columns, periods, (shipped.place, _FIRST_AGE[timing]), faults)
    if timing is Timing.EXACT and returns.get(0, 0) > 0:
        column = columns[_FIRST_RETURNS + shipped.place - periods[0].place]
        faults.add(row, column, "are returned at age 0, which exact timing refuses; use --timing interval")
    if sum(returns.values()) > quantity:
        faults.add(row, columns[1], f"are fewer than the {sum(returns.values())} returned of them")
    return _Shipment(shipped.place, quantity, last, returns)


def _check_first_ages(row: Row, columns: list[str], age: int, timing: Timing, faults: Faults) -> None:
    """Note where the first column is of an age at which units may have come back before: that is not no returns."""
    if age <= _FIRST_AGE[timing]:
        return
    other = ", or use --timing exact where none comes back in the period of its shipment" if age == 1 else ""
    why = (
        f"lies before the first column {columns[_FIRST_RETURNS]!r}, so that its returns from age {_FIRST_AGE[timing]} "
        f"are missing; begin the columns with {_FIRST_COLUMN[timing]}, or leave the row out{other}"
    )
    faults.add(row, columns[0], why)


def _returns(
    row: Row, columns: list[str], periods: list[Period], ages: tuple[int, int], faults: Faults
) -> tuple[dict[int, int], int]:
    """Return the returns by age and the last period that is filled; shipped - 1 where none is.

    `ages` are the period of the shipment and the first age at which a blank is a gap where a later period is filled.
    """
    shipped, first_age = ages
    returns: dict[int, int] = {}
    last, blank = shipped - 1, ""
    for column, period in zip(columns[_FIRST_RETURNS:], periods, strict=True):
        text, age = row.cells[column], period.place - shipped
        count = whole_number(text) if text else 0
        if count is None:
            why = "is no count of returns; it is a whole number from 0, blank for not yet"
            faults.add(row, column, no_whole_number(text, why))
        elif age < 0 and count > 0:
            faults.add(row, column, "are returned before they were shipped")
        elif text and age >= 0 and blank:
            faults.add(row, blank, f"is blank though {column!r} after it is filled; write 0 where none came back")
            blank = ""
        blank = column if not text and age >= first_age else blank
        if text and age >= 0:
            returns[age], last = count or 0, period.place
    return returns, last
