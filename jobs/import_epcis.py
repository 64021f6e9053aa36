"""The verb `import-epcis`: EPCIS documents and events, JSON-LD or XML, captured as scans."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from jobs.output import Format, FormatOption, JsonOption, note, show
from pipeline.capture.epcis.faults import Fault
from pipeline.capture.epcis.judge import Judged
from pipeline.capture.epcis.reading import TooLarge, read_document
from pipeline.capture.epcis.report import reported
from pipeline.capture.epcis.scans import ScanMaker
from pipeline.capture.epcis.steps import Steps, read_foreign
from pipeline.capture.epcis.things import Things
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

Row = dict[str, Any]


@app.command("import-epcis")
def import_epcis(
    files: Annotated[list[Path], typer.Argument(help="Documents or bare events, JSON-LD or XML.", metavar="FILE…")],
    steps: Annotated[Path | None, typer.Option(help="TOML that says what foreign business steps mean.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and judge everything, send nothing.")] = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Capture the events of files; of a file with one fault nothing is sent. Doing it again changes nothing."""
    maker = ScanMaker(Things(load_settings().uri_base), Steps(read_foreign(steps) if steps else None))
    rows = [_checked(file, maker) for file in files]
    _print(rows, as_json=as_json, fmt=fmt)


def _checked(file: Path, maker: ScanMaker) -> Row:
    """Return the report of a file, whatever is in it."""
    judged = _judged(file)
    events = [event for _, event in judged.events]
    scans = 0 if judged.faults else sum(len(maker.make(event).scans) for event in events)
    return reported(str(file), events, scans, judged.faults)


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
    show([row | {"events": len(row["events"]), "errors": len(row["errors"])} for row in rows], fmt=fmt)
    for row in rows:
        for error in row["errors"]:
            note(f"{row['file']}: {error['path']} {error['message']}")
