"""The verb `lifecycle`: check, show or draw a lifecycle; load one into every partition of the ledger."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.lifecycle_file import read_lifecycle
from jobs.lifecycle_picture import draw, write_svg
from jobs.lifecycle_tables import as_object, show_tables
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, TimeoutOption, author_name, load
from pipeline.domain.lifecycle import Lifecycle
from pipeline.settings import load_settings

app = typer.Typer(help="Load, check, show or draw a lifecycle.", add_completion=False, no_args_is_help=True)

AppliesTo = Annotated[
    list[str] | None, typer.Option("--applies-to", help="Also for units whose key begins so; may be repeated.")
]

NameOrFile = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A built-in lifecycle, as retail or pharma, or a TOML file.")
]
_COLUMNS = ("from", "step", "to", "custody", "ends")


@app.command()
def check(file: Path, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Read a lifecycle's file, say what is wrong with it, or show it as a table of states and steps."""
    lifecycle = read_lifecycle(str(file))
    note(f"Lifecycle {lifecycle.name} is sound; it applies to {_quoted(lifecycle.applies_to)}.")
    show(_transitions(lifecycle), as_json=as_json, fmt=fmt, columns=_COLUMNS)


@app.command("show")
def show_lifecycle(lifecycle: NameOrFile, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Show a lifecycle as tables: which keys, windows, states, and what each step does in each state.

    Formats other than table and json print its transitions alone.
    """
    shown = read_lifecycle(lifecycle)
    if as_json or fmt is Format.JSON:
        sys.stdout.write(json.dumps(as_object(shown), indent=2, ensure_ascii=False) + "\n")
    elif fmt is Format.TABLE:
        show_tables(shown)
    else:
        show(_transitions(shown), fmt=fmt, columns=_COLUMNS)


@app.command("draw")
def draw_lifecycle(
    lifecycle: NameOrFile,
    svg: Annotated[
        Path | None, typer.Option("--svg", help="Write an SVG file instead: light and dark by itself.")
    ] = None,
) -> None:
    """Draw a lifecycle: states from top to bottom, every step as a line that leads on (right) or back (left)."""
    drawn = read_lifecycle(lifecycle)
    if svg is None:
        draw(drawn)
    else:
        write_svg(drawn, svg)
        note(f"Lifecycle {drawn.name} is drawn in {svg}.")


@app.command("load")
def load_lifecycle(  # noqa: PLR0913  one parameter per option
    file: Annotated[str, typer.Argument(help="A TOML file, or a built-in one: retail, asset, pharma, …")],
    applies_to: AppliesTo = None,
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Put a lifecycle in force for units first seen from now on; returns when every partition has accounted it."""
    lifecycle = read_lifecycle(file).applying_to(applies_to or [])
    contents = [lifecycle.to_json()]
    rows = load(load_settings(), ("LIFECYCLE", lifecycle.name), contents, author_name(author), timeout)
    show(rows, as_json=as_json, fmt=fmt, title=f"lifecycle {lifecycle.name}")


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
