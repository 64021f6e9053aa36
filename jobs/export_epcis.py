"""The verb `export-epcis`: what the ledger holds of a unit, under a document or since a time, as an EPCIS document."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer

from jobs import arguments
from jobs.output import note
from jobs.warehouse import open_warehouse
from pipeline.capture.epcis.answers import capture_document
from pipeline.capture.epcis.export import Scope, export, of_document, of_unit, since
from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.site_codes import read_site_codes
from pipeline.domain.identifiers.document_name import one_name
from pipeline.errors import FileUnreadable
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)


@app.command("export-epcis")
def export_epcis(
    unit: Annotated[str, typer.Option(help="Everything of one unit; its code in any syntax.")] = "",
    document: Annotated[str, typer.Option(help="Everything under one document: asn:…, order:…, rma:…")] = "",
    since_time: Annotated[str, typer.Option("--since", help=f"All learned since: {arguments.TIME_FORM}.")] = "",
    output: Annotated[Path | None, typer.Option(help="Where it goes; standard output if left out.")] = None,
) -> None:
    """Write EPCIS 2.0 JSON-LD: captured events as they are, and events made of scans where none was captured."""
    if sum(map(bool, (unit, document, since_time))) != 1:
        message = "give exactly one of --unit, --document and --since"
        raise typer.BadParameter(message)
    settings = load_settings()
    with open_warehouse(settings) as warehouse:
        uris = Uris(settings.uri_base, read_site_codes(warehouse))
        events = export(warehouse, _scope(unit, document, since_time, uris), uris)
        count = _write(sys.stdout.buffer, events) if output is None else _write_to(output, events)
    note(f"{count:,} events.")


def _scope(unit: str, document: str, since_time: str, uris: Uris) -> Scope:
    if document:
        return of_document(one_name(document.strip()), uris)
    if since_time:
        return since(arguments.moment(since_time))
    return of_unit(arguments.unit_key(unit).text, uris)


def _write_to(file: Path, events: Iterable[object]) -> int:
    try:
        with file.open("wb") as out:
            return _write(out, events)
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}."
        raise FileUnreadable(message) from error


def _write(out: BinaryIO, events: Iterable[object]) -> int:
    """Write a document event by event, so that it need not fit into memory."""
    head, tail = orjson.dumps(capture_document([])).rsplit(b"[]", 1)
    out.write(head + b"[")
    count = 0
    for event in events:
        out.write((b",\n" if count else b"\n") + orjson.dumps(event))
        count += 1
    out.write(b"\n]" + tail + b"\n")
    out.flush()
    return count
