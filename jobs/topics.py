"""The verb `topics`: the topics of schemas/topics.toml created or compared with what Kafka has."""

import typer

from jobs.output import note
from pipeline.broker.admin import check_topics, create_topics
from pipeline.settings import load_settings

app = typer.Typer(help="Create or check the topics.", add_completion=False, no_args_is_help=True)


@app.command()
def create() -> None:
    """Create the topics that are missing; those that exist stay as they are and are checked."""
    made = create_topics(load_settings())
    note(f"Created: {', '.join(made)}" if made else "All topics exist already.")


@app.command()
def check() -> None:
    """Compare partitions and settings of the topics with the index; exit 2 where they differ."""
    partitions = check_topics(load_settings())
    note(f"All topics are as schemas/topics.toml says, with {partitions} partitions each.")
