"""The verb `import-epcis`: EPCIS documents and events, JSON-LD or XML, captured as scans."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.until_sunk import wait_with_bar
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker import send as broker
from pipeline.broker.admin import check_topics
from pipeline.capture.epcis.declared import Originals, Remembered, declared_in, left_out
from pipeline.capture.epcis.faults import Fault
from pipeline.capture.epcis.judge import Judged
from pipeline.capture.epcis.kept import originals_in
from pipeline.capture.epcis.prepare import Prepared, Sender, prepare
from pipeline.capture.epcis.reading import TooLarge, read_document
from pipeline.capture.epcis.report import reported
from pipeline.capture.epcis.scans import ScanMaker
from pipeline.capture.epcis.site_codes import read_site_codes
from pipeline.capture.epcis.steps import Steps, read_foreign
from pipeline.capture.epcis.things import Things
from pipeline.settings import Settings, load_settings
from pipeline.warehouse.client import Warehouse

app = typer.Typer(add_completion=False)

Row = dict[str, Any]
SOURCE = "epcis"
_COLUMNS: Final = ("file", "accepted", "events", "scans", "errors")


@app.command("import-epcis")
def import_epcis(  # noqa: PLR0913, PLR0917  one parameter per option
    files: Annotated[list[Path], typer.Argument(help="Documents or bare events, JSON-LD or XML.", metavar="FILE…")],
    steps: Annotated[Path | None, typer.Option(help="TOML that says what foreign business steps mean.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return when all of it is in ClickHouse.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for that.")] = 600,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and judge everything, send nothing.")] = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Capture the events of files; of a file with one fault nothing is sent. Doing it again changes nothing."""
    settings = load_settings()
    rules = Steps(read_foreign(steps) if steps else None)
    if dry_run:
        maker = ScanMaker(Things(settings.uri_base), rules)
        rows = list(_read(files, maker))
        _print(rows, as_json=as_json, fmt=fmt)
    else:
        with open_warehouse(settings) as warehouse:
            maker = ScanMaker(Things(settings.uri_base, read_site_codes(warehouse)), rules)
            rows, last = _capture(files, settings, maker, warehouse)
        _print(rows, as_json=as_json, fmt=fmt)
        if wait:
            wait_with_bar(settings, *last, timeout)
    if not all(row["accepted"] for row in rows):
        raise typer.Exit(1)


def _capture(
    files: list[Path], settings: Settings, maker: ScanMaker, warehouse: Warehouse
) -> tuple[list[Row], tuple[dict[int, int], dict[int, int]]]:
    """Send each file that is right; return their reports, and the last offsets of scans and findings by partition."""
    originals = originals_in(lambda: warehouse)
    check_topics(settings)
    registry.join(settings)
    events, findings, scans = (broker.Sender(settings, topic) for topic in ("epcis_events", "internal", "scans"))
    rows, last, remembered = list[Row](), (dict[int, int](), dict[int, int]()), Remembered(maker.things.name)
    for file in files:
        prepared = _prepared(file, maker)
        now = time.time_ns() // 1_000_000
        events.send(*prepared.records(None))
        findings.send(*prepared.finding_records(now, SOURCE))
        scans.send(*prepared.scan_records(now, SOURCE, None))
        events.finish()
        last = scans.finish(), findings.finish()
        rows.append(_report(file, prepared, remembered, originals))
    return rows, last


def _read(files: list[Path], maker: ScanMaker) -> Iterator[Row]:
    """Yield the reports of files of which nothing is sent; what is kept of events is not asked for."""
    remembered = Remembered(maker.things.name)
    for file in files:
        yield _report(file, _prepared(file, maker), remembered, lambda _: {})


def _report(file: Path, prepared: Prepared, remembered: Remembered, originals: Originals) -> Row:
    """Return the report of a file, and remember its events for those that follow."""
    untold = left_out(declared_in(prepared.events), remembered.before(originals), remembered.name)
    remembered.take(prepared.events)
    return reported(str(file), prepared, untold)


def _prepared(file: Path, maker: ScanMaker) -> Prepared:
    """Return what is to be sent of a file, whatever is in it."""
    return prepare(_judged(file), maker, Sender(SOURCE))


def _judged(file: Path) -> Judged:
    try:
        return read_document(file.read_bytes())
    except OSError as error:
        fault = Fault("$", f"cannot be read: {error.strerror}")
    except TooLarge as error:
        fault = Fault("$", str(error))
    return Judged((), (fault,), is_whole=False)


def _print(rows: list[Row], *, as_json: bool, fmt: Format) -> None:
    """Print one object a line, or a table with the faults below it."""
    if as_json or fmt in {Format.JSON, Format.NDJSON}:
        for row in rows:
            sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
        return
    counted = [row | {"events": len(row["events"]), "errors": len(row["errors"])} for row in rows]
    show(counted, fmt=fmt, columns=_COLUMNS)
    for row in rows:
        for remark in _remarks(row):
            note(f"{row['file']}: {remark}")


def _remarks(row: Row) -> Iterator[str]:
    """Yield in words what a table does not show of a file."""
    for error in row["errors"]:
        yield f"{error['path']} {error['message']}"
    for one in row["notRead"]:
        yield f"{one['path']} {_unread(one)}"
    for one in row["notDeclared"]:
        yield f"{one['identity']} is declared wrong{_left_out(one['epcs'])}"


def _left_out(epcs: list[str] | None) -> str:
    if epcs is None:
        return "; its event is not there, so it cannot be told which units are left out and not taken back"
    return f" without {', '.join(epcs)}: not taken back"


def _unread(one: Row) -> str:
    if one["epc"] is None:
        return f"{one['why']} not read"
    nearest = f"; the nearest right one is {one['nearest']}" if one["nearest"] else ""
    return f"{one['epc']} is not read, no scan is made of it: {one['why']}{nearest}"
