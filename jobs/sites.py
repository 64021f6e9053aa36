"""The verb `sites`: load the site table into every partition; list the sites that scans name and no load does."""

import json
from pathlib import Path
from typing import Annotated

import typer

from analytics.questions import ask
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, Row, TimeoutOption, author_name, load
from jobs.site_table import Site, read_sites
from jobs.warehouse import open_warehouse
from pipeline.settings import Settings, load_settings

app = typer.Typer(help="Load the site table; list sites nobody loaded.", add_completion=False, no_args_is_help=True)

CHUNK_SITES = 1_000  # one record of `internal` has at most 1 MiB

UNKNOWN_COLUMNS = ("site", "scans", "units", "flagged", "first_event_time", "last_event_time")


@app.command("load")
def load_sites(  # noqa: PLR0913  one parameter per option
    file: Annotated[Path, typer.Argument(help="CSV: name,latitude,longitude,kind[,codes]; codes are GLNs, URIs.")],
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Add or change sites; returns when every partition has accounted its copy.

    Sites that the file does not name stay as they are. Decisions already made keep their UNKNOWN_SITE.
    """
    answers = load_table(load_settings(), read_sites(file), author, timeout)
    show(answers, as_json=as_json, fmt=fmt, title="sites")


def load_table(settings: Settings, sites: list[Site], author: str, timeout: float) -> list[Row]:
    """Put sites in force in every partition; shape and errors as `jobs.reference.load`."""
    rows = [json.dumps([_row(site) for site in chunk], ensure_ascii=False) for chunk in _chunks(sites)]
    answers = load(settings, ("SITES", "sites"), rows, author_name(author), timeout)
    note(f"{len(sites):,} sites are in force in {len(answers)} partitions.")
    return answers


@app.command()
def unknown(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List the sites that scans name and no site table has loaded; their travel cannot be checked."""
    with open_warehouse(load_settings()) as warehouse:
        rows = ask(warehouse, "sites_unknown")
    show(
        readable(rows, as_json=as_json, fmt=fmt),
        as_json=as_json,
        fmt=fmt,
        title="sites without an entry in the site table",
        columns=UNKNOWN_COLUMNS,
    )


def _row(site: Site) -> dict[str, object]:
    """Return a site as its record has it; codes only where it has any."""
    row = site._asdict()
    return row if site.codes else {name: value for name, value in row.items() if name != "codes"}


def _chunks(sites: list[Site]) -> list[list[Site]]:
    return [sites[start : start + CHUNK_SITES] for start in range(0, len(sites), CHUNK_SITES)]
