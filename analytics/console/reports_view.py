"""Reports as one page shows them all: which numbers are drawn, how each is written.

Flow: the answer of a report -> a chart where its numbers make one, cells by their units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from analytics.answers import Answer
from analytics.console.charts import Chart
from analytics.console.plots.bars import bars_plot
from analytics.console.plots.forest import MOST_ROWS, Columns, forest_plot
from analytics.console.wording import MISSING, number, share

_PERCENT: Final = 100
_DAYS_DIGITS: Final = 2
_P_DIGITS: Final = 4

Row = Mapping[str, Any]


class Drawn(NamedTuple):
    """Which columns a chart shows: an estimate with its limits, or a number alone."""

    estimate: str
    low: str = ""
    high: str = ""


def cell(value: object, unit: str) -> str:
    """Return a value as its column's unit wants it."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "share" and isinstance(value, int | float):
        return share(value, _DAYS_DIGITS)
    if isinstance(value, int | float):
        return number(value, {"days": _DAYS_DIGITS, "probability": _P_DIGITS}.get(unit, 0))
    return str(value) or MISSING


def drawn_of(answer: Answer) -> Drawn | None:
    """Return what is drawn: the first number with limits, medians before others, else the first count."""
    names = [column["name"] for column in answer["columns"]]
    pairs = [_with_limits(name, names) for name in names]
    found = [one for one in pairs if one is not None]
    medians = [one for one in found if one.estimate.startswith("median")]
    if found:
        return (medians or found)[0]
    counts = [column["name"] for column in answer["columns"] if column["unit"] == "count"]
    return Drawn(counts[0]) if counts else None


def chart_of(answer: Answer) -> Chart | None:
    """Return the chart of a report, None where it has no rows or no numbers."""
    drawn = drawn_of(answer)
    if drawn is None or not answer["rows"]:
        return None
    about = {column["name"]: column for column in answer["columns"]}[drawn.estimate]
    unit = {"share": "%", "days": "days"}.get(about["unit"], "")
    words = drawn.estimate.replace("_", " ")
    axis = f"{words}, {unit}" if unit and unit not in words else words
    rows = [_scaled(row, drawn, about["unit"]) for row in answer["rows"]]
    rows = sorted((row for row in rows if row["value"] is not None), key=lambda row: -row["value"])[:MOST_ROWS]
    names = [row["name"] for row in rows]
    first = f"The {len(rows)} greatest of {len(answer['rows'])}: " if len(answer["rows"]) > len(rows) else ""
    if drawn.low:
        says = f"{first}{axis}, with 95 % limits."
        return Chart("report", says, forest_plot(rows, names, Columns("value", "low", "high", axis), None), "tall")
    return Chart("report", f"{first}{axis}.", bars_plot(names, [row["value"] for row in rows], axis), "tall")


def _with_limits(name: str, names: Sequence[str]) -> Drawn | None:
    stem = name.removesuffix("_days")
    for base in (name, stem):
        if f"{base}_low" in names and f"{base}_high" in names:
            return Drawn(name, f"{base}_low", f"{base}_high")
    return None


def _scaled(row: Row, drawn: Drawn, unit: str) -> dict[str, Any]:
    times = _PERCENT if unit == "share" else 1
    words = [str(value) for value in row.values() if isinstance(value, str) and value]
    numbers = {"value": drawn.estimate, "low": drawn.low, "high": drawn.high}
    found = {key: row[name] if name else None for key, name in numbers.items()}
    return {"name": ", ".join(words) or "all"} | {
        key: None if value is None else value * times for key, value in found.items()
    }
