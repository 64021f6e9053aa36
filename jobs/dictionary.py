"""The verb `dictionary`: what every column of every view says."""

import sys
from typing import Annotated

import typer

from analytics.dictionary import as_markdown, dictionary
from jobs import arguments
from jobs.output import Format, FormatOption, JsonOption, show
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

ViewArgument = Annotated[str, typer.Argument(metavar="VIEW", help="Of this view alone; without one, of all.")]


@app.command("dictionary")
def show_dictionary(view: ViewArgument = "", as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Say what every column of the views says; --format markdown writes the page docs/dictionary.md."""
    with open_warehouse(load_settings()) as warehouse:
        views = dictionary(warehouse)
    if view:
        wanted = arguments.words_of(view, [one.name for one in views])
        views = [one for one in views if one.name in wanted]
    if fmt is Format.MARKDOWN and not as_json:
        sys.stdout.write(as_markdown(views))
        return
    rows = [{"view": one.name, **column._asdict()} for one in views for column in one.columns]
    show(rows, as_json=as_json, fmt=fmt, columns=["view", "name", "type", "about"])
