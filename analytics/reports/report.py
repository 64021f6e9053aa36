"""What a report is: its name, the question it answers, its columns, its options, and how it is worked out.

Flow: a warehouse and what is asked -> rows, what was left out and why.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from analytics.questions import Row
from pipeline.warehouse.client import Warehouse


class Column(NamedTuple):
    """A column of a report: its unit (empty where it has none) and what it says."""

    name: str
    unit: str
    about: str


class Option(NamedTuple):
    """A number that may be given to a report."""

    name: str
    default: int
    least: int
    most: int
    about: str


class Asked(NamedTuple):
    """Until when scans count, and the report's options by name."""

    data_end: datetime
    options: Mapping[str, int]


class Found(NamedTuple):
    """The rows of a report, and how many were left out by the name of why."""

    rows: list[Row]
    excluded: Mapping[str, int]


class Report(NamedTuple):
    """A report.

    `view` shows the same for the whole ledger, or the rows that the report sums up; `sql` names its question.
    `method` says how rates, limits and times come about.
    """

    name: str
    title: str
    question: str
    view: str
    sql: str
    method: str
    columns: tuple[Column, ...]
    work_out: Callable[[Warehouse, Asked], Found]
    options: tuple[Option, ...] = ()
    empty: str = "Nothing in the ledger is of this kind yet."


WHY_LEFT_OUT: Mapping[str, str] = {
    "sold_too_late_for_30": "sold less than 30 days before data_end: no part of sold_30",
    "sold_too_late_for_90": "sold less than 90 days before data_end: no part of sold_90",
    "sold_too_late_for_365": "sold less than 365 days before data_end: no part of sold_365",
    "no_reason_stated": "units that came back without a reason: in no share",
    "unknown_age": "units without a sale have no age",
    "never_at_risk": "units seen only before their sale",
    "no_destination": "SHIP scans that name no destination: nobody can say where they should arrive",
    "sites_that_state_no_condition": "sites that never state a condition: they cannot say damaged",
    "sites_that_name_no_reader": "sites whose scans never name a reader",
    "sites_that_send_no_entry": "sites that never send the attribute entry",
    "sites_that_send_no_read": "sites that never send the attribute read",
    "units_in_transit": "units on their way",
    "units_with_customer": "units sold or dispensed",
    "units_installed": "units installed in another",
    "units_in_service": "units in service",
    "units_failed": "units that failed",
    "units_ended": "units retired or destroyed",
    "units_none": "units that nothing has taken effect on",
    "units_other": "units in a state that says neither on hand nor elsewhere",
    "units_at_sites_not_in_file": "units on hand at sites that the file does not name",
}
"""Why what is left out is left out, by the names that `excluded` uses."""


def text_of(when: datetime) -> str:
    """Return a time as a question's parameter."""
    return when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def columns(*said: tuple[str, str, str]) -> tuple[Column, ...]:
    """Return columns of (name, unit, about)."""
    return tuple(Column(*one) for one in said)


def numbers(row: Mapping[str, Any], *names: str) -> Row:
    """Return some columns of a row."""
    return {name: row[name] for name in names}
