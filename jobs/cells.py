"""Cells as people read them: times to the second, without the zone that all of them share."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jobs.output import Format


def readable(
    rows: Iterable[Mapping[str, object]], *, as_json: bool = False, fmt: Format = Format.TABLE
) -> list[dict[str, object]]:
    """Return the rows with their times shortened where they become a table, as they are where they do not."""
    is_table = fmt is Format.TABLE and not as_json
    return [{name: _short(value) if is_table else value for name, value in row.items()} for row in rows]


def _short(value: object) -> object:
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value
