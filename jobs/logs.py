"""The verb `logs`: what the parts of a stack printed, and what they go on printing."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.output import note
from jobs.stack_home import HomeOption, stack_home
from pipeline.local.stack import follow, tail

app = typer.Typer(add_completion=False)

NameArgument = Annotated[str, typer.Argument(help="One part, as in status; all where left out.")]
FollowOption = Annotated[bool, typer.Option("--follow", "-f", help="Go on printing what comes.")]
LinesOption = Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of each log's end.")]


@app.command()
def logs(
    name: NameArgument = "", home: HomeOption = None, following: FollowOption = False, lines: LinesOption = 20
) -> None:
    """Print the end of the logs, each line with its part's name where it is more than one."""
    stack = stack_home(home)
    files = sorted(stack.logs.glob("*.log"))
    chosen = [file for file in files if name in {"", file.stem}]
    if not chosen:
        known = ", ".join(file.stem for file in files) or "there are none"
        message = f"no log of {name!r} in {stack.logs}; logs: {known}"
        raise typer.BadParameter(message)
    lines_to_come = follow(chosen)
    for file in chosen:
        for line in tail(file, lines):
            _print(file, line, is_only=len(chosen) == 1)
    if following:
        note("following; Ctrl-C ends")
        for file, line in lines_to_come:
            _print(file, line, is_only=len(chosen) == 1)


def _print(file: Path, line: str, *, is_only: bool) -> None:
    typer.echo(line if is_only else f"{file.stem:<12} {line}")
