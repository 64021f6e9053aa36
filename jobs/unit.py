"""The verb `unit`: one unit as it stands, and all that was seen of it with what was made of it."""

from typing import Annotated, Any

import typer

from analytics.labels import standing
from analytics.questions import ALL_KNOWN, ask
from jobs import arguments
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.domain.unit_key import UnitKey
from pipeline.settings import load_settings
from pipeline.warehouse.client import Warehouse

app = typer.Typer(add_completion=False)

NOT_FOUND = 1
ALERTS_SHOWN = 100
_EVERY = (1 << 32) - 1
_STANDING = (
    "state", "site", "custody", "last_event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at",
    "failed_at", "lot", "lifecycle", "alias_of", "labels", "applied", "rejected",
)  # fmt: skip
_ALERT = ("id", "kind", "opening", "status", "count", "site", "event_time", "opened_at")

Row = dict[str, Any]


@app.command()
def unit(
    key: Annotated[str, typer.Argument(help=f"Unit key, as {arguments.KEY_EXAMPLE}.")],
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Show a unit's state, place and milestones, its open alerts, and its timeline.

    The timeline has every scan with its first and its newest decision; formats other than table and json
    print it alone.
    """
    asked = arguments.unit_key(key)
    with open_warehouse(load_settings()) as warehouse:
        found = unit_report(warehouse, asked)
    if not found["timeline"]:
        note(f"Nothing is known of {asked.text}: no scan of it has been written to the warehouse.")
        raise typer.Exit(NOT_FOUND)
    if as_json or fmt is Format.JSON:
        show([found], as_json=True)
    elif fmt is Format.TABLE:
        _show_to_people(found)
    else:
        show(found["timeline"], fmt=fmt)


def unit_report(warehouse: Warehouse, key: UnitKey) -> Row:
    """Return what is known of a unit.

    Shape: unit_key, item, serial, the columns of `unit_standing` (null where the ledger keeps no state of it),
    alerts (open and acknowledged ones) and timeline, each a list of rows.
    """
    named = {"item": key.item, "serial": key.serial}
    current = standing(warehouse, key) or dict.fromkeys(_STANDING)
    live = ["OPEN", "ACKNOWLEDGED"]
    alerts = ask(warehouse, "alerts", units=[key.text], statuses=live, kinds=[], ids=[], most=ALERTS_SHOWN)
    timeline = ask(warehouse, "unit_timeline", **named, **ALL_KNOWN, most=_EVERY)
    return {
        "unit_key": key.text,
        **named,
        **(current or dict.fromkeys(_STANDING)),
        "alerts": alerts,
        "timeline": timeline,
    }


def _show_to_people(found: Row) -> None:
    told = {name: found[name] for name in _STANDING} | {"labels": ", ".join(found["labels"] or ())}
    known = [{"": name, "value": value} for name, value in told.items() if value not in (None, "")]
    show(readable(known), title=found["unit_key"])
    if found["alerts"]:
        show(readable(found["alerts"]), title="open alerts", columns=_ALERT)
    show(readable(_line(row) for row in found["timeline"]), title="timeline")


def _line(row: Row) -> Row:
    """Return a scan as one line: the first decision is told apart only where a later one changed it."""
    first, newest = _decision(row["first_outcome"], row["first_reason"]), _decision(row["outcome"], row["reason"])
    return {
        "event_time": row["event_time"],
        "step": row["step"],
        "site": row["site"],
        "decision": newest,
        "first": first if first != newest else "",
        "state": row["state_after"] if row["state_before"] == row["state_after"] else _change(row),
        "reader": row["reader"],
        "document": row["document"],
        "scan_id": row["scan_id"],
    }


def _decision(outcome: str, reason: str) -> str:
    return outcome if reason == "NONE" else f"{outcome} {reason}"


def _change(row: Row) -> str:
    return f"{row['state_before']} → {row['state_after']}"
