"""The option --home, and the stack that it or SCANLEDGER_HOME names."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.local.home import StackHome
from pipeline.settings import load_settings

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The stack's folder; default SCANLEDGER_HOME or ~/.scanledger.")
]


def stack_home(home: Path | None) -> StackHome:
    """Return the stack that lives in this folder, else in that of the settings."""
    return StackHome(home or load_settings().home)
