"""The verb `worker`: one enforcing worker, run until SIGTERM; settings come from the environment."""

import os

import typer

from jobs.process_log import keep_log
from pipeline.faults import arm
from pipeline.settings import load_settings

app = typer.Typer(help="Run one enforcing worker.", add_completion=False)


@app.callback(invoke_without_command=True)
def worker() -> None:
    """Own partitions of the inputs and enforce them until SIGTERM or Ctrl-C; batches at hand are finished first."""
    from pipeline.worker.app import run_worker  # noqa: PLC0415  Faust takes a second to import

    keep_log()
    run_worker(load_settings(), arm(os.environ.get("SCANLEDGER_FAULT", "")))
