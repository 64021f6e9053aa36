"""The verb `document`: what of a document is found, missing, extra or wrong."""

from typing import Annotated

import typer

from analytics.documents import VARIANCES, columns_of, document_report
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

HAS_VARIANCES = 1
_USUAL = 1_000


@app.command()
def document(
    name: Annotated[str, typer.Argument(metavar="ID", help="The document, as asn:4711, order:…, rma:… or count:….")],
    every: Annotated[bool, typer.Option("--all", help="List the units that are as they should be, too.")] = False,
    most: Annotated[int, typer.Option(min=1, help="Units of the table at most; other formats have all.")] = _USUAL,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Show what a document expected against what was scanned under it; exit code 1 where they differ.

    missing: expected, not scanned. extra: scanned, not expected. wrong: of an item that the document does not
    expect, or another unit than was allocated. mismatch: returned, but sold under another document (sold_under) than
    the return names (sale). Of counts: unexpected (the ledger knows of no place, or a sheet does
    not name it), wrong_place (it stood elsewhere), arrived and moved (while the count ran: no variance). `likely`
    names the missing unit that an unexpected code may be, misread.
    """
    with open_warehouse(load_settings()) as warehouse:
        report = document_report(warehouse, name)
    if report is None:
        message = f"nothing is known of {name!r}: nobody told of it (scanledger expect), and no scan names it"
        raise typer.BadParameter(message)
    name = report["document"]
    differing = [row for row in report["units"] if row["status"] in VARIANCES]
    rows = report["units"] if every else differing
    if as_json or fmt is Format.JSON:
        show([report], as_json=True)
    else:
        tally = ", ".join(f"{number:,} {status}" for status, number in report["counts"].items()) or "no units"
        note(f"{name}: {tally}")
        shown = rows[:most] if fmt is Format.TABLE else rows
        show(readable(shown, fmt=fmt), fmt=fmt, columns=columns_of(name))
        if len(shown) < len(rows):
            note(f"{len(rows) - len(shown):,} more: --most {len(rows)} shows all.")
    raise typer.Exit(HAS_VARIANCES if differing else 0)
