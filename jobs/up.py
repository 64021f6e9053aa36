"""The verb `up`: the whole ledger on this machine, started and watched by a supervisor."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.console_link import note_sign_in
from jobs.output import note
from jobs.stack_home import HomeOption, stack_home
from pipeline.local.home import StackHome
from pipeline.local.plan import fetch_parts, local_stages
from pipeline.local.stack import is_running, launch, supervise
from pipeline.local.supervisor import Stage
from pipeline.notify.routes import load_routes
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

# -P: a folder named "jobs" where the user happens to be must not be taken for ours
PROGRAM = (sys.executable, "-P", "-m", "jobs")

WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many workers share the partitions.")]
ForegroundOption = Annotated[bool, typer.Option("--foreground", help="Supervise in this terminal until Ctrl-C.")]

FindingsOption = Annotated[
    bool,
    typer.Option(
        "--findings/--no-findings",
        help="Ask the scheduled questions, which find silent sites and overdue goods. They go by the clock: "
        "goods imported with old times can be overdue at once; for those --no-findings.",
    ),
]
RoutesOption = Annotated[
    Path | None, typer.Option("--routes", help="Also tell people of alerts, by this file; default SCANLEDGER_ROUTES.")
]


@app.command()
def up(
    workers: WorkersOption = 1,
    home: HomeOption = None,
    foreground: ForegroundOption = False,
    findings: FindingsOption = True,
    routes: RoutesOption = None,
) -> None:
    """Start Kafka, ClickHouse, workers, sink, capture, console, scheduled questions; return when each of them answers.

    A link to sign in to the console is printed then.

    With KAFKA_BOOTSTRAP or CLICKHOUSE_URL set, those are used instead of our own.
    """
    stack = stack_home(home)
    stack.create()
    chosen = routes or (Path(named) if (named := load_settings().routes) else None)
    if chosen is not None:
        load_routes(chosen)
    if foreground:
        fetch_parts(note)

        def stages() -> list[Stage]:
            return local_stages(stack, program=PROGRAM, workers=workers, say=note, findings=findings, routes=chosen)

        supervise(stack, stages, note)
    elif is_running(stack):
        note(f"A stack already runs in {stack.folder}; scanledger status shows it.")
        note_sign_in(load_settings(home=stack.folder))
    else:
        start_stack(stack, workers, findings=findings, routes=chosen)
        note_sign_in(load_settings(home=stack.folder))


def start_stack(stack: StackHome, workers: int, *, findings: bool = False, routes: Path | None = None) -> None:
    """Start a stack under a supervisor of its own; return when every part answers.

    Raises:
        LocalStackUnusable: A part cannot be started; the message names it and nothing runs.
    """
    fetch_parts(note)
    words = ["up", "--foreground", "--workers", str(workers), "--home", str(stack.folder), _asked(findings=findings)]
    launch(stack, [*PROGRAM, *words, *(["--routes", str(routes.resolve())] if routes else [])], note)


def _asked(*, findings: bool) -> str:
    return "--findings" if findings else "--no-findings"
