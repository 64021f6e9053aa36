"""The verb `owners`: who is behind a pseudonym, said, looked up and forgotten; no count knows of it."""

from typing import Annotated

import typer

from analytics.questions import ask
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, author_name
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(help="Say, show or erase who an owner is.", add_completion=False, no_args_is_help=True)

NOT_FOUND = 1
OwnerArgument = Annotated[str, typer.Argument(help="The pseudonym, as TRANSFER scans have it.")]


@app.command()
def name(
    owner: OwnerArgument,
    person: Annotated[str, typer.Option("--person", help="Who that is.")],
    author: AuthorOption = "",
) -> None:
    """Say who is behind a pseudonym; said again, the newest word holds."""
    if not owner.strip() or not person.strip():
        message = "a pseudonym and a person have at least one letter"
        raise typer.BadParameter(message)
    with open_warehouse(load_settings()) as warehouse:
        warehouse.command(
            "INSERT INTO persons (owner, person, author, at)"
            " SELECT {owner:String}, {person:String}, {author:String}, now64(3)",
            {"owner": owner, "person": person, "author": author_name(author)},
        )


@app.command("show")
def show_owners(
    owner: Annotated[str, typer.Argument(help="One pseudonym; all that are known if left out.")] = "",
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Show owners with the units they have now, and who they are where that is known."""
    with open_warehouse(load_settings()) as warehouse:
        rows = ask(warehouse, "owners", owner=owner)
    show(rows, as_json=as_json, fmt=fmt, title="owners", columns=("owner", "person", "units_now", "units_ever"))


@app.command()
def erase(owner: OwnerArgument) -> None:
    """Forget who is behind a pseudonym, for good; the scans keep the pseudonym, and every count stays as it was."""
    with open_warehouse(load_settings()) as warehouse:
        known = warehouse.query_rows("SELECT count() FROM persons WHERE owner = {owner:String}", {"owner": owner})
        if not known[0][0]:
            note(f"Nobody is known to be {owner!r}; `scanledger owners show` lists those who are.")
            raise typer.Exit(NOT_FOUND)
        warehouse.command("ALTER TABLE persons DELETE WHERE owner = {owner:String}", {"owner": owner}, mutations_sync=2)
    note(f"Who {owner!r} is, is known to nobody any more.")
