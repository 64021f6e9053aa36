"""The verb `erp`: what an ERP says is on hand, loaded into the ledger and compared with it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics.erp import AGREES, differences, statements
from analytics.tables.cells import read_table
from analytics.tables.quantities import read_quantities
from jobs import arguments
from jobs.cells import readable
from jobs.erp_acts import load_statement
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, TimeoutOption, author_name
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(
    help="Load what an ERP has on hand; see where it differs.", add_completion=False, no_args_is_help=True
)

COLUMNS = ("item", "site", "as_of", "erp", "ledger", "difference", "finding")
STATEMENTS = ("statement", "as_of", "loaded_at", "author", "quantities", "parts")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV: item,site,quantity.")],
    as_of: Annotated[str, typer.Option("--as-of", help=f"When that was on hand: {arguments.TIME_FORM}.")],
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """State what was on hand at a time, as an ERP says; returns when it can be read.

    Of each item and site the statement of the newest time counts. Where it differs from what the ledger had then, the
    scheduled question RECONCILIATION_DIFFERENCE opens an alert of the site: see `scanledger findings`.
    """
    moment, quantities = _past(as_of), read_quantities(read_table(file))
    if not quantities:
        message = f"{file} has no rows, so nothing was sent"
        raise typer.BadParameter(message)
    row = load_statement(load_settings(), quantities, moment, author_name(author), timeout)
    show(readable([row], as_json=as_json, fmt=fmt), as_json=as_json, fmt=fmt, title="stated", columns=STATEMENTS)


@app.command("list")
def list_statements(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List what was stated, the newest time first."""
    with open_warehouse(load_settings()) as warehouse:
        rows = statements(warehouse)
    show(readable(rows, as_json=as_json, fmt=fmt), as_json=as_json, fmt=fmt, title="statements", columns=STATEMENTS)


@app.command("show")
def show_differences(
    every: Annotated[bool, typer.Option("--all", help="Show what agrees, too.")] = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Show where what ERPs state differs from what the ledger had on hand at that time."""
    with open_warehouse(load_settings()) as warehouse:
        rows = differences(warehouse)
    differing = [row for row in rows if row["finding"] != AGREES]
    if not as_json and fmt is Format.TABLE:
        note(f"{len(rows) - len(differing):,} agree, {len(differing):,} differ.")
    chosen = readable(rows if every else differing, as_json=as_json, fmt=fmt)
    show(chosen, as_json=as_json, fmt=fmt, title="difference = ledger - erp", columns=COLUMNS)


def _past(text: str) -> datetime:
    moment = arguments.as_of(text)
    if moment is None or moment > datetime.now(UTC):
        message = f"{text!r} is still to come: what is on hand then nobody knows yet" if moment else "is empty"
        raise typer.BadParameter(message, param_hint="--as-of")
    return moment
