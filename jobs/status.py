"""The verb `status`: what of a stack runs, how it feels and since when."""

import typer

from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.stack_home import HomeOption, stack_home
from pipeline.local.stack import status as stack_status

app = typer.Typer(add_completion=False)

COLUMNS = ("name", "state", "health", "pid", "port", "restarts", "uptime_seconds")
NOT_WELL = 1


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Show every part; exit 1 where nothing runs or something is not well."""
    stack = stack_home(home)
    rows = stack_status(stack)
    if not rows:
        note(f"Nothing runs in {stack.folder}; scanledger up starts a stack.")
    if as_json or fmt is not Format.TABLE:
        show(rows, as_json=as_json, fmt=fmt, columns=COLUMNS)
    elif rows:
        show([{**row, "pid": str(row["pid"] or ""), "port": str(row["port"])} for row in rows], columns=COLUMNS)
    if not rows or any(row["health"] != "ok" for row in rows):
        raise typer.Exit(NOT_WELL)
