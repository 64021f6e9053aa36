"""How the verb `recall` prints: counts, places and descriptions as tables, all of it as JSON, units as files."""

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from analytics.recall.listing import holds
from analytics.recall.places import Part
from analytics.recall.recalls import Head, Preview, Recall
from analytics.spreadsheets import as_cell
from jobs.output import Format, note, show
from pipeline.errors import FileUnreadable

COLUMNS = ("unit_key", "item", "serial", "lot", "holds", "place", "site", "held_from", "held_to")
STANDING = (*COLUMNS, "joined_later", "recovered")
NESTED = (Format.JSON, Format.NDJSON)
"""What holds an object in a cell; the other formats have its JSON there, as a text."""
_MOST_SHOWN = 20


def list_rows(heads: Iterable[Head], *, are_nested: bool) -> list[dict[str, Any]]:
    """Return recalls as rows."""
    return [
        head.model_dump() | ({} if are_nested else {"asked": head.asked.model_dump_json(exclude_defaults=True)})
        for head in heads
    ]


def say_unfitting(seen: Preview) -> None:
    """Say why a recall would concern nothing."""
    for one in seen.unfitting:
        note(one)


def show_preview(seen: Preview) -> None:
    """Print what a recall concerns."""
    note(f"{seen.text}: {seen.units:,} units; {seen.holds_now:,} hold it now, {seen.held_before:,} held it before.")
    _show_places(seen.places)
    rows = [
        {"predicate": one.text, "units": one.units, "not affected": one.excess} for one in seen.description.predicates
    ]
    show(rows, title="description", columns=("predicate", "units", "not affected"))
    if seen.description.not_described:
        note(f"{seen.description.not_described:,} units are in none of these predicates.")


def show_recall(found: Recall, units: pl.DataFrame | None = None) -> None:
    """Print a recall as it stands, and its first units."""
    head = found.head
    note(f"Recall {head.recall}, {head.status}: {head.text}; started by {head.started_by}. {head.reason}".rstrip())
    counts = found.model_dump(include={"units", "joined", "recovered", "holds_now", "held_before", "left"})
    show([counts], title="counts")
    _show_places(found.places)
    if units is not None:
        rows = as_rows(units.head(_MOST_SHOWN))
        show(rows, title="units", columns=("unit_key", "lot", "holds", "place", "site", "joined_later", "recovered"))
        if len(units) > _MOST_SHOWN:
            note(f"… and {len(units) - _MOST_SHOWN:,} more: --csv FILE or --json has all.")


def _show_places(parts: list[Part]) -> None:
    leave_out = set() if any(part.left for part in parts) else {"left"}
    show([part.model_dump(exclude=leave_out) for part in parts], title="places")


def show_json(answer: BaseModel, units: pl.DataFrame | None = None, **more: Any) -> None:  # noqa: ANN401
    """Print an answer as one JSON object."""
    fields = more | answer.model_dump(mode="json") | ({} if units is None else {"list": as_rows(units, is_json=True)})
    json.dump(fields, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def as_rows(units: pl.DataFrame, *, is_json: bool = False) -> list[dict[str, Any]]:
    """Return units as rows for people and files: intervals in words, or as lists for programs."""
    rows = []
    for unit in units.iter_rows(named=True):
        times = {
            name: [None if one is None else one.isoformat() for one in unit[name]] for name in ("held_from", "held_to")
        }
        row = {name: unit[name] for name in ("unit_key", "item", "serial", "lot")}
        row |= {"holds": holds(unit), "place": unit["place"], "site": unit["site"]}
        row |= times if is_json else {name: " ".join(one or "…" for one in said) for name, said in times.items()}
        row |= {said: unit[name] for name, said in _SINCE.items() if name in unit}
        rows.append(row)
    return rows


_SINCE = {"has_joined": "joined_later", "is_recovered": "recovered"}


def write_csv(file: Path, units: pl.DataFrame) -> None:
    """Write one row per unit, no text a formula for spreadsheets; raises FileUnreadable."""
    columns = STANDING if "has_joined" in units.columns else COLUMNS
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: as_cell(value) for name, value in row.items()} for row in as_rows(units))
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise FileUnreadable(message) from error
    note(f"{len(units):,} units in {file}")
