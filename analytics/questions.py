"""The questions asked of the warehouse: one SQL file each in `analytics/queries`, by name.

    warehouse.rows(question("return_rate"), {"by": ["item"]})

Each file states its grain, its denominator and how late data counts; what varies is a ClickHouse query parameter.
"""

from functools import cache
from importlib.resources import files

_QUERIES = files("analytics") / "queries"


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
