"""The questions asked of the warehouse: one SQL file each in `analytics/queries`, by name.

    ask(warehouse, "return_rate", by=["item"])      # a list of rows, each a dict by column
    question("return_rate")                         # its SQL

Each file states its grain, its denominator and how late data counts; what varies is a ClickHouse query parameter.
"""

from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.rows import as_dicts

Row = dict[str, Any]

_QUERIES = files("analytics") / "queries"


def ask(warehouse: Warehouse, name: str, **parameters: Any) -> list[Row]:  # noqa: ANN401  as ClickHouse takes them
    """Ask one question and return its rows.

    Shape: one dict per row, the keys as the file names its columns; times are UTC and know it.
    Raises: WarehouseDown, WarehouseRefused; KeyError where there is no such question.
    """
    return as_dicts(warehouse.query_frame(question(name), parameters))


@cache
def question(name: str) -> str:
    """Return the SQL of the file `name`.sql.

    Raises: KeyError where there is no such question; the message lists those there are.
    """
    file = _QUERIES / f"{name}.sql"
    if not file.is_file():
        message = f"no question {name!r}; there are {', '.join(questions())}"
        raise KeyError(message)
    return file.read_text(encoding="utf-8")


def questions() -> list[str]:
    """Return the names of all questions."""
    return sorted(entry.name.removesuffix(".sql") for entry in _QUERIES.iterdir() if entry.name.endswith(".sql"))
