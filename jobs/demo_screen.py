"""The one screen that a demo ends with."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table

from jobs.demo_found import Found, Row

_WIDTH = 120
_TIMELINE_ROWS = 14
_CLASS_COLUMNS = (
    "outcome", "reason", "scans", "planted", "recall", "precision", "alerts", "due", "alert recall", "alert precision",
)  # fmt: skip


def print_screen(found: Found) -> None:
    """Print all of it on stdout."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    console.print(screen(found))


def screen(found: Found) -> RenderableType:
    """Return what is printed, from top to bottom."""
    parts: list[RenderableType] = [
        f"\n[bold]{found.scans:,} scans of {found.units:,} units at {found.sites} sites, every one decided[/bold]",
        _table("Verdicts, and what was found of what was planted", _CLASS_COLUMNS, classes(found)),
        _moved(found.derived),
        _table("Twelve kinds of duplicate, and what only looks like one", _DUPLICATE_COLUMNS, found.duplicates),
        _table("Items that fail most, per unit-year, with 95 % limits", _RATE_COLUMNS, _rates(found.worst_items)),
    ]
    if found.duplicate is not None:
        title = f"A serial commissioned twice: {found.duplicate['unit_key']}"
        parts.append(_table(title, _TIMELINE_COLUMNS, _timeline(found.duplicate["timeline"])))
    parts += [_table("verify", _CHECK_COLUMNS, found.verify["checks"]), _verdict_on(found), _elapsed(found.seconds)]
    return Group(*parts)


def classes(found: Found) -> list[Row]:
    """Return one row per outcome and reason, with what was planted of it and the alerts it is to raise."""
    reasons = {row["kind"]: row for row in found.reasons}
    alerts = {row["kind"]: row for row in found.alerts}
    return [_class(row, reasons.get(row["reason"], {}), alerts.get(row["reason"], {})) for row in found.verdicts]


def _class(verdicts: Row, reason: Mapping[str, Any], alert: Mapping[str, Any]) -> Row:
    return {
        **verdicts,
        **{name: reason.get(name) for name in ("planted", "recall", "precision")},
        "alerts": alert.get("found"),
        "due": alert.get("planted"),
        "alert recall": alert.get("recall"),
        "alert precision": alert.get("precision"),
    }


def _moved(derived: Mapping[str, int]) -> str:
    due, accepted = derived["due"], derived["accepted"]
    return f"Pallets: {accepted:,} of {due:,} scans derived for what is on them are accepted."


_DUPLICATE_COLUMNS = ("kind", "what", "planted", "found")
_RATE_COLUMNS = ("item", "units", "unit-days", "failures", "% per year", "from", "to")
_TIMELINE_COLUMNS = ("event time", "step", "site", "decision", "state")
_CHECK_COLUMNS = ("check", "proves", "compared", "problems")


def _rates(rows: Sequence[Row]) -> list[Row]:
    names = ("item", "units", "unit_days", "failures", "afr_percent", "afr_low", "afr_high")
    return [{shown: row[name] for shown, name in zip(_RATE_COLUMNS, names, strict=True)} for row in rows]


def _timeline(rows: Sequence[Row]) -> list[Row]:
    shown = [
        {
            "event time": f"{row['event_time']:%Y-%m-%d %H:%M:%S}",
            "step": row["step"],
            "site": row["site"],
            "decision": row["outcome"] if row["reason"] == "NONE" else f"{row['outcome']} {row['reason']}",
            "state": row["state_after"],
        }
        for row in rows[:_TIMELINE_ROWS]
    ]
    more = len(rows) - len(shown)
    return [*shown, {"event time": f"and {more} more"}] if more else shown


def _verdict_on(found: Found) -> str:
    if found.verify["ok"]:
        return "[bold green]Every scan is accounted for, once.[/bold green]"
    examples = [example for check in found.verify["checks"] for example in check["examples"]]
    return "\n".join(["[bold red]NOT every scan is accounted for:[/bold red]", *examples])


def _elapsed(seconds: Mapping[str, float]) -> str:
    return "Seconds: " + ", ".join(f"{stage.replace('_', ' ')} {spent:.1f}" for stage, spent in seconds.items())


def _table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name in columns:
        numeric = any(isinstance(row.get(name), int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" if isinstance(value, float) else str(value)
