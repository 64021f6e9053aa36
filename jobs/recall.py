"""The verb `recall`: what is bad, what it was built into, where all of it is; started, looked at, closed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError

from analytics.recall.asked import Asked, BadPredicate, Predicate, milliseconds
from analytics.recall.recalls import Head, NoSuchRecall, Standing, known, recalls, standing, tried_out
from jobs import arguments
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.recall_acts import By, close_recall, start_recall
from jobs.recall_epcis import recall_events, write_document
from jobs.recall_shown import NESTED, list_rows, say_unfitting, show_json, show_preview, show_recall, write_csv
from jobs.reference import AuthorOption, TimeoutOption, author_name
from jobs.warehouse import open_warehouse
from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.site_codes import read_site_codes
from pipeline.settings import Settings, load_settings

app = typer.Typer(help="Start, show, list and close recalls.", add_completion=False, no_args_is_help=True)

T = TypeVar("T")
Values = list[str] | None
RecallArgument = Annotated[str, typer.Argument(metavar="RECALL", help="Its id, as `recall list` shows it.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the act.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write the units to this file as CSV.")]
EpcisOption = Annotated[Path | None, typer.Option("--epcis", help="Write them as an EPCIS 2.0 document.")]
COLUMNS = ("recall", "status", "text", "units", "started_at", "started_by", "reason", "closed_at", "closed_by")


@app.command()
def start(  # noqa: PLR0913, PLR0917  one parameter per option
    item: Annotated[Values, typer.Option("--item", help="Of this item; may be repeated, as the others.")] = None,
    lot: Annotated[Values, typer.Option("--lot", help="Of this lot.")] = None,
    line: Annotated[Values, typer.Option("--line", help="A scan of it states this line.")] = None,
    supplier: Annotated[Values, typer.Option("--supplier", help="A scan of it states this supplier.")] = None,
    site: Annotated[Values, typer.Option("--site", help="Made at this site.")] = None,
    made_from: Annotated[str, typer.Option("--made-from", help=f"Commissioned since: {arguments.TIME_FORM}.")] = "",
    made_to: Annotated[str, typer.Option("--made-to", help="Commissioned before.")] = "",
    component_lot: Annotated[Values, typer.Option("--component-lot", help="A unit of it was built into it.")] = None,
    bad_from: Annotated[
        str, typer.Option("--bad-from", help="They were bad since; their whole life if left out.")
    ] = "",
    bad_to: Annotated[str, typer.Option("--bad-to", help="They were bad until before.")] = "",
    up: Annotated[bool, typer.Option("--up", help="And what they were built into; so it always is.")] = True,  # noqa: ARG001
    down: Annotated[bool, typer.Option("--down", help="And what they contain.")] = False,
    current_only: Annotated[bool, typer.Option("--current-only", help="Only what holds it now.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what it would concern; nothing is kept.")
    ] = False,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    csv: CsvOption = None,
    epcis: EpcisOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recall the units that every condition fits, and what they were built into; returns when it is on record."""
    times = {"made_from": made_from, "made_to": made_to, "bad_from": bad_from, "bad_to": bad_to}
    asked = _asked(
        {"items": item, "lots": lot, "lines": line, "suppliers": supplier, "sites": site,
         "component_lots": component_lot},
        {name: arguments.as_of(text) for name, text in times.items() if text},
        with_down=down, current_only=current_only,
    )  # fmt: skip
    settings = load_settings()
    if dry_run:
        _try_out(settings, asked, csv=csv, epcis=epcis, as_json=as_json)
        return
    begun = _spoken(lambda: start_recall(settings, asked, By(author_name(author), reason), timeout))
    if as_json:
        show_json(begun.preview, begun.units, recall=begun.recall)
    else:
        show_preview(begun.preview)
        note(f"Recall {begun.recall} is started.")
    if csv is not None:
        write_csv(csv, begun.units)
    if epcis is not None:
        _write_epcis(settings, epcis, begun.recall, begun.units["unit_key"].to_list())


@app.command("show")
def show_one(
    recall: RecallArgument,
    csv: CsvOption = None,
    epcis: EpcisOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a recall as it stands: its list, what joined later, what was recovered, where all of it is."""
    settings = load_settings()
    found = _standing(settings, recall)
    if as_json:
        show_json(found.recall, found.units)
    else:
        show_recall(found.recall, found.units)
    if csv is not None:
        write_csv(csv, found.units)
    if epcis is not None:
        _write_epcis(settings, epcis, recall, found.units["unit_key"].to_list())


@app.command("list")
def list_recalls(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List the recalls, the newest first."""
    with open_warehouse(load_settings()) as warehouse:
        rows = list_rows(recalls(warehouse), are_nested=as_json or fmt in NESTED)
    columns = COLUMNS if fmt is Format.TABLE and not as_json else tuple(Head.model_fields)
    show(readable(rows, as_json=as_json, fmt=fmt), as_json=as_json, fmt=fmt, title="recalls", columns=columns)


@app.command()
def close(
    recall: RecallArgument,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    as_json: JsonOption = False,
) -> None:
    """Close a recall: what had joined is written down, and how much was recovered."""
    settings = load_settings()
    found = _spoken(lambda: close_recall(settings, recall, By(author_name(author), reason), timeout))
    if as_json:
        show_json(found)
    else:
        show_recall(found)
        note(f"Recall {recall} is closed.")


def _asked(
    lists: dict[str, Values], times: Mapping[str, datetime | None], *, with_down: bool, current_only: bool
) -> Asked:
    """Return what the options ask for; raises typer.BadParameter."""
    values: dict[str, Any] = {name: tuple(each) for name, each in lists.items() if each}
    made, bad = ({name: when for name, when in times.items() if name.startswith(word)} for word in ("made", "bad"))
    return _spoken(
        lambda: Asked(
            predicate=Predicate(**values | made),
            with_down=with_down, current_only=current_only, **bad,
        ).checked()
    )  # fmt: skip


def _try_out(settings: Settings, asked: Asked, *, csv: Path | None, epcis: Path | None, as_json: bool) -> None:
    """Show what a recall would concern, and write it to a file; raises typer.BadParameter for an EPCIS document."""
    if epcis is not None:
        message = (
            "--epcis goes with a recall that is started: its id and its start are in each event; --csv has the units"
        )
        raise typer.BadParameter(message)
    with open_warehouse(settings) as warehouse:
        seen, units = _spoken(lambda: tried_out(warehouse, asked, is_listed=as_json or csv is not None))
    show_json(seen, units) if as_json else show_preview(seen)
    say_unfitting(seen)
    if csv is not None and units is not None:
        write_csv(csv, units)


def _standing(settings: Settings, recall: str) -> Standing:
    with open_warehouse(settings) as warehouse:
        return _spoken(lambda: standing(warehouse, recall))


def _spoken(ask: Callable[[], T]) -> T:
    """Return an answer; what was asked wrongly is told as command lines tell it."""
    try:
        return ask()
    except ValidationError as wrong:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors())
        raise typer.BadParameter(said) from wrong
    except (BadPredicate, NoSuchRecall) as wrong:
        raise typer.BadParameter(str(wrong)) from wrong


def _write_epcis(settings: Settings, file: Path, recall: str, keys: list[str]) -> None:
    """Write the units as of the start of their recall."""
    with open_warehouse(settings) as warehouse:
        uris = Uris(settings.uri_base, read_site_codes(warehouse))
        started_at = known(warehouse, recall).started_at
    write_document(file, recall_events(recall, keys, milliseconds(started_at), uris))
    note(f"{len(keys):,} EPCs in {file}")
