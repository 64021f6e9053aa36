"""The verb `down`: everything of a stack stopped in order."""

import typer

from jobs.output import note
from jobs.stack_home import HomeOption, stack_home
from pipeline.local.stack import take_down

app = typer.Typer(add_completion=False)


@app.command()
def down(home: HomeOption = None) -> None:
    """Stop workers, sink, ClickHouse and Kafka, in this order; data stay where they are."""
    stack = stack_home(home)
    take_down(stack, note)
    note(f"Nothing of {stack.folder} runs.")
