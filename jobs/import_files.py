"""The verb `import`: rows of CSV, NDJSON or Parquet sent as scans, as a mapping says."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.code_reading import ConventionsOption, LenientOption, code_reader
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.until_sunk import wait_until_sunk
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import Sender
from pipeline.capture.files import RowFile
from pipeline.capture.importing import Counts, RejectedFile, import_file
from pipeline.capture.mapping import check_columns, read_mapping
from pipeline.settings import Settings, load_settings

app = typer.Typer(add_completion=False)


@app.command("import")
def import_rows_of(  # noqa: PLR0913, PLR0917  one parameter per option
    file: Annotated[Path, typer.Argument(help="A file of rows: .csv, .ndjson, .jsonl or .parquet.")],
    mapping: Annotated[Path, typer.Option(help="TOML that says which columns make a scan.")],
    rejected: Annotated[Path | None, typer.Option(help="Where rejected rows go, .csv or .ndjson.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return when all of it is in ClickHouse.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for that.")] = 600,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check everything, send nothing.")] = False,
    lenient: LenientOption = False,
    conventions: ConventionsOption = None,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Import the rows of a file; doing it again changes nothing, because a scan's id is made of what it says."""
    rules, rows, codes = read_mapping(mapping), RowFile(file), code_reader(lenient, conventions)
    check_columns(rules, rows.columns, file)
    refused = RejectedFile(rejected or Path(f"{file.stem}.rejected{'.csv' if file.suffix == '.csv' else '.ndjson'}"))
    settings = load_settings()
    sender = None if dry_run else _sender(settings)
    started = time.perf_counter()
    with Progress(*_COLUMNS, console=Console(stderr=True)) as bars:
        bar = bars.add_task("rows", total=rows.rows())

        def advance(counts: Counts) -> None:
            bars.update(bar, completed=counts.rows)

        counts = import_file(rows, rules, sender.send if sender else _keep, refused, progress=advance, codes=codes)
        offsets = sender.finish() if sender else {}
        if wait and offsets:
            wait_until_sunk(settings, offsets, timeout, bars)
    seconds = time.perf_counter() - started
    summary = {
        "file": str(file), "rows": counts.rows, "scans": counts.scans, "rejected": counts.rejected,
        "sent": not dry_run, "seconds": round(seconds, 3), "rows_per_s": round(counts.rows / seconds),
    }  # fmt: skip
    show([summary], as_json=as_json, fmt=fmt)
    if counts.rejected:
        note(f"Rejected rows with their reasons: {refused.file}")


_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def _sender(settings: Settings) -> Sender:
    check_topics(settings)
    registry.join(settings)
    return Sender(settings, "scans")


def _keep(keys: list[bytes], values: list[bytes]) -> None:
    """Take scans and send none: a dry run."""
