"""The verb `demo`: the whole ledger on this machine, simulated scans through it, what came of them on one screen."""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from jobs.output import note, show
from pipeline.errors import LocalStackUnusable
from pipeline.local.home import StackHome
from pipeline.local.stack import take_down
from pipeline.settings import Settings

app = typer.Typer(add_completion=False)

NOT_PROVED = 1

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="An empty folder to run in, left with its data; else a temporary one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print what was found as JSON instead of the screen.")]
KeepOption = Annotated[bool, typer.Option("--keep", help="Leave the stack running, to look around.")]
ScansOption = Annotated[int, typer.Option("--scans", min=1_000, help="How many scans.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same scans.")]


@app.command()
def demo(
    scans: ScansOption = 200_000,
    seed: SeedOption = 1,
    home: HomeOption = None,
    keep: KeepOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start a stack of its own, send simulated scans of 12 sites with anomalies planted, and show what came of them.

    Exit 1 where verify finds that not every scan is accounted for. The stack's settings in the environment are left
    alone: a demo never sends to a Kafka that is in use.
    """
    # the rules take seconds to load: not for --help
    from jobs.demo_run import Demo  # noqa: PLC0415
    from jobs.demo_screen import print_screen  # noqa: PLC0415
    from pipeline.simulate.plan import Plan  # noqa: PLC0415

    started = time.perf_counter()
    _forget_environment()
    with _own_stack(home, keep=keep) as stack:
        run = Demo(stack, Plan.of_scans(scans, sites=12, seed=seed))
        run.run()
        stopping = time.perf_counter()
    found = run.found
    if not keep:
        found.seconds["down"] = round(time.perf_counter() - stopping, 1)
    found.seconds["total"] = round(time.perf_counter() - started, 1)
    if as_json:
        show([found.as_row()], as_json=True)
    else:
        print_screen(found)
    if keep:
        note(f"The stack runs on: export SCANLEDGER_HOME={stack.folder}; scanledger down stops it.")
    if not found.verify["ok"]:
        raise typer.Exit(NOT_PROVED)


def _forget_environment() -> None:
    """Take nothing from settings that were made for another stack."""
    for field in Settings.model_fields.values():
        os.environ.pop(str(field.alias), None)


@contextmanager
def _own_stack(home: Path | None, *, keep: bool) -> Iterator[StackHome]:
    """Give a home to run a stack in; whatever happens, nothing of it runs afterwards unless it is to be kept."""
    stack = StackHome(home or Path(tempfile.mkdtemp(prefix="scanledger-demo-")))
    if stack.stack_file.exists():
        message = f"{stack.folder} has a stack already; the demo wants an empty folder of its own."
        raise LocalStackUnusable(message)
    stack.create()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    has_succeeded = False
    try:
        yield stack
        has_succeeded = True
    finally:
        if not (keep and has_succeeded):
            _clean_up(stack, remove=home is None)


def _clean_up(stack: StackHome, *, remove: bool) -> None:
    """Stop everything; a second Ctrl-C does not stop the stopping."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    take_down(stack, note)
    if remove:
        shutil.rmtree(stack.folder, ignore_errors=True)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
