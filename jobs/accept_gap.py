"""The verb `accept-gap`: lets a partition go on whose input was removed before it was read, with the loss on record."""

from typing import Annotated

import typer

from jobs.output import note
from pipeline.settings import load_settings

app = typer.Typer(help="Go on after input was lost, on record.", add_completion=False)


@app.callback(invoke_without_command=True)
def accept_gap(
    partition: Annotated[int, typer.Option("--partition", help="Its number, as the worker names it.")],
) -> None:
    """Write a dead letter naming the lost offsets and move the partition behind them; its worker then goes on."""
    from pipeline.worker.accept_gap import accept_gap as accept  # noqa: PLC0415  a second that other verbs need not pay

    gaps = accept(load_settings(), partition)
    for gap in gaps:
        note(f"On record as a dead letter: {gap.detail}. Reading goes on at offset {gap.resume}.")
    if not gaps:
        note(f"Partition {partition} has no gap; nothing was changed.")
