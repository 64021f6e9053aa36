"""The data dictionary: every view an analyst may read, with what each column says, out of the warehouse's own comments.

dictionary(warehouse)            # views in order of name, each with its columns
as_markdown(dictionary(…))       # what docs/dictionary.md is
"""

from itertools import groupby
from typing import NamedTuple

from analytics.questions import ask
from pipeline.warehouse.client import Warehouse

_HEAD = (
    "# Data dictionary\n\nEvery view of the ledger with what its columns say, made from the comments in the database "
    "by `scanledger dictionary --format markdown` and checked by a test. Times are UTC; a state, a step or an outcome "
    "is a word. How to use them: [analysts.md](analysts.md).\n"
)


class ColumnEntry(NamedTuple):
    """A column: its name, ClickHouse's type, what it says."""

    name: str
    type: str
    about: str


class ViewEntry(NamedTuple):
    """A view: its name, what it shows, its columns in order."""

    name: str
    about: str
    columns: tuple[ColumnEntry, ...]


def dictionary(warehouse: Warehouse) -> list[ViewEntry]:
    """Return every view with its columns.

    Source: `queries/dictionary.sql`.
    """
    rows = ask(warehouse, "dictionary")
    return [
        ViewEntry(
            view, about, tuple(ColumnEntry(row["column_name"], row["column_type"], row["said"]) for row in columns)
        )
        for (view, about), columns in groupby(rows, key=lambda row: (row["view"], row["about"]))
    ]


def as_markdown(views: list[ViewEntry]) -> str:
    """Return the dictionary as a page."""
    contents = "\n".join(f"- [`{view.name}`](#{view.name}): {view.about}" for view in views)
    return f"{_HEAD}\n{contents}\n" + "".join(map(_section, views))


def _section(view: ViewEntry) -> str:
    rows = "\n".join(f"| `{column.name}` | {_cell(column.type)} | {_cell(column.about)} |" for column in view.columns)
    return f"\n## {view.name}\n\n{view.about}.\n\n| column | type | what it says |\n|---|---|---|\n{rows}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
