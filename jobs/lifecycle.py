"""The verb `lifecycle`: check a lifecycle's file; load one into every partition of the ledger."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, TimeoutOption, author_name, load
from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.errors import RulesWrong
from pipeline.settings import load_settings
from pipeline.wire.schemas import contracts_folder

app = typer.Typer(help="Load or check a lifecycle.", add_completion=False, no_args_is_help=True)

AppliesTo = Annotated[
    list[str] | None, typer.Option("--applies-to", help="Also for units whose key begins so; may be repeated.")
]


@app.command()
def check(file: Path, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Read a lifecycle's file, say what is wrong with it, or show it as a table of states and steps."""
    lifecycle = parse(_text(str(file)))
    note(f"Lifecycle {lifecycle.name} is sound; it applies to {_quoted(lifecycle.applies_to)}.")
    show(_transitions(lifecycle), as_json=as_json, fmt=fmt, columns=("from", "step", "to", "custody", "ends"))


@app.command("load")
def load_lifecycle(  # noqa: PLR0913  one parameter per option
    file: Annotated[
        str, typer.Argument(help="A TOML file, or the name of a built-in lifecycle: retail, asset, pharma, …")
    ],
    applies_to: AppliesTo = None,
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Put a lifecycle in force for units first seen from now on; returns when every partition has accounted it."""
    lifecycle = parse(_text(file)).applying_to(applies_to or [])
    contents = [lifecycle.to_json()]
    rows = load(load_settings(), ("LIFECYCLE", lifecycle.name), contents, author_name(author), timeout)
    show(rows, as_json=as_json, fmt=fmt, title=f"lifecycle {lifecycle.name}")


def _text(name: str) -> str:
    """Return the text of a file, or of a built-in lifecycle of that name."""
    folder = contracts_folder() / "lifecycles"
    built_in = folder / f"{name}.toml"
    file = built_in if built_in.is_file() and not Path(name).exists() else Path(name)
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(sorted(known.stem for known in folder.glob("*.toml")))
        message = f"{name} cannot be read ({error}) and is no built-in lifecycle; those are {names}"
        raise RulesWrong(message) from error


def _transitions(lifecycle: Lifecycle) -> list[dict[str, object]]:
    named = [(state, step, to) for state, row in lifecycle.transitions.items() for step, to in row.items()]
    living = [state for state in lifecycle.states if state not in lifecycle.terminal]
    given = {(state, step) for state, step, _ in named}
    anywhere = [(s, step, s) for s in living for step in lifecycle.anywhere if (s, step) not in given]
    return [
        {
            "from": state,
            "step": step,
            "to": to,
            "custody": lifecycle.custody.get(step, ""),
            "ends": to in lifecycle.terminal,
        }
        for state, step, to in named + anywhere
    ]


def _quoted(beginnings: tuple[str, ...]) -> str:
    return ", ".join(f"keys that begin with {text!r}" if text else "every unit no other claims" for text in beginnings)
