"""The verb `retention`: old months taken out of ClickHouse, once somebody has accepted it on record."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from analytics.questions import Row, ask
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.recall_acts import send_act
from jobs.reference import AuthorOption, TimeoutOption, author_name
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.errors import RulesWrong
from pipeline.settings import Settings, load_settings
from pipeline.warehouse.profiles import profile_named
from pipeline.warehouse.retention import drop_months, month_start, removals

app = typer.Typer(help="Take old months out of ClickHouse, on record.", add_completion=False, no_args_is_help=True)

COLUMNS = ("partition", "last_ordinal", "removed_before", "scans", "result")
_BEFORE_HELP = "A date, YYYY-MM-DD: whole months of arrival before it are removed."


@app.command()
def accept(
    before: Annotated[str, typer.Option("--before", help=_BEFORE_HELP)],
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Record the last ordinal of each partition that is removed, then drop the months of scans and revisions before it.

    The record comes first: verify, dossiers and statistics start after it and say so. Acts, alerts, dead letters stay.
    """
    start = month_start(_date(before))
    settings = load_settings()
    _on_one_server(settings)
    registry.join(settings)
    check_topics(settings)
    with open_warehouse(settings) as warehouse:
        found = ask(warehouse, "retention_removable", before_ms=_milliseconds(start))
        rows = [{**row, "removed_before": start.date(), "result": "" if dry_run else "APPLIED"} for row in found]
        if found and not dry_run:
            contents = {
                row["partition"]: {"before": _milliseconds(start), "last_ordinal": row["last_ordinal"]} for row in found
            }
            named = {"kind": "RETENTION", "subject": "retention", "author": author_name(author)}
            _all_applied(send_act(settings, named, contents, timeout))
            _nothing_came(found, ask(warehouse, "retention_removable", before_ms=_milliseconds(start)))
            note(f"Dropped: {', '.join(drop_months(warehouse, start)) or 'nothing was left to drop'}.")
    show(rows, as_json=as_json, fmt=fmt, title="removed", columns=COLUMNS)
    if not found:
        note(f"Nothing was received before {start.date()}: whole months only are removed.")


@app.command("show")
def show_removed(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Show what was removed, by partition."""
    with open_warehouse(load_settings()) as warehouse:
        found = removals(warehouse)
    rows = [
        {"partition": one.partition, "last_ordinal": one.last_ordinal, "removed_before": one.before.date(),
         "author": one.author, "accepted_at": one.accepted_at}
        for one in found.values()
    ]  # fmt: skip
    columns = ("partition", "last_ordinal", "removed_before", "author", "accepted_at")
    show(rows, as_json=as_json, fmt=fmt, title="removed", columns=columns)


def _on_one_server(settings: Settings) -> None:
    """Raise on a cluster: its rows lie in tables of its servers, and nothing may be on record that is not dropped."""
    if profile_named(settings.clickhouse_profile) == "cluster":
        message = (
            "Months are dropped on one server only (CLICKHOUSE_PROFILE embedded or server), and this is a cluster: "
            "nothing was recorded or dropped. Keep the months there: see docs/retention.md."
        )
        raise RulesWrong(message)


def _date(text: str) -> datetime:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        message = f"{text!r} is no date; the form is 2026-11-23"
        raise typer.BadParameter(message, param_hint="--before") from error
    if day > datetime.now(UTC).date():
        message = f"{day} is still to come: what is not there yet cannot be accepted as removed"
        raise typer.BadParameter(message, param_hint="--before")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _milliseconds(when: datetime) -> int:
    return round(when.timestamp() * 1000)


def _nothing_came(accepted: Sequence[Row], now: Sequence[Row]) -> None:
    """Raise where the sink wrote older rows meanwhile: all that came before the record is in the tables by now."""
    if list(accepted) != list(now):
        message = "Older rows came into ClickHouse meanwhile: nothing was dropped. Run it again to accept them too."
        raise RulesWrong(message)


def _all_applied(acts: dict[int, dict[str, object]]) -> None:
    """Raise where a partition refused: then nothing may be dropped."""
    refused = {partition: act["reason"] for partition, act in acts.items() if act["result"] != "APPLIED"}
    if refused:
        message = f"Partitions {sorted(refused)} refused ({refused}): nothing was dropped."
        raise RulesWrong(message)
