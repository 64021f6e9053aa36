"""The questions asked of the warehouse: one SQL file each in `analytics/queries`, by name.

    ask(warehouse, "return_rate", by=["item"])      # a list of rows, each a dict by column
    question("return_rate")                         # its SQL

Each file states its grain, its denominator and how late data counts; what varies is a ClickHouse query parameter. One
that says `-- Stands on: NAME` selects from the answer of another as if that were a table.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from textwrap import indent
from typing import Any, Final

from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.rows import as_dicts

Row = dict[str, Any]

ALWAYS: Final = datetime(2299, 12, 31, tzinfo=UTC)
"""For questions of what was known at a time: all that is known."""

_AT_ONCE: Final = 8
"""Questions of one process that are asked side by side: what ClickHouse plans of one, another is read meanwhile."""
_QUERIES = files("analytics") / "queries"
_STANDS_ON = re.compile(r"^-- Stands on: (\w+)$", re.MULTILINE)


def ask(warehouse: Warehouse, name: str, **parameters: Any) -> list[Row]:  # noqa: ANN401  as ClickHouse takes them
    """Ask one question and return its rows.

    Shape: one dict per row, the keys as the file names its columns; times are UTC and know it.
    Raises: WarehouseDown, WarehouseRefused; KeyError where there is no such question.
    """
    return as_dicts(warehouse.query_frame(question(name), parameters))


def ask_at_once(warehouse: Warehouse, *asked: tuple[str, Row]) -> list[list[Row]]:
    """Ask questions that do not wait for each other, each a name and its parameters; returns the rows of each.

    Raises: as `ask`, the first of those that fail.
    """
    waiting = [_asking().submit(ask, warehouse, name, **parameters) for name, parameters in asked]
    return [one.result() for one in waiting]


@cache
def _asking() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking")


def as_parameter(when: datetime) -> str:
    """Return a time as a question's parameter."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")


ALL_KNOWN: Final[Row] = {"known": as_parameter(ALWAYS), "before_ms": 1 << 62, "before_ordinal": 1 << 62}
"""For questions that stand on `unit_known`: what is known now, from the newest scan on."""


@cache
def question(name: str) -> str:
    """Return the SQL of the file `name`.sql, with what it stands on in it.

    Raises: KeyError where there is no such question; the message lists those there are.
    """
    text = _text(name)
    for base in _STANDS_ON.findall(text):
        text = over(text, base, question(base))
    return text


def over(asking: str, name: str, base: str) -> str:
    """Return a question in which `name` is the answer of another: a table of its own, or in place of a view."""
    above, asked = _apart(asking)
    rest = f",\n\n{asked.removeprefix('WITH ')}" if asked.startswith("WITH ") else f"\n\n{asked}"
    return f"{above}WITH {name} AS (\n{indent(_apart(base)[1], '    ')}\n){rest}"


def _apart(sql: str) -> tuple[str, str]:
    """Return the comments above a question, and the question."""
    lines = sql.strip().splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if not line.startswith("--"))
    return "".join(lines[:first]), "".join(lines[first:])


def _text(name: str) -> str:
    file = _QUERIES / f"{name}.sql"
    if not file.is_file():
        message = f"no question {name!r}; there are {', '.join(questions())}"
        raise KeyError(message)
    return file.read_text(encoding="utf-8")


def questions() -> list[str]:
    """Return the names of all questions."""
    return sorted(entry.name.removesuffix(".sql") for entry in _QUERIES.iterdir() if entry.name.endswith(".sql"))
